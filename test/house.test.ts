// The house stands as design.md draws it: arrows between the rooms, a pure core, no file too long.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { breaches, type SourceFile } from './tools/house.ts'

const ROOT = new URL('../', import.meta.url)

function sources(): SourceFile[] {
  return readdirSync(new URL('src', ROOT), { recursive: true, encoding: 'utf8' })
    .map((path) => `src/${path.replaceAll('\\', '/')}`)
    .filter((path) => /\.[jt]s$/.test(path) && !path.includes('/vendor/'))
    .map((path) => ({ path, text: readFileSync(new URL(path, ROOT), 'utf8') }))
}

test('the sources keep the rules of the house', () => {
  const files = sources()
  expect(files.length).toBeGreaterThan(100)
  expect(breaches(files)).toEqual([])
})

describe('a breach is told with file and line', () => {
  test.each([
    ['src/core/a.ts', "import { x } from '../http/app.ts'", 'no arrow leads from core to http'],
    ['src/core/a.ts', "export * from '../scenario/run.ts'", 'no arrow leads from core to scenario'],
    ['src/core/a.ts', "const x = await import('../runtime/b.ts')", 'from core to runtime'],
    ['src/core/a.ts', "import {\n  x,\n} from '../runtime/b.ts'", 'from core to runtime'],
    ['src/analysis/a.ts', "import type { X } from '../scenario/b.ts'", 'from analysis to scenario'],
    ['src/scenario/a.ts', "import '../http/b.ts'", 'no arrow leads from scenario to http'],
    ['src/runtime/a.ts', "import { x } from '../http/b.ts'", 'no arrow leads from runtime to http'],
    ['src/http/routes/a.ts', "import { x } from '../../runtime/b.ts'", 'from http to runtime'],
    [
      'src/page/view/a.js',
      "import { x } from '../../core/b.ts'",
      'no arrow leads from page to core',
    ],
    [
      'src/core/network/a.ts',
      "import { x } from '../replica/b.ts'",
      'no arrow leads from core/network to core/replica',
    ],
    [
      'src/core/requests/a.ts',
      "import type { X } from '../output/b.ts'",
      'no arrow leads from core/requests to core/output',
    ],
    ['src/core/a.ts', "import { readFileSync } from 'node:fs'", 'core is pure'],
    ['src/core/a.ts', "import express from 'express'", 'core is pure'],
    ['src/core/a.ts', 'const now = Date.now()', 'uses the wall clock'],
    ['src/core/a.ts', 'const now = new Date()', 'uses the wall clock'],
    ['src/core/a.ts', 'const x = Math.random()', 'uses chance'],
    ['src/analysis/a.ts', 'const x = 2 ** 3', 'uses powers'],
    ['src/core/a.ts', 'setTimeout(f, 1)', 'uses a timer'],
    ['src/core/a.ts', 'async function f() {}', 'nothing simulated awaits'],
    ['src/core/a.ts', 'const x = process.env.X', 'uses the process'],
    ['src/core/a.ts', "const why = 'It is held (POST it)'", 'names an HTTP method'],
    ['src/core/a.ts', 'const why = `Start with --max-keys`', 'names a flag'],
    ['src/scenario/a.ts', "const why = 'Try /heal'", 'names a route'],
    ['src/analysis/a.ts', "const why = '/links/0/1'", 'names a route'],
  ])('%s: %j', (path, text, said) => {
    const found = breaches([{ path, text: `// line 1\n${text}\n` }])
    const line = 1 + text.split('\n').length
    expect(found.some((one) => one.startsWith(`${path}:${line} `) && one.includes(said))).toBe(true)
  })

  test('and so is a file that is too long', () => {
    const file = { path: 'src/http/a.ts', text: 'x\n'.repeat(321) }
    expect(breaches([file])).toEqual(['src/http/a.ts:321 has more than 320 lines'])
  })
})

describe('files that import one another are a breach', () => {
  test.each([
    ['at once', { a: "import { x } from './b.ts'", b: "import { y } from './a.ts'" }],
    [
      'for types only',
      { a: "import type { X } from './b.ts'", b: "import type { Y } from './a.ts'" },
    ],
    [
      'round a corner',
      {
        a: "import { x } from './b.ts'",
        b: "export * from './c.ts'",
        c: "const { y } = await import('./a.ts')",
      },
    ],
  ])('%s', (_how, texts) => {
    const files = Object.entries(texts).map(([name, text]) => ({
      path: `src/http/${name}.ts`,
      text,
    }))
    const way = files.map(({ path }) => path)
    const circle = [...way, way[0]].join(' imports ')
    expect(breaches(files)).toEqual([`${way.at(-1)}:1 closes a circle: ${circle}`])
  })

  test('but two ways to one file are no circle', () => {
    const files = [
      { path: 'src/http/a.ts', text: "import './b.ts'\nimport './c.ts'" },
      { path: 'src/http/b.ts', text: "import './c.ts'" },
      { path: 'src/http/c.ts', text: '' },
    ]
    expect(breaches(files)).toEqual([])
  })
})

test('a core with too many loose files is a breach', () => {
  const files = Array.from({ length: 31 }, (_, i) => ({ path: `src/core/a${i}.ts`, text: '' }))
  expect(breaches(files)).toEqual(['src/core has 31 loose files, more than 30'])
})

test('what is allowed is no breach', () => {
  const text = [
    "import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'",
    "import { x } from './b.ts'",
    '// A power, 2 ** 3, and Date.now() in a comment.',
    '/** Neither is Math.random() here. */',
    'export const iso = new Date(startMs).toISOString()',
  ].join('\n')
  expect(breaches([{ path: 'src/core/a.ts', text }])).toEqual([])
  const types = "import type { EventJson } from '../../core/render.ts'"
  expect(breaches([{ path: 'src/page/model/types.d.ts', text: types }])).toEqual([])
  const main = "import { x } from './page/b.js'\nimport { y } from './http/app.ts'"
  expect(breaches([{ path: 'src/main.ts', text: main }])).toEqual([])
})
