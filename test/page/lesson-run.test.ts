// How a lesson sets the cluster up, without a browser: whatever the clock did before, time stands still when the
// first question is asked. The two calls it begins with are made on a real cluster.

import { expect, test } from 'vitest'
import { Cluster } from '../../src/core/cluster.ts'
import { LessonRun } from '../../src/page/live/lesson-run.js'
import type { Call } from '../../src/page/model/types.d.ts'

type Session = ConstructorParameters<typeof LessonRun>[0]
type Story = ConstructorParameters<typeof LessonRun>[1]

const STORY = {
  name: 'none',
  title: 'None',
  summary: 'Nothing happens.',
  followers: 2,
  options: [],
  head: '',
  steps: [[{ kind: 'sentence', text: 'Nothing happens.' }]],
} as Story

function callOn(cluster: Cluster, { method, path, body }: Call): void {
  const call = `${method} ${path}`
  if (call === 'POST /reset') cluster.reset('nothing')
  else if (call === 'PUT /clock' && JSON.stringify(body) === '{"mode":"manual"}') {
    cluster.setClock('manual', 1)
  } else throw new Error(`A lesson that only speaks should not ask for ${call}`)
}

test('a lesson stops a clock that a reset sets going again', async () => {
  const cluster = new Cluster({ clock: { mode: 'real', rate: 1 } })
  cluster.write({ key: 'old', value: 'session' }, () => {})
  const act = async (call: Call) => callOn(cluster, call)
  await new LessonRun({ act, changed: () => {} } as unknown as Session, STORY).start()
  expect(cluster.mode).toBe('manual')
  expect(cluster.view().replicas.map(({ keys }) => keys)).toEqual([0, 0, 0])
})
