// The README is run: every command, scenario and snippet, every table and every path. `vitest -u` writes
// what came back into it; commit that only if the difference is one you can explain.

import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cut, join } from './markdown.ts'
import { fingerprint } from './png-text.ts'
import { rerun } from './rerun.ts'

const README = 'README.md'
const text = readFileSync(README, 'utf8')

test('cut into pieces and put together again, it is the same', () => {
  expect(join(cut(text))).toBe(text)
})

/** A process is started for each story, and for the first lines of the log. */
const TIMEOUT_MS = 60_000

test('what it shows is what comes back', { timeout: TIMEOUT_MS }, async () => {
  const tally = { commands: 0, outputs: 0 }
  const actual = await rerun(cut(text), tally)
  await expect(join(actual)).toMatchFileSnapshot(`../../${README}`)
  // An empty README would pass too.
  expect(tally.commands).toBeGreaterThan(15)
  expect(tally.outputs).toBeGreaterThan(8)
})

test('no link and no picture leads nowhere', () => {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target as string)
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    anchorOf(heading as string),
  )
  const broken = targets.filter((target) => {
    if (target.startsWith('#')) return !headings.includes(target.slice(1))
    return !/^https?:/.test(target) && !existsSync(target)
  })
  expect(broken).toEqual([])
})

test('the picture was drawn from its source as it is now: npm run picture', () => {
  const picture = readFileSync('basic-architecture.png', 'latin1')
  expect(picture).toContain(fingerprint(readFileSync('src/page/architecture.svg', 'utf8')))
})

/** As GitHub makes them. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(' ', '-')
}
