// Starts the server: options, cluster, pacer, log, write-ahead file, app, socket; and stops it again. Or runs
// a scenario. The only file that reads process.argv and process.env, listens, and handles signals. What
// only serving needs is loaded when it serves, so that --help and mistakes are answered at once.

import { randomBytes, randomInt } from 'node:crypto'
import type { Server } from 'node:http'
import { isCommand, runCommand } from './commands/command.ts'
import type { Cluster } from './core/cluster.ts'
import { SEED_MAX } from './core/random.ts'
import { escapeActing } from './core/text/say.ts'
import { msFromUs } from './core/units.ts'
import type { LabApp } from './http/app.ts'
import { type CommandLine, type Options, readOptions } from './options/read.ts'
import { isRun, type RunRequest, readRun } from './options/run.ts'
import { sayWhat, sayWhere } from './runtime/greeting.ts'
import { beginYoung } from './runtime/heap.ts'
import {
  isThisMachine,
  type Listening,
  listen,
  sayListenError,
  urlsOf,
} from './runtime/listening.ts'
import type { Log, Logger } from './runtime/logger.ts'
import { ParentWatch } from './runtime/parent-watch.ts'
import { StopSignals } from './runtime/stop-signals.ts'
import { outspoken } from './runtime/write-ahead/outspoken.ts'

/** How long the end may take, and how much of it the requests under way. */
const END_MS_MAX = 5_000
const DRAIN_MS_MAX = 4_000
/** A trace is printed in pieces of about this length. */
const PRINT_CHARS = 65_536
const TOKEN_BYTES = 24
const EXIT = { failure: 1, usage: 2, signals: { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } } as const

type Signal = keyof typeof EXIT.signals

/** What runs, and must be ended. */
interface Running {
  readonly cluster: Cluster
  /** What requests must bring; null: nothing. */
  readonly token: string | null
  readonly app: LabApp
  readonly server: Server
  readonly log: Log
  /** Takes over what an earlier run wrote; from then on time passes. */
  restore(): void
  /** Ends what neither the server nor the log is. */
  close(): Promise<void>
}

await main()

async function main(): Promise<void> {
  surviveClosedPipes()
  const { argv, env } = process
  const args = argv.slice(2)
  // It is what is done without a word.
  if (args[0] === 'serve') args.shift()
  const line = { args, env, directory: process.cwd() }
  if (isCommand(line)) return command(line)
  const reading = isRun(line) ? readRun(line) : readOptions(line)
  switch (reading.kind) {
    case 'help': {
      const { helpFor } = await import('./commands/help.ts')
      process.stdout.write(helpFor(line))
      return
    }
    case 'version': {
      const { PROGRAM } = await import('./http/program.ts')
      process.stdout.write(`${PROGRAM.version}\n`)
      return
    }
    case 'refused':
      process.exitCode = EXIT.usage
      complain(...reading.problems, '--help shows all options.')
      return
    case 'run':
      process.exitCode = await run(reading)
      return
    case 'serve':
      await serve(reading.options)
  }
}

/** Runs a sub-command that needs no server. The first Ctrl-C asks it for what is there, the second ends it. */
async function command(line: CommandLine): Promise<void> {
  const stop = new AbortController()
  const signals = new StopSignals(isUnderNpm())
  process.on('SIGINT', () => {
    const heard = signals.heard()
    if (heard === 'end') stop.abort()
    else if (heard === 'end-at-once') process.exit(EXIT.signals.SIGINT)
  })
  process.exitCode = await runCommand(line, {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isWatched: process.stderr.isTTY,
    signal: stop.signal,
  })
}

/** Runs a scenario and prints what happens. @returns the exit code */
async function run({ file, path, json }: RunRequest): Promise<number> {
  const [{ readTextFile }, { runFileTo }] = await Promise.all([
    import('./runtime/text-file.ts'),
    import('./scenario/run-file.ts'),
  ])
  const text = await readTextFile(path)
  if (!text.ok) {
    const place = path === null || path === file ? '' : ` (${path})`
    complain(`Cannot read ${file}${place}: ${text.message}.`)
    return EXIT.usage
  }
  let printed = ''
  const flush = (stream: NodeJS.WriteStream) => {
    stream.write(printed)
    printed = ''
  }
  const name = path === null ? 'stdin' : file
  const exitCode = runFileTo(name, text.value, { json }, (line) => {
    printed += `${line}\n`
    if (printed.length > PRINT_CHARS) flush(process.stdout)
  })
  flush(exitCode === EXIT.usage && !json ? process.stderr : process.stdout)
  return exitCode
}

async function serve(options: Options): Promise<void> {
  // Taken before anything slow: whoever starts a server may also be gone before it listens.
  const parents = isUnderNpm() ? new ParentWatch() : undefined
  const running = await build(options)
  const { logger } = running.log
  dieOfBugs(logger)
  let listening: Listening
  try {
    listening = await listen(running.server, options.host, options.port)
  } catch (error) {
    complain(sayListenError(error as NodeJS.ErrnoException, options))
    await running.close()
    process.exit(EXIT.failure)
  }
  const url = sayWhere(logger, options.host, listening, running.token)
  // Only now, for a start that fails must not begin a new epoch; and before any request is read.
  try {
    running.restore()
  } catch (error) {
    if ((error as Error).name !== 'WriteAheadError') throw error
    complain((error as Error).message)
    process.exit(EXIT.failure)
  }
  sayWhat(logger, running, url)
  endOnSignals(running, listening)
  parents?.start(() => {
    logger.info('Stopping: whoever started this server is gone')
    void end(running, listening)
  })
}

async function build(options: Options): Promise<Running> {
  beginYoung()
  const [{ Cluster }, { paceByWall }, { createApp }, { createHttpServer }, pool, logging] =
    await Promise.all([
      import('./core/cluster.ts'),
      import('./runtime/pacer.ts'),
      import('./http/app.ts'),
      import('./http/server.ts'),
      import('./runtime/forecast-pool.ts'),
      import('./runtime/logger.ts'),
    ])
  const { logFormat: format, logLevel: level, allowedHosts, allowedOrigins } = options
  const startTimeMs = Date.now()
  const writeAhead = await openWriteAhead(options, startTimeMs, (sentence) =>
    log.logger.info(sentence),
  )
  const log = await logging.createLogger({ format, level, isTTY: process.stdout.isTTY })
  const seed = options.seed ?? randomInt(SEED_MAX + 1)
  const cluster = new Cluster({ ...options.cluster, seed, startTimeMs })
  logging.logEvents(cluster, log)
  const token = tokenOf(options)
  let stopPacing = () => {}
  const app = createApp({
    cluster,
    durability: writeAhead && outspoken(writeAhead.file, log.logger),
    allowedHosts,
    allowedOrigins,
    bindHost: options.host,
    urlsAt: (port) => (isThisMachine(options.host) ? [] : urlsOf(options.host, port)),
    token,
    forecast: pool.forecastApart,
    events: {
      keptMax: options.eventsMax,
      backlogMax: options.eventsMax * 10,
      streamsMax: options.streamsMax,
    },
    historyMax: options.historyMax,
    lessons: lessonsOf(options, log.logger),
    labs: {
      labsMax: options.labsMax,
      bytesMax: cluster.options.bytesMax,
      idleMs: options.labIdleUs === null ? null : msFromUs(options.labIdleUs),
      startPacing: paceByWall,
      say: (sentence) => log.logger.info(sentence),
    },
    reportBug: (error) => log.logger.error({ err: error }, 'This is a bug; the server goes on'),
  })
  return {
    cluster,
    token,
    app,
    server: createHttpServer(app),
    log,
    restore() {
      for (const warning of writeAhead?.warnings ?? []) log.logger.warn(warning)
      writeAhead?.file.attach(cluster)
      if (writeAhead?.restored) cluster.restore(writeAhead.restored)
      stopPacing = paceByWall(cluster)
    },
    async close() {
      stopPacing()
      await writeAhead?.file.close()
    },
  }
}

/** As notebooks do: who only this machine can reach asks nobody. */
function tokenOf({ token, host }: Options): string | null {
  if (token === false) return null
  return token ?? (isThisMachine(host) ? null : randomBytes(TOKEN_BYTES).toString('base64url'))
}

function lessonsOf({ lessons: path }: Options, logger: Logger) {
  return path === null ? undefined : { path, say: (sentence: string) => logger.warn(sentence) }
}

async function openWriteAhead(
  options: Options,
  startTimeMs: number,
  say: (sentence: string) => void,
) {
  const { walFile: path, walFsync: fsync, cluster } = options
  if (path === null) return undefined
  const { openWriteAheadFile, WriteAheadError } = await import('./runtime/write-ahead/file.ts')
  try {
    return openWriteAheadFile({ path, fsync, startTimeMs, replicas: cluster.followers + 1, say })
  } catch (error) {
    if (!(error instanceof WriteAheadError)) throw error
    complain(error.message)
    return process.exit(EXIT.failure)
  }
}

function endOnSignals(running: Running, listening: Listening): void {
  const { logger } = running.log
  const signals = new StopSignals(isUnderNpm())
  const onSignal = (signal: Signal) => {
    switch (signals.heard()) {
      case 'end':
        logger.info({ signal }, `Stopping on ${signal}; once more stops at once`)
        void end(running, listening)
        return
      case 'end-at-once':
        process.exit(EXIT.signals[signal])
        return
      case 'echo':
        return
    }
  }
  for (const signal of Object.keys(EXIT.signals)) process.on(signal, onSignal)
}

/** Answers those who wait, lets requests under way end, and exits. */
async function end({ app, log, close }: Running, listening: Listening): Promise<void> {
  setTimeout(() => process.exit(EXIT.failure), END_MS_MAX).unref()
  app.drain()
  await listening.close(DRAIN_MS_MAX)
  await close()
  log.logger.info('Stopped')
  process.exit()
}

/** What nobody caught has left things in a state that nobody knows. */
function dieOfBugs(logger: Logger): void {
  const die = (error: unknown) => {
    logger.fatal({ err: error }, 'This is a bug, and the server cannot go on')
    process.exit(EXIT.failure)
  }
  process.on('uncaughtException', die)
  process.on('unhandledRejection', die)
}

function isUnderNpm(): boolean {
  return process.env.npm_lifecycle_event !== undefined
}

/** `--help | head -1` closes the pipe under our feet; that is no reason for a stack trace. */
function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}

function complain(...lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`${escapeActing(line)}\n`)
}
