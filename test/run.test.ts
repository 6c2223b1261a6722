// The sub-command `run FILE`: what may be written behind it, and a few real processes for the files.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, inject, test } from 'vitest'
import { isRun, readRun } from '../src/options/run.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const STORIES = 'src/scenario/stories'

const line = (args: readonly string[], env: Record<string, string> = {}) => ({
  args: ['run', ...args],
  env,
  directory: '/home/ann',
})

describe('the command line', () => {
  test('names one file, and may ask for JSON', () => {
    expect(isRun(line(['a.scenario']))).toBe(true)
    expect(isRun({ ...line([]), args: ['--port', '9'] })).toBe(false)
    expect(readRun(line(['a.scenario']))).toEqual({
      kind: 'run',
      file: 'a.scenario',
      path: '/home/ann/a.scenario',
      json: false,
    })
    expect(readRun(line(['--json', '/data/a']))).toMatchObject({ path: '/data/a', json: true })
    expect(readRun(line(['-']))).toMatchObject({ file: '-', path: null })
    expect(readRun(line(['a', '--help']))).toEqual({ kind: 'help' })
  })

  test('under npm the file is looked for where the user stands', () => {
    const env = { npm_package_json: '/home/ann/package.json', INIT_CWD: '/home/ann/stories' }
    expect(readRun(line(['a'], env))).toMatchObject({ path: '/home/ann/stories/a' })
  })

  test.each([
    [[], 'run needs a scenario: run FILE, or run - to read one'],
    [['a', 'b'], '"b" is not expected here: run takes one FILE'],
    [['a', '--jsn'], 'there is no --jsn for run; did you mean --json?'],
    [['a', '--seed=7'], 'there is no --seed=7 for run: options of the cluster stand in the file'],
  ])('%j is refused', (args, problem) => {
    expect(readRun(line(args))).toEqual({ kind: 'refused', problems: [problem] })
  })

  test('--json that npm kept for itself is asked for again', () => {
    const env = { npm_lifecycle_event: 'start', npm_config_json: 'true' }
    expect(readRun(line(['a b'], env))).toMatchObject({
      problems: ["npm kept --json for itself: write npm start -- run 'a b' --json"],
    })
    expect(readRun(line(['a', '--json'], env))).toMatchObject({ kind: 'run', json: true })
  })
})

describe('a real process', () => {
  function run(args: readonly string[], input = '') {
    const all = [join(inject('built'), 'dist/main.js'), 'run', ...args]
    const { status, stdout, stderr } = spawnSync(process.execPath, all, {
      cwd: ROOT,
      encoding: 'utf8',
      input,
      env: { PATH: process.env.PATH ?? '' },
    })
    return { status, stdout, stderr }
  }

  test('prints the trace of a file, and exits 0 when all is as it says', () => {
    const { status, stdout, stderr } = run([`${STORIES}/too-early-read.scenario`])
    expect(stdout).toMatch(/^# Reading a follower right after a write\./)
    expect(stdout).toMatch(/All 10 expectations hold\.\nSimulated time: 10500 ms\.\n$/)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  test('reads its input, and exits 1 when something is not as it says', () => {
    const { status, stdout } = run(['-', '--json'], 'read user:1 -> Jessica\n')
    expect(stdout).toContain('"why":"expected Jessica, but it is key-not-found"')
    expect(status).toBe(1)
  })

  test('exits 2 for what is no scenario, and says so where errors go', () => {
    const { status, stdout, stderr } = run(['-'], 'wirte user:1 Jessica\n')
    expect(stderr).toMatch(/^stdin:1:1: there is no command wirte; did you mean write\?/)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  })

  test.each([
    ['nowhere.scenario', /^Cannot read nowhere\.scenario \(.*\): there is no such file\.\n$/],
    [STORIES, /: it is a folder\.\n$/],
    ['basic-architecture.png', /: it is not UTF-8 text\.\n$/],
  ])('exits 2 for %s, which cannot be read', (file, message) => {
    const { status, stderr } = run([file])
    expect(stderr).toMatch(message)
    expect(status).toBe(2)
  })
})
