// Run by jest 30, in a project of its own.

import { expect, jest, test } from '@jest/globals'
import { matchers, withLab } from 'replication-lab'

expect.extend(matchers)

test(
  'a retry with back-off meets the follower once it has caught up',
  withLab({ followers: 1 }, async (lab) => {
    jest.useFakeTimers({ now: 0 })
    const alice = lab.client('alice')
    await alice.write('user:1', 'Jessica')
    const name = (async () => {
      for (let waitMs = 50; ; waitMs *= 2) {
        try {
          return (await alice.followerRead('user:1', { replica: 1 })).value
        } catch {
          await new Promise((resolve) => setTimeout(resolve, waitMs))
        }
      }
    })()
    await lab.advance('1s', { timers: jest })
    expect(await name).toBe('Jessica')
    expect(lab.history('alice')).not.toReadItsWrites()
    jest.useRealTimers()
  }),
)

test('what fails leaves its session behind', async () => {
  const body = withLab({ seed: 7 }, async (lab) => {
    await lab.client().write('k', 'v')
    throw new Error('mine')
  })
  await expect(body()).rejects.toThrow('mine')
})
