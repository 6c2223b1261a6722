// A class on this machine: a hundred followers hold the stream, with views, and vote on every step, all at once, while
// their presenter writes, lets time pass and asks. The same steps with nobody who follows stand beside it.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { Agent, get, type IncomingMessage, request } from 'node:http'
import { devNull } from 'node:os'
import { fileURLToPath } from 'node:url'
import { median, type Row } from './table.ts'

const FOLLOWERS = 100
const STEPS = 40
const WARM_UP_STEPS = 5
/** What people take for at once, and for soon. */
const AT_ONCE_MS = 250
const COUNTED_MS = 1_000
const CHOICES = ['a', 'b', 'c']

interface Told {
  readonly step: number
  readonly question: { readonly votes: readonly number[] } | null
}

interface Measured {
  /** Of what the presenter asks for in a step: its write, and the time that passes. */
  readonly answeredMs: number[]
  /** From when he shows a step until everybody's stream has it. */
  readonly reachedMs: number[]
  /** From then until he has seen all votes. */
  readonly countedMs: number[]
  readonly cpuMsPerStep: number
}

type Timed = 'answeredMs' | 'reachedMs' | 'countedMs'

export async function benchClass(): Promise<Row[]> {
  const none = await teach(0)
  const all = await teach(FOLLOWERS)
  const say = (list: readonly number[]) =>
    `${median(list).toFixed(1)} ms, 95 % within ${within(list).toFixed(1)} ms`
  const row = (what: string, name: Timed, limitMs: number, besides: string): Row => ({
    what,
    ratio: within(all[name]) / limitMs,
    aim: 'below 1',
    measured: say(all[name]),
    limit: `${limitMs} ms${besides}`,
  })
  const withNone = (name: Timed) => `; with none: ${say(none[name])}`
  return [
    row(
      `a presenter's write and 100 ms of time, ${FOLLOWERS} follow`,
      'answeredMs',
      AT_ONCE_MS,
      withNone('answeredMs'),
    ),
    row(
      `his question, until all ${FOLLOWERS} have it`,
      'reachedMs',
      AT_ONCE_MS,
      withNone('reachedMs'),
    ),
    row(`all ${FOLLOWERS} votes, until he sees them`, 'countedMs', COUNTED_MS, ''),
    {
      what: `time of the processor for such a step, ${FOLLOWERS} follow`,
      measured: `${all.cpuMsPerStep.toFixed(1)} ms`,
      limit: `with none: ${none.cpuMsPerStep.toFixed(1)} ms`,
    },
  ]
}

async function teach(followers: number): Promise<Measured> {
  const { child, port } = await launch()
  const agent = new Agent({ keepAlive: true, maxSockets: followers + 1 })
  const ask = asker(port, agent)
  const measured = {
    answeredMs: [] as number[],
    reachedMs: [] as number[],
    countedMs: [] as number[],
  }
  try {
    await ask('PUT', '/clock', { mode: 'manual' })
    const { token } = await ask('POST', '/class', {})
    const streams = await Promise.all(
      Array.from({ length: followers }, () =>
        Follower.of(port, `/follow/${token}/events?views=12`),
      ),
    )
    const presenter = await Follower.of(port, '/events?views=12')
    let cpuBefore = 0
    for (let step = 1; step <= WARM_UP_STEPS + STEPS; step++) {
      if (step === WARM_UP_STEPS + 1) cpuBefore = await cpuMsOf(child)
      const beganMs = performance.now()
      await ask('POST', '/write', { key: `user:${step % 10}`, value: 'Jessica' })
      await ask('POST', '/clock/advance', { ms: 100 })
      const answeredMs = performance.now()
      const reached = [presenter, ...streams].map((one) => one.until((told) => told.step === step))
      const question = { text: `question ${step}`, choices: CHOICES, open: true, right: null }
      const caption = 'What a step says takes some sentences. '.repeat(5)
      await ask('PUT', '/class', { lesson: 'bench', step, steps: STEPS, caption, question })
      await Promise.all(reached)
      const reachedMs = performance.now()
      const counted = presenter.until(({ question }) => {
        return (question?.votes.reduce((sum, votes) => sum + votes, 0) ?? 0) === followers
      })
      await Promise.all(
        streams.map((_, i) => {
          const vote = { voter: `follower-${i}`, question: step, choice: i % CHOICES.length }
          return ask('POST', `/follow/${token}/class/vote`, vote)
        }),
      )
      await counted
      if (step <= WARM_UP_STEPS) continue
      measured.answeredMs.push(answeredMs - beganMs)
      measured.reachedMs.push(reachedMs - answeredMs)
      measured.countedMs.push(performance.now() - reachedMs)
    }
    return { ...measured, cpuMsPerStep: ((await cpuMsOf(child)) - cpuBefore) / STEPS }
  } finally {
    agent.destroy()
    child.kill('SIGKILL')
  }
}

async function launch(): Promise<{ child: ChildProcess; port: number }> {
  const script = fileURLToPath(new URL('http-server.ts', import.meta.url))
  const log = openSync(devNull, 'w')
  const child = fork(script, ['lab', 'tuned'], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', log, 'inherit', 'ipc'],
  })
  closeSync(log)
  const [port] = (await once(child, 'message')) as [number]
  return { child, port }
}

async function cpuMsOf(child: ChildProcess): Promise<number> {
  child.send('cpu')
  const [us] = (await once(child, 'message')) as [number]
  return us / 1_000
}

function asker(port: number, agent: Agent) {
  return async (method: string, path: string, body: object): Promise<{ token: string }> => {
    const asking = request({
      port,
      agent,
      method,
      path,
      headers: { 'Content-Type': 'application/json' },
    })
    asking.end(JSON.stringify(body))
    const [answer] = (await once(asking, 'response')) as [IncomingMessage]
    let text = ''
    for await (const chunk of answer.setEncoding('utf8')) text += chunk
    if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${text}`)
    return JSON.parse(text)
  }
}

/** Reads a stream, and listens to what it tells of the class. */
class Follower {
  #rest = ''
  #last: Told | undefined
  #waiting: { readonly isIt: (told: Told) => boolean; readonly done: () => void } | undefined

  static async of(port: number, path: string): Promise<Follower> {
    const asking = get({ port, path, agent: false })
    const [answer] = (await once(asking, 'response')) as [IncomingMessage]
    const follower = new Follower()
    // The server is killed in the end.
    answer.on('error', () => undefined)
    answer.setEncoding('utf8').on('data', (chunk: string) => follower.#read(chunk))
    return follower
  }

  until(isIt: (told: Told) => boolean): Promise<void> {
    return new Promise((done) => {
      this.#waiting = { isIt, done }
      this.#look()
    })
  }

  #read(chunk: string): void {
    const blocks = (this.#rest + chunk).split('\n\n')
    this.#rest = blocks.pop() ?? ''
    const told = blocks.findLast((block) => block.startsWith('event: class\n'))
    if (told === undefined) return
    this.#last = JSON.parse(told.slice(told.indexOf('data: ') + 6))
    this.#look()
  }

  #look(): void {
    if (!this.#waiting || !this.#last || !this.#waiting.isIt(this.#last)) return
    this.#waiting.done()
    this.#waiting = undefined
  }
}

/** What 95 of a hundred are below. */
function within(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN
}
