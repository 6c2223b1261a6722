// The page as files: small, its own, and without anything a strict policy would have to allow.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'

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
  test('are under 250 KB all told', () => {
    const bytes = loaded.reduce((sum, name) => sum + statSync(new URL(name, PAGE)).size, 0)
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
