// The library as a suite of tests meets it: how long the import takes beside one of as many empty modules, how long a
// lab takes to start, and a hundred tests with a lab each, all in processes of their own.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { NPM } from '../tools/npm.ts'
import { median, milliseconds, type Row } from './table.ts'

const ROUNDS = 5
const IMPORT_MAX_MS = 100
const START_MAX_MS = 5
const SUITE_MAX_MS = 3_000
const TESTS = 100

/** A process of its own tells how long it took. */
const TIMED = `
const began = performance.now()
const { startLab } = await import(process.argv[1])
const imported = performance.now() - began
const start = performance.now()
if (startLab) await (await startLab()).close()
console.log(JSON.stringify([imported, performance.now() - start]))
`

const SUITE = `
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withLab } from 'replication-lab'
for (let i = 0; i < ${TESTS}; i++) {
  test('test ' + i, withLab({ seed: i }, async (lab) => {
    const alice = lab.client('alice')
    await lab.hold(0, 1)
    await alice.write('k', 'v')
    const order = alice.writeWithQuorum('order', 'paid', { w: 2, timeout: '1s' })
    await lab.advance('500ms')
    assert.deepEqual((await order).acknowledgedBy, [0, 2])
    await assert.rejects(alice.followerRead('k', { replica: 1 }), { code: 'key-not-found' })
  }))
}
`

export async function benchLibrary(): Promise<Row[]> {
  execFileSync(NPM, ['run', '--silent', 'build'])
  const folder = mkdtempSync(join(tmpdir(), 'library-'))
  try {
    const library = resolve('dist/lab/library.js')
    const modules = modulesOf(library)
    const empty = emptyModules(folder, modules)
    const [ours, theirs, starts] = [[] as number[], [] as number[], [] as number[]]
    for (let round = 0; round < ROUNDS; round++) {
      const [imported = 0, started = 0] = timed(library)
      ours.push(imported)
      starts.push(started)
      theirs.push(timed(empty)[0] ?? 0)
    }
    const suiteMs = suite(folder)
    return [
      {
        what: `import of the library, ${modules} modules`,
        ratio: median(ours) / IMPORT_MAX_MS,
        aim: 'below 1',
        measured: milliseconds(median(ours)),
        limit: `${milliseconds(IMPORT_MAX_MS)}; as many empty modules ${milliseconds(median(theirs))}`,
      },
      {
        what: 'startLab and close, the first of a process',
        ratio: median(starts) / START_MAX_MS,
        aim: 'below 1',
        measured: milliseconds(median(starts)),
        limit: milliseconds(START_MAX_MS),
      },
      {
        what: `${TESTS} tests with a lab each, by node:test, the process and all`,
        ratio: suiteMs / SUITE_MAX_MS,
        aim: 'below 1',
        measured: milliseconds(suiteMs),
        limit: milliseconds(SUITE_MAX_MS),
      },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function timed(module: string): number[] {
  const args = ['--input-type=module', '--eval', TIMED, module]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as number[]
}

function suite(folder: string): number {
  const project = join(folder, 'node_modules')
  mkdirSync(project)
  symlinkSync(resolve('.'), join(project, 'replication-lab'))
  writeFileSync(join(folder, 'suite.test.mjs'), SUITE)
  const began = performance.now()
  execFileSync(process.execPath, ['--test', 'suite.test.mjs'], { cwd: folder })
  return performance.now() - began
}

/** How many files an import of this one loads. */
function modulesOf(file: string, seen = new Set<string>()): number {
  if (seen.has(file)) return seen.size
  seen.add(file)
  const imports = readFileSync(file, 'utf8').matchAll(
    /^(?:import|export)\s[^'"]*?from '(\.[^']+)'/gm,
  )
  for (const [, target = ''] of imports) modulesOf(join(dirname(file), target), seen)
  return seen.size
}

/** A module that imports so many that hold nothing. */
function emptyModules(folder: string, modules: number): string {
  const lines: string[] = []
  for (let i = 0; i < modules; i++) {
    writeFileSync(join(folder, `m${i}.mjs`), 'export {}\n')
    lines.push(`import './m${i}.mjs'\n`)
  }
  writeFileSync(join(folder, 'all.mjs'), lines.join(''))
  return join(folder, 'all.mjs')
}
