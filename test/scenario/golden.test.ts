// Every scenario of test/scenarios, and every bundled story, with its whole trace. `vitest -u` writes the traces
// anew: commit them only with a difference that you can explain.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runFile } from '../../src/scenario/run-file.ts'

const TRACES = new URL('../scenarios/', import.meta.url)
const STORIES = new URL('../../src/scenario/stories/', import.meta.url)

/** The two that show what goes wrong; all others hold what they promise. */
const EXIT_CODES: Readonly<Record<string, number>> = { 'fails.scenario': 1, 'mistakes.scenario': 2 }

function scenariosIn(folder: URL): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.scenario'))
}

describe.each([
  ['stories', STORIES],
  ['scenarios', TRACES],
])('%s', (_, folder) => {
  test.each(scenariosIn(folder))('%s', async (name) => {
    const text = readFileSync(new URL(name, folder), 'utf8')
    const { output, exitCode } = runFile(name, text, { json: false })
    const trace = fileURLToPath(new URL(name.replace('.scenario', '.trace'), TRACES))
    await expect(output).toMatchFileSnapshot(trace)
    expect(exitCode, output).toBe(EXIT_CODES[name] ?? 0)
  })
})
