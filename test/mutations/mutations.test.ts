// Every seeded mistake must still be one: its search text occurs exactly once in its file, and is replaced by
// something else. Whether the tests notice it, `npm run mutations` finds out.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { MUTATIONS } from './list.ts'

test.each(MUTATIONS.map((mutation) => [mutation.name, mutation] as const))(
  'applies: %s',
  (_, { file, search, replace }) => {
    const source = readFileSync(new URL(`../../src/core/${file}`, import.meta.url), 'utf8')
    expect(source.split(search)).toHaveLength(2)
    expect(replace).not.toBe(search)
  },
)

test('no two mistakes are the same', () => {
  expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length)
})
