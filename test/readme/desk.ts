// The reader's desk: a server as `npm start` would start it, but on a free port and by a wall clock that the
// test moves; the terminal in which they type; and the log they watch. A request that has to wait lets
// time pass until it is answered, as the reader would.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { Cluster } from '../../src/core/cluster.ts'
import { describeEvent } from '../../src/core/output/describe.ts'
import { createApp, type LabApp } from '../../src/http/app.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { type Options, readOptions } from '../../src/options/read.ts'
import { WallClockPacer } from '../../src/runtime/pacer.ts'
import { openWriteAheadFile } from '../../src/runtime/write-ahead/file.ts'
import { HandWall } from './hand-wall.ts'
import { showJson } from './json.ts'
import type { Curl } from './shell.ts'

/** The afternoon on which the README was written. */
const AFTERNOON_MS = Date.UTC(2025, 5, 14, 16, 6, 47)
/** What a README's reader would be told at start; theirs is another one. */
const SEED = 7

export interface Answer {
  readonly status: number
  /** As the README shows it. */
  readonly shown: string
}

/** As much as the server of the README finds, in bytes. */
const MEMORY = 1036 * 1024 * 1024

export class Desk {
  readonly #cluster: Cluster
  readonly #app: LabApp
  readonly #server: Server
  readonly #wall = new HandWall()
  readonly #startTimeMs: number
  readonly #file: ReturnType<typeof openWriteAheadFile>['file'] | undefined
  readonly #directory: string
  #log: string[] = []
  /** Answers that commands with a trailing `&` still wait for. */
  #background: { readonly answer: Promise<Answer>; settled: boolean }[] = []

  private constructor(options: Options, startTimeMs: number, directory: string) {
    this.#startTimeMs = startTimeMs
    this.#directory = directory
    const seed = options.seed ?? SEED
    this.#cluster = new Cluster({ ...options.cluster, bytesMax: MEMORY, seed, startTimeMs })
    this.#cluster.listen((event) => {
      const { level, text } = describeEvent(event)
      if (level !== 'debug') this.#log.push(`${this.#sayTime(event.atUs)} ${text}`)
    })
    const opened = this.#openFile(options)
    this.#file = opened?.file
    this.#app = createApp({ cluster: this.#cluster, durability: this.#file })
    this.#server = createHttpServer(this.#app)
    this.#file?.attach(this.#cluster)
    if (opened?.restored) this.#cluster.restore(opened.restored)
    const pacer = new WallClockPacer(this.#cluster, this.#wall)
    this.#cluster.pacedBy(pacer)
    pacer.start()
  }

  /** @param minutes since the section began */
  static async sitDown(args: readonly string[], minutes: number, directory: string): Promise<Desk> {
    const reading = readOptions({ args, env: {}, directory })
    if (reading.kind !== 'serve') throw new Error(`npm start -- ${args.join(' ')} does not serve`)
    const desk = new Desk(reading.options, AFTERNOON_MS + minutes * 60_000, directory)
    desk.#server.listen(0, '127.0.0.1')
    await once(desk.#server, 'listening')
    return desk
  }

  get nowUs(): number {
    return this.#cluster.clockView().nowUs
  }

  pass(ms: number): void {
    this.#wall.pass(ms)
  }

  /** Log lines since the last time they were taken. */
  takeLog(): string[] {
    const lines = this.#log
    this.#log = []
    return lines
  }

  readFile(name: string): string {
    return readFileSync(resolve(this.#directory, name), 'utf8').trimEnd()
  }

  /** @returns what the terminal shows now: answers of earlier commands that came in meanwhile first */
  async curl(command: Curl, shownLines: number): Promise<Answer[]> {
    const waitingBefore = this.#cluster.waiting
    const pending = { answer: this.#send(command, shownLines), settled: false }
    void pending.answer.finally(() => {
      pending.settled = true
    })
    while (!pending.settled && this.#cluster.waiting <= waitingBefore) await turn()
    if (command.inBackground && !pending.settled) {
      this.#background.push(pending)
      return []
    }
    while (!pending.settled && this.#cluster.waiting > waitingBefore) this.#wall.passToNext()
    const answer = await pending.answer
    return [...(await this.#settledInBackground()), answer]
  }

  async close(): Promise<void> {
    this.#app.drain()
    this.#server.closeAllConnections()
    this.#server.close()
    await Promise.allSettled(this.#background.map(({ answer }) => answer))
    await this.#file?.close()
  }

  async #settledInBackground(): Promise<Answer[]> {
    const answers: Answer[] = []
    while (this.#background.length > this.#cluster.waiting) {
      // Those who began to wait first are at the front, but another one may have ended.
      await Promise.race(this.#background.map(({ answer }) => answer))
      const settled = this.#background.filter((one) => one.settled)
      this.#background = this.#background.filter((one) => !one.settled)
      for (const { answer } of settled) answers.push(await answer)
    }
    return answers
  }

  #send(command: Curl, shownLines: number): Promise<Answer> {
    const { method, url, headers, body, endless, grep } = command
    const { port } = this.#server.address() as AddressInfo
    return new Promise((answer, fail) => {
      const sent = request(
        // By the name the reader uses: the server looks at it.
        {
          port,
          host: '127.0.0.1',
          method,
          path: url.pathname + url.search,
          headers: { Host: url.host, ...headers },
        },
        (res) => {
          let text = ''
          const type = res.headers['content-type'] ?? ''
          const end = () => answer({ status: res.statusCode ?? 0, shown: show(text, type, grep) })
          res.setEncoding('utf8')
          res.on('data', (chunk) => {
            text += chunk
            if (!endless || text.split('\n').length <= shownLines) return
            text = text.split('\n').slice(0, shownLines).join('\n')
            res.destroy()
            end()
          })
          res.on('end', end)
          res.on('error', fail)
        },
      )
      sent.on('error', fail)
      sent.end(body)
    })
  }

  #openFile({ walFile: path, walFsync: fsync, cluster }: Options) {
    if (path === null) return undefined
    const replicas = cluster.followers + 1
    return openWriteAheadFile({ path, fsync, startTimeMs: this.#startTimeMs, replicas })
  }

  #sayTime(atUs: number): string {
    const iso = new Date(this.#startTimeMs + atUs / 1_000).toISOString()
    return iso.slice(0, 19).replaceAll('-', '/').replace('T', ' ')
  }
}

/** Lets everything happen that only waits for this process. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function show(text: string, type: string, grep: string | undefined): string {
  if (grep !== undefined) return (text.match(new RegExp(grep, 'g')) ?? []).join('\n')
  const isJson = /^application\/(problem\+)?json\b/.test(type)
  return isJson ? showJson(JSON.parse(text)) : text.replace(/\n$/, '')
}
