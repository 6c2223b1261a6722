// Events as JSON: whole examples of the shapes that change, and rules that hold for every type.

import { describe, expect, expectTypeOf, test } from 'vitest'
import { renderNode, renderStaleness } from '../../src/core/nodes.ts'
import { describeEvent } from '../../src/core/output/describe.ts'
import { type EventJson, renderEvent } from '../../src/core/output/render.ts'
import { EVENT_SAMPLES } from './event-samples.ts'

const START = Date.UTC(2025, 5, 14, 16, 5, 52)

describe('an event as JSON', () => {
  test('carries its record with version and timestamp, and its time in ms', () => {
    expect(renderEvent(EVENT_SAMPLES['write-applied'], START)).toEqual({
      id: 1,
      atMs: 1.5,
      request: 1,
      client: 'default',
      type: 'write-applied',
      replica: 0,
      record: {
        key: 'user:1',
        value: 'Jessica',
        version: '1.1',
        timestamp: '2025-06-14T16:05:52.000Z',
      },
      w: null,
      lags: [0, 1],
      level: 'info',
      group: 'write',
      text: 'Leader wrote key=user:1 value=Jessica',
    })
  })

  test('calls the server end of the network api', () => {
    expect(renderEvent(EVENT_SAMPLES['message-lost'], START)).toMatchObject({ from: 'api', to: 1 })
    expect(renderEvent(EVENT_SAMPLES['network-partitioned'], START)).toMatchObject({
      groups: [['api', 0], [1]],
      forMs: 1,
    })
  })

  test('renders the answers of a read like answers at the door', () => {
    const staleness = { versions: 1, us: 143_250, diverged: true, atLeast: false }
    const answer = { ...EVENT_SAMPLES['read-completed'].answer, record: null, staleness }
    const event = { ...EVENT_SAMPLES['read-completed'], answer, answers: [answer] }
    const json = { replica: 0, role: 'leader', record: null }
    const late = { versions: 1, ms: 143.25, diverged: true }
    expect(renderEvent(event, START)).toMatchObject({
      answer: { ...json, staleness: late },
      answers: [{ ...json, staleness: late }],
    })
  })

  test('keeps null where nothing is known', () => {
    expect(renderEvent(EVENT_SAMPLES['replica-paused'], START)).toMatchObject({ forMs: null })
    expect(renderEvent(EVENT_SAMPLES['copy-refused'], START)).toMatchObject({ record: null })
  })
})

test.each(Object.values(EVENT_SAMPLES))('$type leaves with ms, words and no -1', (event) => {
  const json = renderEvent(event, START)
  expect(json.type).toBe(event.type)
  expect(json.text).toBe(describeEvent(event).text)
  expect(json.atMs).toBe(1.5)
  const text = JSON.stringify(json)
  expect(text).not.toMatch(/Us":/)
  expect(text).not.toMatch(/-1\b(?!\d|-)(?=[,\]}])/)
  expect(text).not.toContain('"writtenUs"')
  expect(JSON.parse(text)).toEqual(json)
})

test('the type of the JSON follows the type of the event', () => {
  type Sent = Extract<EventJson, { type: 'message-sent' }>
  expectTypeOf<Sent['dueMs']>().toEqualTypeOf<number>()
  expectTypeOf<Sent['from']>().toEqualTypeOf<number | 'api'>()
  expectTypeOf<NonNullable<Sent['record']>['version']>().toEqualTypeOf<string>()
  type Read = Extract<EventJson, { type: 'read-completed' }>
  expectTypeOf<Read['answers'][number]['staleness']['ms']>().toEqualTypeOf<number>()
})

test('staleness shows its flags only when they are true', () => {
  const fresh = { versions: 0, us: 0, diverged: false, atLeast: false }
  expect(renderStaleness(fresh)).toEqual({ versions: 0, ms: 0 })
  expect(renderStaleness({ ...fresh, diverged: true, atLeast: true })).toEqual({
    versions: 0,
    ms: 0,
    diverged: true,
    atLeast: true,
  })
})

test('a node is its number, or api', () => {
  expect([renderNode(-1), renderNode(0), renderNode(7)]).toEqual(['api', 0, 7])
})
