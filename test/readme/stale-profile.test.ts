// The README's example of a test with a lab, run as it stands there.

import { expect, test } from 'vitest'
import { type Client, type LabError, startLab } from '../../src/index.ts'

/** The code under test: it reads from a follower, to spare the leader. */
function nameOf(store: Client, user: string): Promise<string> {
  return store.followerRead(user, { replica: 1 }).then(
    ({ value }) => value,
    ({ code }: LabError) => (code === 'key-not-found' ? 'nobody' : Promise.reject(code)),
  )
}

test('a new name is not shown before the follower has it', async () => {
  await using lab = await startLab({ followers: 2 })
  const alice = lab.client('alice')
  const { version } = await alice.write('user:1', 'Jessica')
  // Time stands still, so this is stale on every machine, on every run.
  expect(await nameOf(alice, 'user:1')).toBe('nobody')
  await lab.advance({ until: { replica: 1, version } })
  expect(await nameOf(alice, 'user:1')).toBe('Jessica')

  await lab.hold(0, 1)
  const order = alice.writeWithQuorum('order:7', 'paid', { w: 2, timeout: '1s' })
  await lab.advance('500ms')
  expect(await order).toMatchObject({ acknowledgedBy: [0, 2] })
  await lab.withFault(
    (f) => f.crash(2),
    async () => expect(await nameOf(alice, 'user:1')).toBe('Jessica'),
  )
})
