// Events are kept by bytes as well: the newest always stays, and the oldest goes with a word to those who come back.

import { expect, test } from 'vitest'
import { BOUNDS } from '../../src/core/bounds.ts'
import { EventRing } from '../../src/http/event-ring.ts'
import { lab } from './lab.ts'

const LARGE = 'x'.repeat(BOUNDS.valueBytesMax)

test('a ring keeps what fits, and never less than the newest', () => {
  const { cluster } = lab()
  const ring = new EventRing()
  cluster.listen((event) => ring.push(event))
  expect(ring.firstIdWithin(0)).toBe(ring.nextId)
  for (let i = 0; i < 5; i++) cluster.write({ key: 'k', value: LARGE }, () => undefined)
  const newest = ring.nextId - 1
  expect(ring.firstIdWithin(0)).toBeLessThanOrEqual(newest)
  ring.dropBefore(ring.firstIdWithin(0))
  expect(ring.length).toBeGreaterThan(0)
  ring.dropBefore(ring.nextId)
  expect([ring.length, ring.bytes]).toEqual([0, 0])
})

test('a lab with little room keeps few large events, and says how much they are', async () => {
  const { cluster, ask } = lab({ cluster: { bytesMax: BOUNDS.bytesMin } })
  for (let i = 0; i < 50; i++) {
    cluster.write({ key: 'k', value: LARGE }, () => undefined)
    cluster.advance({ to: 'idle' })
  }
  const { text } = await ask.get('/metrics')
  const kept = Number(/^replication_lab_event_bytes\{[^}]*\} (\d+)$/m.exec(text)?.[1])
  expect(kept).toBeGreaterThan(0)
  expect(kept).toBeLessThanOrEqual(8 * BOUNDS.valueBytesMax)
})
