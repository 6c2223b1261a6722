// What is under way, by offset, against a plain Map.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UnderWay } from '../../src/core/replication/under-way.ts'
import { pinned } from '../tools/pinned.ts'

interface Item {
  readonly id: number
  readonly dueUs: number
  readonly isLost: boolean
}

const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ set: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 2, arbitrary: fc.record({ remove: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 2, arbitrary: fc.record({ upTo: fc.integer({ min: 0, max: 60 }) }) },
  { weight: 1, arbitrary: fc.constant({ clear: true }) },
)

test('holds what a map by offset would hold', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 100 }), (actions) => {
      const window = new UnderWay<Item>()
      const twin = new Map<number, Item>()
      actions.forEach((one, id) => {
        if ('set' in one) {
          const item = { id, dueUs: (id * 7919) % 1000, isLost: id % 5 === 0 }
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
  const window = new UnderWay<Item>()
  for (let offset = 1; offset <= 50_000; offset++) {
    window.set(offset, { id: offset, dueUs: 0, isLost: false })
    window.deleteUpTo(offset - 10)
  }
  expect(window.size).toBe(10)
  expect([...window.values()].map(({ id }) => id)).toEqual(
    Array.from({ length: 10 }, (_, i) => 49_991 + i),
  )
})

// Blocks are hundreds of offsets long, so offsets go in strides here.
test('says of a run what going through it would say', () => {
  const far = fc.integer({ min: 1, max: 3_000 })
  const change = fc.oneof(
    { weight: 6, arbitrary: fc.record({ set: far, length: fc.integer({ min: 1, max: 1_500 }) }) },
    { weight: 2, arbitrary: fc.record({ remove: far }) },
    { weight: 2, arbitrary: fc.record({ upTo: far }) },
    { weight: 6, arbitrary: fc.record({ from: far, to: far }) },
  )
  fc.assert(
    fc.property(fc.array(change, { maxLength: 25 }), (changes) => {
      const window = new UnderWay<Item>()
      changes.forEach((one, id) => {
        if ('set' in one) {
          for (let offset = one.set; offset < one.set + one.length; offset++) {
            const dueUs = (offset * 7919 + id) % 1_000
            window.set(offset, { id, dueUs, isLost: dueUs % 5 === 0 })
          }
        } else if ('remove' in one) window.delete(one.remove)
        else if ('upTo' in one) window.deleteUpTo(one.upTo)
        else expect(window.stretch(one.from, one.to)).toEqual(goneThrough(window, one.from, one.to))
      })
    }),
    pinned(80),
  )
})

function goneThrough(window: UnderWay<Item>, from: number, to: number) {
  const offsets = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i)
  const items = offsets.flatMap((offset) => window.get(offset) ?? [])
  const latest = (lost: boolean) =>
    Math.max(-1, ...items.filter(({ isLost }) => isLost === lost).map(({ dueUs }) => dueUs))
  return { missing: offsets.length - items.length, dueUs: latest(false), againUs: latest(true) }
}
