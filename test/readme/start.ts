// Starts the server as a process of its own, for what only that shows: the lines it greets with.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { runFile } from '../../src/scenario/run-file.ts'

const TIME = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/
const LAST_LINE = /All routes: /

/** What `run FILE` prints, which must end well. */
export function runScenarioFile([, file = '']: readonly string[]): string {
  const { output, exitCode } = runFile(file, readFileSync(file, 'utf8'), { json: false })
  if (exitCode !== 0) throw new Error(`${file} ends with ${exitCode}:\n${output}`)
  return output.trimEnd()
}

/** What it prints in a terminal, as if nobody had port 8080 and it were the afternoon of the README. */
export async function startForReal(args: readonly string[]): Promise<string> {
  const flags = ['--port', '0', '--log-format', 'pretty', '--seed', '7', ...args]
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', ...flags], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  for await (const line of createInterface(child.stdout)) {
    lines.push(line.replace(TIME, '2025/06/14 16:05:52'))
    if (LAST_LINE.test(line)) break
  }
  child.kill()
  await once(child, 'exit')
  return lines.join('\n').replaceAll(/localhost:\d+/g, 'localhost:8080')
}

/** Without what npm and the user's own shell say about options. */
function environment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env)
  return Object.fromEntries(
    entries.filter(([name]) => !/^(npm_|REPLICATION_LAB_|PORT$|HOST$|NODE_OPTIONS$)/.test(name)),
  )
}
