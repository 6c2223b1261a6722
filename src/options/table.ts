// Every option in one table: flag, placeholder, default, bounds and help line. The environment twin
// follows from the flag's name. read.ts turns a command line into `Options` by this table,
// help.ts turns the table into --help and the README's section.

import { BOUNDS } from '../core/bounds.ts'
import { DEFAULT_LATENCY } from '../core/latency.ts'
import { DEFAULT_OPTIONS } from '../core/options.ts'
import { SEED_MAX } from '../core/random.ts'
import type { Parsed } from '../core/text/duration.ts'
import { parseLatencyFlag, withLegs } from '../core/text/latency-legs.ts'
import { US_PER_MS } from '../core/units.ts'
import {
  decimalNumber,
  duration,
  file,
  host,
  hostNames,
  oneOf,
  origins,
  orOff,
  type ReadValue,
  wholeNumber,
} from './values.ts'

/** In the order in which --help lists them. */
export const GROUPS = [
  'Server',
  'Cluster',
  'Time',
  'Safety',
  'Write-ahead file',
  'Log',
  'Bounds',
] as const

export interface OptionRow<T> {
  readonly group: (typeof GROUPS)[number]
  /** What stands for the value in help. */
  readonly placeholder: string
  readonly fallback: T
  /** The default as a person reads it. */
  readonly shown: string
  readonly help: string
  readonly read: ReadValue<T>
  /** May be given several times; the texts are joined by this. */
  readonly joinedBy?: string
  /** A variable of this name alone counts too, after the twin. */
  readonly bareName?: string
}

/** Below this nobody waits for anything; a zero time-out would fail every request. */
const TIMEOUT_US_MIN = US_PER_MS
/** V8 holds at most 2^24 entries in one Map. */
const ENTRIES_MAX = 16_000_000
/** Each is a connection, of which a process may have some thousands. */
const STREAMS_MAX = 10_000

export const TABLE = {
  port: row({
    group: 'Server',
    placeholder: 'PORT',
    fallback: 8080,
    shown: '8080',
    help: 'Port to listen on; 0 picks a free one.',
    read: wholeNumber(0, 65_535),
    bareName: 'PORT',
  }),
  host: row({
    group: 'Server',
    placeholder: 'HOST',
    fallback: '127.0.0.1',
    shown: '127.0.0.1',
    help: 'Address to listen on, with 127.0.0.1 also ::1; 0.0.0.0 opens it to the network.',
    read: host,
    bareName: 'HOST',
  }),
  'allowed-hosts': row<readonly string[]>({
    group: 'Server',
    placeholder: 'NAME,...',
    fallback: [],
    shown: 'this machine',
    help: 'Host names under which others may reach this server.',
    read: hostNames,
    joinedBy: ',',
  }),
  'allowed-origins': row<readonly string[]>({
    group: 'Server',
    placeholder: 'URL,...',
    fallback: [],
    shown: 'none',
    help: 'Origins of web pages that may call this server.',
    read: origins,
    joinedBy: ',',
  }),
  followers: row({
    group: 'Cluster',
    placeholder: 'F',
    fallback: DEFAULT_OPTIONS.followers,
    shown: '2',
    help: `How many replicas follow the leader, ${BOUNDS.followersMin} to ${BOUNDS.followersMax}.`,
    read: wholeNumber(BOUNDS.followersMin, BOUNDS.followersMax),
  }),
  latency: row({
    group: 'Cluster',
    placeholder: 'LEG=TIME,...',
    fallback: DEFAULT_LATENCY,
    shown: 'replicate=200ms,500ms,...',
    help:
      'How long messages travel. LEG is replicate, acknowledge, request or respond; TIME is 200ms ' +
      'or a distribution such as exponential(50ms); replicate takes one for all followers or one ' +
      'for each. Repeat the flag for further legs, or separate them by a semicolon.',
    read: (text): Parsed<typeof DEFAULT_LATENCY> => {
      const legs = parseLatencyFlag(text)
      return legs.ok ? { ok: true, value: withLegs(DEFAULT_LATENCY, legs.value) } : legs
    },
    joinedBy: ';',
  }),
  seed: row<number | null>({
    group: 'Cluster',
    placeholder: 'NUMBER',
    fallback: null,
    shown: 'random',
    help: `Decides every random choice, 0 to ${SEED_MAX}. It is printed at start.`,
    read: wholeNumber(0, SEED_MAX),
  }),
  clock: row({
    group: 'Time',
    placeholder: 'MODE',
    fallback: 'real',
    shown: 'real',
    help:
      'real: time passes. manual: it stands still until you advance it. instant: it stands ' +
      'still, but jumps ahead while a request waits.',
    read: oneOf('real', 'manual', 'instant'),
  }),
  rate: row({
    group: 'Time',
    placeholder: 'FACTOR',
    fallback: 1,
    shown: '1',
    help: `How much faster than the wall clock time passes, ${BOUNDS.rateMin} to ${BOUNDS.rateMax}.`,
    read: decimalNumber(BOUNDS.rateMin, BOUNDS.rateMax),
  }),
  'quorum-timeout': row({
    group: 'Time',
    placeholder: 'TIME',
    fallback: DEFAULT_OPTIONS.quorumTimeoutUs,
    shown: '2s',
    help: 'How long a quorum write waits, and how long a replica may take to answer.',
    read: duration(TIMEOUT_US_MIN, BOUNDS.latencyUsMax),
  }),
  'auto-failover': row<number | null>({
    group: 'Safety',
    placeholder: 'TIME',
    fallback: null,
    shown: 'off',
    help: 'Silence after which the leader is replaced without being asked.',
    read: orOff(duration(TIMEOUT_US_MIN, BOUNDS.latencyUsMax)),
  }),
  'min-followers-to-write': row({
    group: 'Safety',
    placeholder: 'NUMBER',
    fallback: DEFAULT_OPTIONS.minFollowersToWrite,
    shown: '0',
    help: 'Refuse writes while fewer followers are in reach.',
    read: wholeNumber(0, BOUNDS.followersMax),
  }),
  'min-followers-max-lag': row({
    group: 'Safety',
    placeholder: 'TIME',
    fallback: DEFAULT_OPTIONS.minFollowersMaxLagUs,
    shown: '10s',
    help: 'A follower is in reach while its last acknowledgement is younger than this.',
    read: duration(TIMEOUT_US_MIN, BOUNDS.latencyUsMax),
  }),
  wal: row<string | null>({
    group: 'Write-ahead file',
    placeholder: 'FILE',
    fallback: null,
    shown: 'none',
    help: 'Record every write in this file, and restore the cluster from it at start.',
    read: file,
  }),
  'wal-fsync': row({
    group: 'Write-ahead file',
    placeholder: 'WHEN',
    fallback: 'always',
    shown: 'always',
    help: 'always: an answer waits until the write is on disk. never: until the system has it.',
    read: oneOf('always', 'never'),
  }),
  'log-format': row({
    group: 'Log',
    placeholder: 'FORMAT',
    fallback: 'auto',
    shown: 'auto',
    help: 'auto, pretty or json. auto is pretty on a terminal, JSON lines elsewhere.',
    read: oneOf('auto', 'pretty', 'json'),
  }),
  'log-level': row({
    group: 'Log',
    placeholder: 'LEVEL',
    fallback: 'info',
    shown: 'info',
    help: 'debug, info, warn, error or silent.',
    read: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  }),
  'max-keys': row({
    group: 'Bounds',
    placeholder: 'NUMBER',
    fallback: BOUNDS.keysMax,
    shown: String(BOUNDS.keysMax),
    help: 'Distinct keys; beyond them writes are refused.',
    read: wholeNumber(1, ENTRIES_MAX),
  }),
  'max-messages': row({
    group: 'Bounds',
    placeholder: 'NUMBER',
    fallback: BOUNDS.messagesMax,
    shown: String(BOUNDS.messagesMax),
    help: 'Messages on their way; beyond them requests are refused.',
    read: wholeNumber(1, ENTRIES_MAX),
  }),
  'max-waiting': row({
    group: 'Bounds',
    placeholder: 'NUMBER',
    fallback: BOUNDS.waitingMax,
    shown: String(BOUNDS.waitingMax),
    help: 'Requests that wait for an answer; beyond them they are refused.',
    read: wholeNumber(1, ENTRIES_MAX),
  }),
  'max-log': row({
    group: 'Bounds',
    placeholder: 'NUMBER',
    fallback: BOUNDS.logEntriesMax,
    shown: String(BOUNDS.logEntriesMax),
    help: 'Entries of a log; older ones are dropped, and who needs them gets a snapshot.',
    read: wholeNumber(1, ENTRIES_MAX),
  }),
  'max-events': row({
    group: 'Bounds',
    placeholder: 'NUMBER',
    fallback: BOUNDS.eventsMax,
    shown: String(BOUNDS.eventsMax),
    help: 'Events kept for those who resume the event stream.',
    read: wholeNumber(1, ENTRIES_MAX),
  }),
  'max-streams': row({
    group: 'Bounds',
    placeholder: 'NUMBER',
    fallback: BOUNDS.streamsMax,
    shown: String(BOUNDS.streamsMax),
    help: 'Readers of the event stream; beyond them it is refused.',
    read: wholeNumber(1, STREAMS_MAX),
  }),
} as const

export type Flag = keyof typeof TABLE

/** Each option's value, under its flag's name. */
export type OptionValues = {
  readonly [F in Flag]: (typeof TABLE)[F] extends OptionRow<infer T> ? T : never
}

/** Flags without a value and without a twin. */
export const SWITCHES = {
  help: { short: 'h', help: 'Print this and stop.' },
  version: { short: 'v', help: 'Print the version and stop.' },
} as const

export const FLAGS = Object.keys(TABLE) as readonly Flag[]

/** `wal-fsync` is `REPLICATION_LAB_WAL_FSYNC` in the environment. */
export const TWIN_PREFIX = 'REPLICATION_LAB_'

export function twinOf(flag: Flag): string {
  return TWIN_PREFIX + flag.toUpperCase().replaceAll('-', '_')
}

/** Infers the type of an option's value from its reader. */
function row<const T>(option: OptionRow<T>): OptionRow<T> {
  return option
}
