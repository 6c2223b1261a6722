// Starts the program as a process of its own, for what only that shows: the lines it greets with, and what
// its sub-commands print.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { inject } from 'vitest'

const TIME = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/
/** As much as the machine has to give. */
const MEMORY = / \d+ MiB /
const LAST_LINE = /All routes: /

/** What `run FILE` prints, which must end well. */
export async function runForReal(args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [main(), ...args], {
    env: environment(),
  })
  return stdout.trimEnd()
}

/** What it prints in a terminal, as if nobody had port 8080 and it were the afternoon of the README. */
export async function startForReal(args: readonly string[]): Promise<string> {
  const flags = ['--port', '0', '--log-format', 'pretty', '--seed', '7', ...args]
  const child = spawn(process.execPath, [main(), ...flags], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  for await (const line of createInterface(child.stdout)) {
    const asThere = line.replace(TIME, '2025/06/14 16:05:52').replace(MEMORY, ' 1036 MiB ')
    lines.push(asThere)
    if (LAST_LINE.test(line)) break
  }
  child.kill()
  await once(child, 'exit')
  return lines.join('\n').replaceAll(/localhost:\d+/g, 'localhost:8080')
}

function main(): string {
  return join(inject('built'), 'dist/main.js')
}

/** Without what npm and the user's own shell say about options. */
function environment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env)
  return Object.fromEntries(
    entries.filter(([name]) => !/^(npm_|REPLICATION_LAB_|PORT$|HOST$|NODE_OPTIONS$)/.test(name)),
  )
}
