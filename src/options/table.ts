// Every option in one table: flag, placeholder, default, bounds and help line. The environment twin
// follows from the flag's name. read.ts turns a command line into `Options` by this table,
// help.ts turns the table into --help and the README's section.

import { getHeapStatistics } from 'node:v8'
import { BOUNDS } from '../core/bounds.ts'
import { DEFAULT_LATENCY } from '../core/latency.ts'
import { formatDuration, type Parsed } from '../core/text/duration.ts'
import { parseLatencyFlag, withLegs } from '../core/text/latency-legs.ts'
import {
  CLUSTER_OPTIONS,
  type ClusterOptionName,
  type ClusterOptionValue,
  ENTRIES_MAX,
  type OptionKind,
} from '../core/text/legal.ts'
import { US_PER_SECOND } from '../core/units.ts'
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
  token,
  wholeNumber,
  yesOrNo,
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
  /** The flag alone means `true`. */
  readonly isSwitch?: boolean
  /** A variable of this name alone counts too, after the twin. */
  readonly bareName?: string
}

/** Each takes about a megabyte. */
const LABS_MAX = 10_000
const US_PER_MINUTE = 60 * US_PER_SECOND

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
  token: row<string | null>({
    group: 'Server',
    placeholder: 'TEXT',
    fallback: null,
    shown: 'drawn where others can reach it',
    help: 'What requests must bring, as Authorization: Bearer TEXT or once as ?token=TEXT.',
    read: token,
  }),
  'no-token': row({
    group: 'Server',
    placeholder: '',
    fallback: false,
    shown: 'false',
    help: 'Asks nobody for a token, even where others can reach it.',
    read: yesOrNo,
    isSwitch: true,
  }),
  lessons: row<string | null>({
    group: 'Server',
    placeholder: 'DIR',
    fallback: null,
    shown: 'none',
    help: 'A folder of scenarios (*.scenario) that the page tells as lessons too; read anew when saved.',
    read: file,
  }),
  followers: ofCluster('followers', 'Cluster'),
  latency: {
    ...ofCluster('latency', 'Cluster'),
    joinedBy: ';',
  },
  // Null: drawn at start.
  seed: { ...ofCluster<'seed', number | null>('seed', 'Cluster'), fallback: null, shown: 'random' },
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
  'quorum-timeout': ofCluster('quorum-timeout', 'Time'),
  'auto-failover': ofCluster('auto-failover', 'Safety'),
  'min-followers-to-write': ofCluster('min-followers-to-write', 'Safety'),
  'min-followers-max-lag': ofCluster('min-followers-max-lag', 'Safety'),
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
  'max-keys': ofCluster('max-keys', 'Bounds'),
  'max-messages': ofCluster('max-messages', 'Bounds'),
  'max-waiting': ofCluster('max-waiting', 'Bounds'),
  'max-log': ofCluster('max-log', 'Bounds'),
  'max-bytes': {
    ...ofCluster('max-bytes', 'Bounds'),
    fallback: bytesForLab(),
    shown: 'a quarter of what Node may use',
  },
  'max-events': row({
    group: 'Bounds',
    placeholder: 'NUMBER',
    fallback: BOUNDS.eventsMax,
    shown: String(BOUNDS.eventsMax),
    help: 'Events kept for those who resume the event stream.',
    read: wholeNumber(1, ENTRIES_MAX),
  }),
  'max-history': row({
    group: 'Bounds',
    placeholder: 'NUMBER',
    fallback: BOUNDS.historyMax,
    shown: String(BOUNDS.historyMax),
    help: 'Operations of clients kept to be judged.',
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
  'max-labs': row({
    group: 'Bounds',
    placeholder: 'NUMBER',
    fallback: BOUNDS.labsMax,
    shown: String(BOUNDS.labsMax),
    help: 'Labs beside the root, at most 10000.',
    read: wholeNumber(0, LABS_MAX),
  }),
  'lab-idle': row<number | null>({
    group: 'Bounds',
    placeholder: 'TIME',
    fallback: 30 * US_PER_MINUTE,
    shown: '30m',
    help: 'A lab that nobody uses ends after this wall time; off: it never does.',
    read: orOff(duration(US_PER_SECOND, 10_000 * US_PER_MINUTE)),
  }),
} as const

/** As much again is for other labs; half is for all that is neither key nor value. */
function bytesForLab(): number {
  const quarter = Math.floor(getHeapStatistics().heap_size_limit / 4)
  return Math.max(quarter, BOUNDS.bytesMin)
}

export type Flag = keyof typeof TABLE

/** Each option's value, under its flag's name. */
export type OptionValues = {
  readonly [F in Flag]: (typeof TABLE)[F] extends OptionRow<infer T> ? T : never
}

/** What may stand before the flags; without one it serves. */
export const SUB_COMMANDS = [
  ...(['serve', 'run', 'wait'] as const),
  ...(['check', 'predict', 'recommend', 'measure', 'compare', 'shrink'] as const),
] as const
export type SubCommand = (typeof SUB_COMMANDS)[number]

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

/** An option that scenarios have too. */
function ofCluster<N extends ClusterOptionName, T = ClusterOptionValue<N>>(
  name: N,
  group: OptionRow<T>['group'],
): OptionRow<T> {
  const { kind, fallback, placeholder, help } = CLUSTER_OPTIONS[name]
  // The table of cluster options says which kind of value each has.
  return {
    group,
    placeholder,
    fallback,
    shown: sayDefault(kind, fallback),
    help,
    read: readerOf(kind),
  } as OptionRow<T>
}

function readerOf(kind: OptionKind): ReadValue<unknown> {
  switch (kind.kind) {
    case 'whole':
      return wholeNumber(kind.min, kind.max)
    case 'duration':
      return duration(kind.minUs, kind.maxUs)
    case 'duration-or-off':
      return orOff(duration(kind.minUs, kind.maxUs))
    case 'legs':
      return (text): Parsed<typeof DEFAULT_LATENCY> => {
        const legs = parseLatencyFlag(text)
        return legs.ok ? { ok: true, value: withLegs(DEFAULT_LATENCY, legs.value) } : legs
      }
  }
}

/** A default as a person reads it. */
function sayDefault({ kind }: OptionKind, value: unknown): string {
  if (kind === 'legs') return 'replicate=200ms,500ms,...'
  if (value === null) return 'off'
  return kind === 'whole' ? String(value) : formatDuration(value as number)
}
