// Starts the server as a process of its own, for what only that shows: the lines it greets with.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const TIME = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/
const LAST_LINE = /All routes: /

/** What it prints in a terminal, as if nobody had port 8080 and it were the afternoon of the README. */
export async function startForReal(args: readonly string[]): Promise<string> {
  const flags = ['--port', '0', '--log-format', 'pretty', '--seed', '7', ...args]
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm_|REPLICATION_LAB_|PORT$|HOST$)/.test(name),
    ),
  )
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', ...flags], {
    env,
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
