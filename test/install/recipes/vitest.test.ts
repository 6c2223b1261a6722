// Run by vitest, in a project of its own.

import { type LabMatchers, matchers, startLab } from 'replication-lab'
import { expect, test, vi } from 'vitest'

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: as vitest declares it
  interface Matchers<T = any> extends LabMatchers<T> {}
}
expect.extend(matchers)

test('a write that fails is tried again, a second later', async () => {
  vi.useFakeTimers({ now: 0 })
  await using lab = await startLab({ followers: 2 })
  const alice = lab.client('alice')
  await lab.pause(1, { for: '1500ms' })
  const order = alice
    .writeWithQuorum('order:7', 'paid', { w: 3, timeout: '1s' })
    .catch(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      return alice.writeWithQuorum('order:7', 'paid', { w: 3, timeout: '1s' })
    })
  await lab.advance('4s', { timers: vi })
  expect(await order).toMatchObject({ acknowledgedBy: [0, 1, 2] })
  expect(lab.history()).toBeLinearizable()
  vi.useRealTimers()
})
