// The options at the head of a scenario, one a line: `seed 7`, `latency replicate=200ms,500ms`. They are those
// of the cluster, spelled as its flags are, and the time at which it began. What only a server needs (a port, a log)
// has no line here, and neither has the clock: a scenario runs in virtual time.

import { LEGS } from '../core/latency.ts'
import { type ClusterOptions, DEFAULT_OPTIONS } from '../core/options.ts'
import { timestampOf } from '../core/record.ts'
import { formatLegs, parseLatencyFlag, withLegs } from '../core/text/latency-legs.ts'
import { CLUSTER_OPTIONS, type ClusterOption } from '../core/text/legal.ts'
import type { Word } from './lexer.ts'
import { complain, duration, wholeNumber, writeDuration } from './readers.ts'

type Changes = Partial<ClusterOptions>

/** Where a scenario says nothing: timestamps must not differ from run to run. */
export const START_TIME_MS = Date.UTC(2025, 0, 1)

export interface OptionGrammar {
  readonly usage: string
  /** @param before the options read so far */
  readonly read: (word: Word, before: Changes) => Changes
  /** Its value, as `read` takes it. */
  readonly write: (options: ClusterOptions) => string
}

/** When simulated time is zero: only timestamps show it. */
const START: OptionGrammar = {
  usage: 'start 2025-06-14T16:05:52.000Z',
  read: (word) => {
    const startTimeMs = Date.parse(word.text)
    if (!TIMESTAMP.test(word.text) || Number.isNaN(startTimeMs)) {
      complain(word, 'start is a time in UTC, as in 2025-06-14T16:05:52.000Z')
    }
    return { startTimeMs }
  },
  write: ({ startTimeMs }) => timestampOf(0, startTimeMs),
}

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/

export const OPTIONS: Readonly<Record<string, OptionGrammar>> = {
  ...Object.fromEntries(
    Object.entries(CLUSTER_OPTIONS).map(([name, option]) => [name, grammarOf(name, option)]),
  ),
  start: START,
}

/** What a scenario without a header has. */
const USUAL: ClusterOptions = { ...DEFAULT_OPTIONS, startTimeMs: START_TIME_MS }

/** The header of a cluster: its seed and size, and whatever is not as usual. */
export function writeHeader(options: ClusterOptions): string[] {
  return Object.entries(OPTIONS).flatMap(([name, grammar]) => {
    const text = grammar.write(options)
    const isUsual = text === grammar.write(USUAL)
    const isWanted = name === 'seed' || name === 'followers' || !isUsual
    return isWanted ? [`${name} ${text}`] : []
  })
}

/** Why options that are fine by themselves do not go together, and which one to change. */
export function contradiction(
  options: ClusterOptions,
): { option: string; message: string } | undefined {
  const { followers, latency, minFollowersToWrite } = options
  const latencies = latency.replicate.length
  if (latencies > 1 && latencies !== followers) {
    const message = `there are ${latencies} replicate latencies, but ${followers} followers: give one for each, or one for all`
    return { option: 'latency', message }
  }
  if (minFollowersToWrite > followers) {
    const message = `no write would ever be taken: there are only ${followers} followers`
    return { option: 'min-followers-to-write', message }
  }
  return undefined
}

function grammarOf(
  name: string,
  { key, kind, placeholder }: ClusterOption<keyof ClusterOptions>,
): OptionGrammar {
  if (kind.kind === 'legs') {
    return {
      usage: `${name} ${placeholder}   where LEG is ${LEGS.join(', ')}`,
      read: readLatency,
      write: ({ latency }) => formatLegs(latency),
    }
  }
  const mayBeOff = kind.kind === 'duration-or-off'
  const read =
    kind.kind === 'whole' ? wholeNumber(kind.min, kind.max) : duration(kind.minUs, kind.maxUs)
  return {
    usage: `${name} ${placeholder}${mayBeOff ? '|off' : ''}`,
    read: (word) => ({ [key]: mayBeOff && word.text === 'off' ? null : read(word, name) }),
    write: (options) => {
      const value = options[key] as number | null
      if (value === null) return 'off'
      return kind.kind === 'whole' ? String(value) : writeDuration(value)
    },
  }
}

/** All words of the line in one: legs stand side by side, or in lines of their own. */
function readLatency(word: Word, before: Changes): Changes {
  const text = word.text.replace(/\s+(?=[a-z]+\s*=)/g, ';')
  const legs = parseLatencyFlag(text)
  if (!legs.ok) return complain(word, legs.message)
  return { latency: withLegs(before.latency ?? DEFAULT_OPTIONS.latency, legs.value) }
}
