// The options at the head of a scenario, one a line: `seed 7`, `latency replicate=200ms,500ms`. They are those
// of the cluster, spelled as its flags are. What only a server needs (a port, a log) has no line here, and
// neither has the clock: a scenario runs in virtual time.

import { BOUNDS } from '../core/bounds.ts'
import { LEGS } from '../core/latency.ts'
import { type ClusterOptions, DEFAULT_OPTIONS } from '../core/options.ts'
import { SEED_MAX } from '../core/random.ts'
import { formatLegs, parseLatencyFlag, withLegs } from '../core/text/latency-legs.ts'
import { US_PER_MS } from '../core/units.ts'
import type { Word } from './lexer.ts'
import { complain, duration, type Read, wholeNumber, writeDuration } from './readers.ts'

type Changes = Partial<ClusterOptions>

export interface OptionGrammar {
  readonly usage: string
  /** @param before the options read so far */
  readonly read: (word: Word, before: Changes) => Changes
  /** Its value, as `read` takes it. */
  readonly write: (options: ClusterOptions) => string
}

/** V8 holds at most 2^24 entries in one Map. */
const ENTRIES_MAX = 16_000_000
/** Below this nobody waits for anything. */
const timeout = duration(US_PER_MS, BOUNDS.latencyUsMax)
const entries = wholeNumber(1, ENTRIES_MAX)

export const OPTIONS: Readonly<Record<string, OptionGrammar>> = {
  seed: option('seed NUMBER', 'seed', wholeNumber(0, SEED_MAX), String),
  followers: option(
    'followers F',
    'followers',
    wholeNumber(BOUNDS.followersMin, BOUNDS.followersMax),
    String,
  ),
  latency: {
    usage: `latency LEG=TIME,...   where LEG is ${LEGS.join(', ')}`,
    read: readLatency,
    write: ({ latency }) => formatLegs(latency),
  },
  'quorum-timeout': option('quorum-timeout TIME', 'quorumTimeoutUs', timeout, writeDuration),
  'auto-failover': option(
    'auto-failover TIME|off',
    'autoFailoverUs',
    (word, what) => (word.text === 'off' ? null : timeout(word, what)),
    (us) => (us === null ? 'off' : writeDuration(us)),
  ),
  'min-followers-to-write': option(
    'min-followers-to-write NUMBER',
    'minFollowersToWrite',
    wholeNumber(0, BOUNDS.followersMax),
    String,
  ),
  'min-followers-max-lag': option(
    'min-followers-max-lag TIME',
    'minFollowersMaxLagUs',
    timeout,
    writeDuration,
  ),
  'max-keys': option('max-keys NUMBER', 'keysMax', entries, String),
  'max-messages': option('max-messages NUMBER', 'messagesMax', entries, String),
  'max-waiting': option('max-waiting NUMBER', 'waitingMax', entries, String),
  'max-log': option('max-log NUMBER', 'logEntriesMax', entries, String),
}

/** The header of a cluster: its seed and size, and whatever is not as usual. */
export function writeHeader(options: ClusterOptions): string[] {
  return Object.entries(OPTIONS).flatMap(([name, grammar]) => {
    const text = grammar.write(options)
    const isUsual = text === grammar.write(DEFAULT_OPTIONS)
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

function option<K extends keyof ClusterOptions>(
  usage: string,
  key: K,
  read: Read<ClusterOptions[K]>,
  write: (value: ClusterOptions[K]) => string,
): OptionGrammar {
  const name = usage.split(' ', 1)[0] as string
  return {
    usage,
    read: (word) => ({ [key]: read(word, name) }) as Changes,
    write: (options) => write(options[key]),
  }
}

/** All words of the line in one: legs stand side by side, or in lines of their own. */
function readLatency(word: Word, before: Changes): Changes {
  const text = word.text.replace(/\s+(?=[a-z]+\s*=)/g, ';')
  const legs = parseLatencyFlag(text)
  if (!legs.ok) return complain(word, legs.message)
  return { latency: withLegs(before.latency ?? DEFAULT_OPTIONS.latency, legs.value) }
}
