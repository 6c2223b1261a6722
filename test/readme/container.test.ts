// The container recipe, without a container: its variables and its command, as process 1 of a namespace of its own where
// the machine lets us make one.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'

const RECIPE = readFileSync(new URL('container.sh', import.meta.url), 'utf8')
const AS_PROCESS_1 = ['unshare', '--pid', '--fork', '--mount-proc']

function canUnshare(): boolean {
  try {
    const [command = '', ...args] = AS_PROCESS_1
    execFileSync(command, [...args, 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** The process below `unshare`, which itself passes no signal on. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim())
}

test('the recipe for containers asks for its token, and ends on SIGTERM as process 1', async () => {
  const variables = [...RECIPE.matchAll(/-e (\w+)=(\S+)/g)].map(([, name, value]) => [name, value])
  expect(variables).toHaveLength(3)
  const [, command = ''] = /sh -c 'npm ci && (.*)'/.exec(RECIPE) ?? []
  expect(command).toMatch(/^exec node /)
  const isProcess1 = canUnshare()
  const [file = '', ...args] = [...(isProcess1 ? AS_PROCESS_1 : []), 'sh', '-c', command]
  // Port 8080 may be somebody else's here.
  const env = {
    PATH: process.env.PATH,
    REPLICATION_LAB_PORT: '0',
    ...Object.fromEntries(variables),
  }
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const pid = child.pid as number
  let url = ''
  for await (const line of createInterface(child.stdout)) {
    url ||= /Application running at (http:\/\/[^/]+)\/\?token=open-sesame/.exec(line)?.[1] ?? ''
    if (/All routes/.test(line)) break
  }
  const headers = { Authorization: 'Bearer open-sesame' }
  expect((await fetch(`${url}/cluster`)).status).toBe(401)
  expect((await fetch(`${url}/cluster`, { headers })).status).toBe(200)
  process.kill(isProcess1 ? childOf(pid) : pid, 'SIGTERM')
  const [code] = await once(child, 'exit')
  expect(code).toBe(0)
})
