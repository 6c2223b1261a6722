// The window of offsets under way, against a plain Map.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OffsetWindow } from '../../src/core/replication/offset-window.ts'
import { pinned } from '../tools/pinned.ts'

const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ set: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 2, arbitrary: fc.record({ remove: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 2, arbitrary: fc.record({ upTo: fc.integer({ min: 0, max: 60 }) }) },
  { weight: 1, arbitrary: fc.constant({ clear: true }) },
)

test('holds what a map by offset would hold', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 100 }), (actions) => {
      const window = new OffsetWindow<{ readonly id: number }>()
      const twin = new Map<number, { readonly id: number }>()
      actions.forEach((one, id) => {
        if ('set' in one) {
          const item = { id }
          window.set(one.set, item)
          twin.set(one.set, item)
        } else if ('remove' in one) {
          window.delete(one.remove)
          twin.delete(one.remove)
        } else if ('upTo' in one) {
          window.deleteUpTo(one.upTo)
          for (const offset of [...twin.keys()]) if (offset <= one.upTo) twin.delete(offset)
        } else {
          window.clear()
          twin.clear()
        }
        expect(window.size).toBe(twin.size)
        for (let offset = 0; offset <= 62; offset++) {
          expect(window.get(offset)).toBe(twin.get(offset))
        }
      })
      const inOrder = [...twin].sort(([a], [b]) => a - b).map(([, item]) => item)
      expect([...window.values()]).toEqual(inOrder)
    }),
    pinned(100),
  )
})

test('keeps only what is under way, however far the offsets have come', () => {
  const window = new OffsetWindow<{ readonly id: number }>()
  for (let offset = 1; offset <= 50_000; offset++) {
    window.set(offset, { id: offset })
    window.deleteUpTo(offset - 10)
  }
  expect(window.size).toBe(10)
  expect([...window.values()].map(({ id }) => id)).toEqual(
    Array.from({ length: 10 }, (_, i) => 49_991 + i),
  )
})
