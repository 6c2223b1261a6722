// What is legal, at its very bounds. That routes, scenarios, flags and the write-ahead file ask here is for their own
// tests; the table of cluster options is held against the options themselves.

import { describe, expect, test } from 'vitest'
import { DEFAULT_OPTIONS } from '../../src/core/options.ts'
import {
  CLUSTER_OPTIONS,
  clientFault,
  keyFault,
  NUMBER_MAX,
  readWhole,
  valueFault,
} from '../../src/core/text/legal.ts'

describe('a key', () => {
  test.each(['a', '__proto__', ' ', 'k'.repeat(256), 'é'.repeat(128), '😀'.repeat(64)])(
    'may be %j',
    (key) => expect(keyFault(key)).toBeUndefined(),
  )

  test.each([
    ['', 'must not be empty: 1 to 256 bytes of text'],
    ['k'.repeat(257), 'is longer than 256 bytes'],
    [`${'é'.repeat(128)}a`, 'is longer than 256 bytes'],
    [`${'😀'.repeat(64)}a`, 'is longer than 256 bytes'],
    [`${'€'.repeat(85)}ab`, 'is longer than 256 bytes'],
    ['\ud800', 'holds half of a surrogate pair'],
    ['a\nb', 'holds a control character'],
  ])('may not be %j', (key, fault) => expect(keyFault(key)).toContain(fault))
})

test('a value may be empty and hold any character, up to 64 KiB of UTF-8', () => {
  expect(valueFault('')).toBeUndefined()
  expect(valueFault('a\u0000\n')).toBeUndefined()
  expect(valueFault('é'.repeat(32_768))).toBeUndefined()
  expect(valueFault(`${'é'.repeat(32_768)}a`)).toBe('is longer than 65536 bytes (64 KiB)')
  expect(valueFault('\udc00')).toContain('half of a surrogate pair')
})

test("a client's name has 1 to 64 characters, none of them a control character", () => {
  expect(clientFault('Zoë 3')).toBeUndefined()
  expect(clientFault('x'.repeat(64))).toBeUndefined()
  for (const name of ['', 'x'.repeat(65), 'a\tb']) expect(clientFault(name)).toBeDefined()
})

test('a number is written in plain digits, and at most as many as are exact', () => {
  expect(readWhole('0')).toBe(0)
  expect(readWhole(String(NUMBER_MAX))).toBe(NUMBER_MAX)
  for (const text of ['', '01', '-1', '+1', '1.0', '1e2', '0x10', ' 1', String(NUMBER_MAX + 1)]) {
    expect(readWhole(text)).toBeUndefined()
  }
})

test('each option of a cluster is in the table once, with its default', () => {
  const { startTimeMs, clock, ...rest } = DEFAULT_OPTIONS
  const rows = Object.values(CLUSTER_OPTIONS).map(({ key, fallback }) => [key, fallback])
  expect(rows).toHaveLength(Object.keys(rest).length)
  expect(Object.fromEntries(rows)).toEqual(rest)
})
