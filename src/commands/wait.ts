// `wait`: until a server is ready. For scripts that start one and must not ask too early.

import { setTimeout as sleep } from 'node:timers/promises'
import { formatDuration, parseDuration, quote } from '../core/text/duration.ts'
import { msFromUs, US_PER_SECOND } from '../core/units.ts'
import type { CommandLine } from '../options/read.ts'
import { type FlagRow, readFlags, refuse, sayFlags } from './flags.ts'
import type { ExitCode, Terminal } from './terminal.ts'

const URL_DEFAULT = 'http://localhost:8080'
const TIMEOUT_DEFAULT_US = 30 * US_PER_SECOND
/** Somebody who waits longer has given up. */
const TIMEOUT_MAX_US = 3_600 * US_PER_SECOND
const EVERY_MS = 100

const FLAGS: Readonly<Record<string, FlagRow>> = {
  url: { placeholder: 'URL', help: `Where it is, or will be [${URL_DEFAULT}].` },
  timeout: {
    placeholder: 'TIME',
    help: `How long at most [${formatDuration(TIMEOUT_DEFAULT_US)}].`,
  },
}

const HELP = `Usage: replication-lab wait [flags]

Waits until a server is ready to be asked. Exit code 0: it is; 1: it was not in time; 2: the flags are wrong.

${sayFlags(FLAGS)}
`

export async function wait(line: CommandLine, terminal: Terminal): Promise<ExitCode> {
  const { given, problems, wantsHelp } = readFlags(line, FLAGS, '')
  if (wantsHelp) {
    terminal.out(HELP)
    return 0
  }
  const url = given.get('url') ?? URL_DEFAULT
  const ready = URL.canParse('/readyz', url) ? new URL('/readyz', url) : undefined
  const isHttp = ready?.protocol === 'http:' || ready?.protocol === 'https:'
  const time = given.get('timeout')
  const timeout = time === undefined ? undefined : parseDuration(time, TIMEOUT_MAX_US)
  const all = [
    ...problems,
    ...(isHttp ? [] : [`--url: ${quote(url)} is no address: write ${URL_DEFAULT}`]),
    ...(timeout?.ok === false ? [`--timeout: ${timeout.message}`] : []),
  ]
  if (all.length > 0 || !ready) return refuse(terminal, 'wait', all)
  const us = timeout?.ok ? timeout.value : TIMEOUT_DEFAULT_US
  return untilReady(ready, us, terminal)
}

async function untilReady(
  ready: URL,
  us: number,
  { out, err, signal }: Terminal,
): Promise<ExitCode> {
  const over = AbortSignal.timeout(msFromUs(us))
  const stop = AbortSignal.any([over, signal])
  let last = 'nobody answered'
  while (!stop.aborted) {
    try {
      const answer = await fetch(ready, { signal: stop })
      await answer.body?.cancel()
      if (answer.ok) {
        out(`Ready at ${ready.origin}\n`)
        return 0
      }
      last = `it answered ${answer.status}`
    } catch (error) {
      const { cause } = error as { readonly cause?: NodeJS.ErrnoException }
      if (cause?.code) last = cause.code === 'ECONNREFUSED' ? 'nobody listens there' : cause.code
    }
    await sleep(EVERY_MS, undefined, { signal: stop }).catch(() => undefined)
  }
  if (signal.aborted) return 130
  err(`${ready.origin} was not ready within ${formatDuration(us)}: ${last}\n`)
  return 1
}
