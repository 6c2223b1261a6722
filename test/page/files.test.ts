// The page as files: small, its own, and without anything a strict policy would have to allow.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { linkModules, readPageFiles } from '../../src/http/page-files.ts'

const PAGE = new URL('../../src/page/', import.meta.url)
const TOTAL_BYTES_MAX = 250_000
const SCREENSHOT_BYTES_MAX = 150_000

const names = readdirSync(PAGE, { recursive: true, encoding: 'utf8' }).map((name) =>
  name.replaceAll('\\', '/'),
)
const loaded = names.filter((name) => /\.(html|js|css)$/.test(name))

function textOf(name: string): string {
  return readFileSync(new URL(name, PAGE), 'utf8')
}

describe("the page's files", () => {
  test('are under 250 KB for the first view: its document, its scripts and one sheet', () => {
    const { document, files } = readPageFiles(PAGE)
    const markup = document('../../')
    const named = [...markup.matchAll(/(?:href|src)="\.\.\/\.\.(\/[^"]*)"/g)].map(
      ([, path]) => path,
    )
    expect(named.map((path) => path?.replace(/^\/assets\/[\w-]{16}/, ''))).toEqual([
      '/page.css',
      '/live/connections.js',
      '/main.js',
    ])
    const texts = [markup, ...named.map((path) => files.get(path ?? '') ?? '')]
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
    expect(bytes).toBeGreaterThan(100_000)
    expect(bytes).toBeLessThan(TOTAL_BYTES_MAX)
  })

  test('name nothing that lies elsewhere, and hold no inline script or style', () => {
    for (const name of loaded.filter((one) => !one.startsWith('vendor/'))) {
      expect([
        name,
        textOf(name).match(/https?:\/\/(?!www\.w3\.org\/2000\/svg)[^\s'"`]+/g),
      ]).toEqual([name, null])
    }
    const markup = textOf('index.html')
    expect(markup).not.toMatch(/<style|style=|\son\w+=|<script(?! src=)/)
  })

  test('make no markup of text', () => {
    for (const name of loaded.filter((one) => one.endsWith('.js') && !one.startsWith('vendor/'))) {
      expect([
        name,
        /innerHTML|outerHTML|insertAdjacentHTML|dangerouslySet|document\.write/.test(textOf(name)),
      ]).toEqual([name, false])
    }
  })

  test('what is vendored is what its package holds', () => {
    // Its exports do not name this file, which is the one that a browser can load.
    const beside = createRequire(import.meta.url).resolve('htm/preact')
    const packaged = join(dirname(beside), 'standalone.module.js')
    expect(textOf('vendor/preact-htm.js')).toBe(readFileSync(packaged, 'utf8'))
  })

  test('a screenshot for the README is there, and small', () => {
    expect(statSync(new URL('screenshot.png', PAGE)).size).toBeLessThan(SCREENSHOT_BYTES_MAX)
  })
})

describe('modules in one script', () => {
  const link = (modules: Record<string, string>) => linkModules(new Map(Object.entries(modules)))
  const run = async (script: string | undefined) =>
    (await import(`data:text/javascript,${encodeURIComponent(script ?? '')}`)).modules

  test('each run once, behind those they need, with names of their own', async () => {
    const files = link({
      'main.js': `import { one as first } from './a/one.js'
import {
  two,
} from './a/two.js'
const own = 1
export const sum = [own, first, two()]
export const later = () => import('./a/later.js')`,
      'a/one.js': `const own = 2\nexport const one = own\n`,
      'a/two.js': `import { one } from './one.js'\nexport function two() {\n  return one + 1\n}`,
      'a/later.js': `import { one } from './one.js'\nimport { more } from './more.js'\nexport { one }`,
      'a/more.js': 'export const more = 1',
    })
    expect([...files.keys()]).toEqual(['main.js', 'a/later.js', 'a/more.js'])
    expect((await run(files.get('main.js')))['main.js'].sum).toEqual([1, 2, 3])
    expect(files.get('main.js')).toContain("import('./a/later.js')")
    expect(files.get('a/later.js')).toBe(`import { modules } from '../main.js'
const { one } = modules['a/one.js']
import { more } from './more.js'
export { one }`)
  })

  test.each([
    [
      'a circle',
      { 'b.js': "import { main } from './main.js'" },
      /circle: main\.js, b\.js, main\.js/,
    ],
    ['a module that is not there', { 'b.js': "import { c } from './c.js'" }, /no main\.js.*c\.js/],
    ['another form of export', { 'b.js': 'export default 1' }, /b\.js .*export default 1/],
    ['another form of import', { 'b.js': "import * as c from './b.js'" }, /b\.js .*import \* as c/],
  ])('with %s are refused at the start', (_what, more, message) => {
    expect(() => link({ 'main.js': "import { b } from './b.js'", ...more })).toThrow(message)
  })
})
