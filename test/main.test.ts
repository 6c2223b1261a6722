// Real processes: how the server starts, refuses to start, and ends. What is asserted is order, words and
// exit codes, never how long anything took. Few, because each costs a start.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, inject, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** As built; npm and the launcher start the sources. */
const MAIN = [join(inject('built'), 'dist/main.js')]
/** They start side by side, and a busy machine lets them wait: only what hangs should fail. */
const PATIENCE_MS = 60_000

/** A process, its lines so far, and the ones to come. */
class Run {
  readonly lines: string[] = []
  errors = ''
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  readonly child: ChildProcess
  #wake = () => {}

  constructor(command: string, args: readonly string[], env: Record<string, string> = {}) {
    this.child = spawn(command, args, { cwd: ROOT, env: { ...cleanEnvironment(), ...env } })
    runs.push(this)
    const { stdout, stderr } = this.child
    if (!stdout || !stderr) throw new Error('the process has no output')
    createInterface(stdout).on('line', (line) => {
      this.lines.push(line)
      this.#wake()
    })
    stderr.on('data', (chunk) => {
      this.errors += chunk
    })
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      this.#wake()
      return { code, signal }
    })
  }

  /** The first line, from now or before, that contains the text. */
  async line(text: string): Promise<string> {
    for (;;) {
      const found = this.lines.find((line) => line.includes(text))
      if (found !== undefined) return found
      const { stdout, exitCode } = this.child
      if (exitCode !== null && stdout?.readableEnded) throw new Error(`never said ${text}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async url(): Promise<string> {
    return /http:\S+/.exec(await this.line('Application running at'))?.[0] ?? ''
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }
}

const runs: Run[] = []
afterAll(() => {
  for (const run of runs) if (run.child.exitCode === null) run.kill('SIGKILL')
})

/** Without what npm and the user's own shell say about ports and options. */
function cleanEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|REPLICATION_LAB_|INIT_CWD$|PORT$|HOST$|NODE_OPTIONS$|VITEST)/.test(name),
  )
  return Object.fromEntries(kept) as Record<string, string>
}

function start(...args: readonly string[]): Run {
  return new Run(process.execPath, [...MAIN, '--port', '0', '--log-format', 'pretty', ...args])
}

function write(url: string, path: string, body: object): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' }
  return fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
}

describe.concurrent('a server that runs', { timeout: PATIENCE_MS }, () => {
  test('says where it runs first, offers a command that works, and needs no reader', async () => {
    const run = start('--seed', '7')
    const url = await run.url()
    const offer = await run.line('Try: ')
    await run.line('All routes: ')

    const words = run.lines.map((line) => line.replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /, ''))
    expect(words[0]).toBe(`Application running at ${url}`)
    expect(words[1]).toBe('Replica 0 leads 2 followers, clock real at rate 1, seed 7')
    const [, target, header, body] = /curl (\S+) -H '(.*)' -d '(.*)'$/.exec(offer) ?? []
    const [name = '', value = ''] = header?.split(': ') ?? []
    const answer = await fetch(String(target), {
      method: 'POST',
      headers: { [name]: value },
      body: String(body),
    })
    expect(answer.status).toBe(200)
    expect(await (await fetch(`${url}/cluster`)).json()).toMatchObject({ seed: 7, leader: 0 })
    await run.line('Leader wrote key=user:1 value=Jessica')
    await run.line('[ASYNC] Replicated key=user:1 to follower 1')

    // Nobody reads its log any more: that is no reason to end.
    run.child.stdout?.destroy()
    for (const key of ['a', 'b', 'c']) {
      expect((await write(url, '/write', { key, value: key })).status).toBe(200)
    }
    run.kill('SIGTERM')
    expect(await once(run.child, 'exit')).toEqual([0, null])
  })

  test('interrupted, it answers those who wait with 503 and ends their streams', async () => {
    const run = start('--clock', 'manual')
    const url = await run.url()
    const stream = await fetch(`${url}/events`)
    const waiting = write(url, '/write-with-quorum', { key: 'a', value: 'b', w: 3 })
    await run.line('Leader wrote key=a')

    run.kill('SIGINT')
    const answer = await waiting
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ code: 'shutting-down', outcome: 'unknown' })
    await stream.text()
    expect(await run.ended).toEqual({ code: 0, signal: null })
  })

  test('interrupted twice, it ends at once, whatever is under way', async () => {
    const run = start()
    const { hostname, port } = new URL(await run.url())
    const slow = connect(Number(port), hostname).on('error', () => {})
    slow.write(
      'POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
        'Content-Length: 100\r\nExpect: 100-continue\r\n\r\n',
    )
    await once(slow, 'data')

    run.kill('SIGINT')
    await run.line('Stopping on SIGINT; once more stops at once')
    run.kill('SIGINT')
    expect(await run.ended).toEqual({ code: 130, signal: null })
    expect(run.lines.at(-1)).not.toContain('Stopped')
  })

  test('killed, it finds its writes in the write-ahead file when it starts again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'replication-lab-'))
    const wal = ['--wal', join(folder, 'lab.wal')]
    const first = start(...wal)
    await write(await first.url(), '/write', { key: 'user:xyz', value: 'Monzo' })
    first.kill('SIGKILL')
    await first.ended

    const second = start(...wal)
    const answer = await fetch(`${await second.url()}/read?key=user:xyz`)
    expect(await answer.json()).toMatchObject({ value: 'Monzo', version: '1.1' })
    await second.line('[WAL REPLAY] Restored key=user:xyz value=Monzo')
    second.kill('SIGTERM')
    expect((await second.ended).code).toBe(0)
    expect(await readdir(folder)).toEqual(['lab.wal'])
    await rm(folder, { recursive: true })
  })

  test('ends with an error when something throws where nobody catches it', async () => {
    const bug = "process.on('SIGUSR2', () => { throw new Error('boom') })"
    const preload = ['--import', `data:text/javascript,${encodeURIComponent(bug)}`]
    const run = new Run(process.execPath, [...preload, ...MAIN, '--port', '0'])
    await run.url()
    run.kill('SIGUSR2')
    expect(await run.ended).toEqual({ code: 1, signal: null })
    expect(JSON.parse(run.lines.at(-1) ?? '')).toMatchObject({
      level: 'fatal',
      err: { message: 'boom' },
    })
  })
})

describe.concurrent('a server that does not start', { timeout: PATIENCE_MS }, () => {
  test('because its port is taken: one line that names the port and the flag, and exit 1', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const run = new Run(process.execPath, [...MAIN, '--port', String(port)])
    expect(await run.ended).toEqual({ code: 1, signal: null })
    expect(run.errors).toBe(
      `Port ${port} is in use: choose another one with --port, or --port 0 for any free one.\n`,
    )
    expect(run.lines.join()).not.toContain('running')
    other.close()
  })

  test('because options are wrong: all of them are named, and exit 2', async () => {
    const run = new Run(process.execPath, [...MAIN, '--prot', '9', '--followers', '0'])
    expect(await run.ended).toEqual({ code: 2, signal: null })
    expect(run.errors.split('\n')).toEqual([
      'there is no --prot; did you mean --port?',
      '--followers: must be a whole number from 1 to 100, not "0"',
      '--help shows all options.',
      '',
    ])
    expect(run.lines).toEqual([])
  })

  test('because it was asked for help', async () => {
    const run = new Run(process.execPath, [...MAIN, '--help'])
    expect(await run.ended).toEqual({ code: 0, signal: null })
    expect(run.lines[0]).toContain('Usage: replication-lab [serve] [options]')
    expect(run.errors).toBe('')
  })

  test('because it was asked for help with scenarios', async () => {
    const run = new Run(process.execPath, [...MAIN, 'run', '--help'])
    expect(await run.ended).toEqual({ code: 0, signal: null })
    expect(run.lines[0]).toContain('Usage: replication-lab run FILE')
  })

  test('because the launcher of the package was asked for its version', async () => {
    const run = new Run(process.execPath, ['src/bin.js', '--version'])
    expect(await run.ended).toEqual({ code: 0, signal: null })
    expect(run.lines.join()).toMatch(/^\d+\.\d+\.\d+$/)
  })
})

// npm starts a shell that starts Node. A signal to npm alone reaches the shell at best.
describe.concurrent('under npm', {
  skip: process.platform === 'win32',
  timeout: PATIENCE_MS,
}, () => {
  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'npm dies of %s, and the server ends',
    async (signal) => {
      const npm = new Run('npm', ['start', '--', '--port', '0'])
      await npm.url()
      npm.kill(signal)
      // The output closes once the last process that could write to it is gone.
      await npm.ended
      expect(npm.lines.at(-1)).toContain('Stopped')
    },
  )

  test('npm start --port 9 is answered with how to write it', async () => {
    const npm = new Run('npm', ['start', '--port', '9'])
    expect((await npm.ended).code).toBe(2)
    expect(npm.errors).toContain('npm kept --port for itself: write npm start -- --port 9\n')
  })
})
