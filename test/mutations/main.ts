// `npm run mutations`: seeds each mistake of list.ts in a copy of the tree, runs the tests of the core there and
// tells which test noticed it first. Exits with 1 when any mistake went unnoticed. The working tree is
// never touched. `--only text` runs those whose name contains the text, `--tests path` other tests.
// `--verdicts` runs those that clients see, against nothing but what the clients of many random sessions saw.

import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { MUTATIONS, type Mutation } from './list.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const COPIED = ['src', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts']
/** A mistake may well be an endless loop. */
const TIMEOUT_MS = 180_000

type Verdict =
  | { readonly kind: 'caught'; readonly by: string }
  | { readonly kind: 'survived' }
  /** No test failed, and yet the run did: the mistake is none, or the tests do not run at all. */
  | { readonly kind: 'broken'; readonly output: string }

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    tests: { type: 'string', multiple: true, default: ['test/core', 'test/swarm'] },
    verdicts: { type: 'boolean', default: false },
  },
})

/** The promises of the quorum rule, over twenty times as many sessions as in `npm test`. */
const VERDICTS = {
  args: ['test/swarm/quorum-rule.test.ts', '-t', 'whatever befalls', `--testTimeout=${TIMEOUT_MS}`],
  env: { FC_RUNS: '50', ...process.env },
}
const TESTS = values.verdicts ? VERDICTS : { args: values.tests, env: process.env }

/** A copy of the tree that mistakes can be made in, one after the other. */
class Workshop {
  readonly #directory = mkdtempSync(join(tmpdir(), 'mutations-'))

  constructor() {
    for (const name of COPIED) {
      cpSync(join(ROOT, name), join(this.#directory, name), { recursive: true })
    }
    symlinkSync(join(ROOT, 'node_modules'), join(this.#directory, 'node_modules'))
  }

  async judge(mutation: Mutation): Promise<Verdict> {
    const path = join(this.#directory, 'src/core', mutation.file)
    const source = readFileSync(path, 'utf8')
    writeFileSync(
      path,
      source.replace(mutation.search, () => mutation.replace),
    )
    const verdict = await this.test()
    writeFileSync(path, source)
    return verdict
  }

  async test(): Promise<Verdict> {
    const report = join(this.#directory, 'report.json')
    rmSync(report, { force: true })
    const { code, output } = await this.#run([
      '--bail=1',
      '--reporter=json',
      `--outputFile=${report}`,
    ])
    if (code === 0) return { kind: 'survived' }
    if (code === null) return { kind: 'caught', by: 'the time limit: it never ends' }
    const by = firstFailure(report)
    return by === undefined ? { kind: 'broken', output } : { kind: 'caught', by }
  }

  #run(options: readonly string[]): Promise<{ code: number | null; output: string }> {
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
    const args = [vitest, 'run', ...TESTS.args, ...options]
    const child = spawn(process.execPath, args, {
      cwd: this.#directory,
      env: TESTS.env,
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk
      })
    }
    return new Promise((resolve) => {
      child.on('close', (code) => resolve({ code, output }))
    })
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

function firstFailure(report: string): string | undefined {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report
  const results = testResults.flatMap(({ assertionResults }) => assertionResults)
  return results.find(({ status }) => status === 'failed')?.fullName
}

function say(mutation: Mutation, verdict: Verdict): string {
  const said = verdict.kind === 'caught' ? `by "${verdict.by}"` : ''
  return `${verdict.kind.padEnd(8)}  ${mutation.file}: ${mutation.name} ${said}`
}

async function work(queue: Mutation[], uncaught: Mutation[]): Promise<void> {
  const workshop = new Workshop()
  try {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const verdict = await workshop.judge(next)
      console.log(say(next, verdict))
      if (verdict.kind === 'broken') console.log(verdict.output)
      if (verdict.kind !== 'caught') uncaught.push(next)
    }
  } finally {
    workshop.close()
  }
}

const queue = MUTATIONS.filter(
  ({ name, clientsSee }) => name.includes(values.only) && (clientsSee || !values.verdicts),
)
const total = queue.length
const uncaught: Mutation[] = []
// Vitest itself keeps every core busy; a second run fills the gaps while the first one starts.
const workers = Math.min(2, availableParallelism(), total)
await Promise.all(Array.from({ length: workers }, () => work(queue, uncaught)))
console.log(`${total - uncaught.length} of ${total} mistakes caught`)
if (uncaught.length > 0 || total === 0) process.exitCode = 1
