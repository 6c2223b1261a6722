// Compiled strictly against the package alone: nobody else's types are there.

import type { ClusterAnswer, LabMatchers, QuorumWriteAnswer, ReadAnswer } from 'replication-lab'
import {
  compareVersions,
  createCluster,
  LabError,
  matchers,
  startLab,
  withLab,
} from 'replication-lab'
import { createApp, createHttpServer } from 'replication-lab/http'

export async function example(): Promise<string> {
  const lab = await startLab({ followers: 2, quorumTimeout: '1s', clock: 'manual' })
  const alice = lab.client('alice')
  const order: QuorumWriteAnswer = await alice.writeWithQuorum('k', 'v', { w: 2, timeoutMs: 1000 })
  await lab.hold(0, 'api' as const, { key: 'k', for: '1s' })
  await lab.advance({ until: { replica: 1, version: order.version } })
  const read: ReadAnswer = await alice.followerRead('k', { replica: 1 })
  const view: ClusterAnswer = lab.view()
  const left: number | null = read.copy.dueInMs
  await lab.withFault(
    (f) => f.crash(2, { keepData: true }),
    () => alice.read('k'),
  )
  try {
    await lab.failover({ to: 1, force: true })
  } catch (error) {
    if (error instanceof LabError && error.code === 'candidate-behind') return error.detail
  }
  const { verdict, witness } = lab.check('read-your-writes', { client: 'alice' })
  await lab.close()
  return [verdict, witness.length, left, view.leader, compareVersions('1.1', '1.2')].join()
}

createHttpServer(createApp({ cluster: createCluster({ clock: 'instant' }) })).listen(0)
export const test: () => Promise<void> = withLab({ seed: 1 }, (lab) => lab.reset({ keep: 'data' }))
export const names: readonly (keyof LabMatchers)[] = ['toBeLinearizable', 'toReadItsWrites']
export const extend: object = matchers

export async function wrong() {
  const lab = await startLab()
  // @ts-expect-error: one of the two
  void lab.crash(1, { for: '1s', forMs: 1000 })
  // @ts-expect-error: there is no such field
  void lab.hold(0, 1, { forMS: 500 })
  // @ts-expect-error: the replica must be said
  void lab.client().followerRead('k', {})
  // @ts-expect-error: a duration in words
  void lab.client().writeWithQuorum('k', 'v', { timeout: 1000 })
  // @ts-expect-error: there is no such setting
  void startLab({ folowers: 2 })
}
