// What a first and a second signal mean, with and without npm in between.

import { expect, test } from 'vitest'
import { StopSignals } from '../../src/runtime/stop-signals.ts'

function signals(hasEcho: boolean) {
  const wall = { nowMs: 5_000 }
  return { wall, signals: new StopSignals(hasEcho, () => wall.nowMs) }
}

test('the first ends in order, the second at once, however soon it follows', () => {
  const { signals: heard } = signals(false)
  expect([heard.heard(), heard.heard()]).toEqual(['end', 'end-at-once'])
})

test('under npm, one that follows on the heels of the first is the same Ctrl-C', () => {
  const { signals: heard, wall } = signals(true)
  expect(heard.heard()).toBe('end')
  wall.nowMs += 5
  expect(heard.heard()).toBe('echo')
  wall.nowMs += 400
  expect(heard.heard()).toBe('end-at-once')
})
