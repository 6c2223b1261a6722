// What is legal, once: what a key, a value, a client's name and a number may be, and the options of a cluster with
// their bounds. Routes, scenarios, flags, the library and the write-ahead file all ask here; where the fault
// stands, each of them says itself. Versions are version.ts's affair: nothing lies below that file.

import { BOUNDS } from '../bounds.ts'
import { LEGS } from '../latency.ts'
import { type ClusterOptions, DEFAULT_OPTIONS } from '../options.ts'
import { SEED_MAX } from '../random.ts'
import { type Microseconds, US_PER_MS } from '../units.ts'

/** Fifteen digits: every such number is exact. */
export const NUMBER_MAX = 999_999_999_999_999

/** A whole number in plain decimal digits: neither `1e2` nor `0x10`, and `01` is no second name of 1. */
export const WHOLE = /^(0|[1-9]\d{0,14})$/

export function readWhole(text: string): number | undefined {
  return WHOLE.test(text) ? Number(text) : undefined
}

const CONTROL = /\p{Cc}/u
const HAS_CONTROL = 'holds a control character, such as a line break: leave it out'

/** @returns what is wrong with a key, as a sentence that goes on behind its name */
export function keyFault(text: string): string | undefined {
  const { keyBytesMax } = BOUNDS
  if (text === '') return `must not be empty: 1 to ${keyBytesMax} bytes of text`
  return textFault(text, keyBytesMax) ?? (CONTROL.test(text) ? HAS_CONTROL : undefined)
}

/** The same of a value, which may be empty and hold any character. */
export function valueFault(text: string): string | undefined {
  return textFault(text, BOUNDS.valueBytesMax)
}

/** The same of a client's name. */
export function clientFault(text: string): string | undefined {
  const { clientCharsMax } = BOUNDS
  const isLong = text === '' || text.length > clientCharsMax
  if (isLong) return `must be 1 to ${clientCharsMax} characters long`
  return CONTROL.test(text) ? HAS_CONTROL : undefined
}

function textFault(text: string, bytesMax: number): string | undefined {
  if (!isWithinBytes(text, bytesMax)) {
    return `is longer than ${bytesMax} bytes${bytesMax >= 1024 ? ` (${bytesMax / 1024} KiB)` : ''}`
  }
  return text.isWellFormed()
    ? undefined
    : 'holds half of a surrogate pair: only well-formed Unicode text is allowed'
}

/** In UTF-8, which takes at most three bytes for a UTF-16 code unit, so short text needs no counting. */
function isWithinBytes(text: string, bytesMax: number): boolean {
  if (text.length * 3 <= bytesMax) return true
  let bytes = 0
  for (let i = 0; i < text.length && bytes <= bytesMax; i++) {
    const code = text.charCodeAt(i)
    const isHalf = code >= 0xd800 && code <= 0xdfff
    bytes += code < 0x80 ? 1 : code < 0x800 || isHalf ? 2 : 3
  }
  return bytes <= bytesMax
}

/** V8 holds at most 2^24 entries in one Map. */
export const ENTRIES_MAX = 16_000_000

/** What an option of a cluster may be. `legs`: latencies, as latency-legs.ts reads them. */
export type OptionKind =
  | { readonly kind: 'whole'; readonly min: number; readonly max: number }
  | { readonly kind: 'duration'; readonly minUs: Microseconds; readonly maxUs: Microseconds }
  /** A duration, or `off`, which is null. */
  | { readonly kind: 'duration-or-off'; readonly minUs: Microseconds; readonly maxUs: Microseconds }
  | { readonly kind: 'legs' }

export interface ClusterOption<K extends keyof ClusterOptions> {
  /** Its name in `ClusterOptions`. */
  readonly key: K
  readonly kind: OptionKind
  readonly fallback: ClusterOptions[K]
  /** What stands for the value in usages. */
  readonly placeholder: string
  readonly help: string
}

/** Below a millisecond nobody waits for anything; a time-out of zero would fail every request. */
const TIMEOUT = { minUs: US_PER_MS, maxUs: BOUNDS.latencyUsMax } as const
const ENTRIES = whole(1, ENTRIES_MAX)
const { followersMin, followersMax } = BOUNDS

/**
 * The options of a cluster that flags, scenario headers and the library share, by their names in flags and headers.
 * How the clock runs is not among them: a scenario has no clock but its own.
 */
export const CLUSTER_OPTIONS = {
  seed: option(
    'seed',
    whole(0, SEED_MAX),
    'NUMBER',
    `Decides every random choice, 0 to ${SEED_MAX}. It is printed at start.`,
  ),
  followers: option(
    'followers',
    whole(followersMin, followersMax),
    'F',
    `How many replicas follow the leader, ${followersMin} to ${followersMax}.`,
  ),
  latency: option(
    'latency',
    { kind: 'legs' },
    'LEG=TIME,...',
    `How long messages travel. LEG is ${LEGS.slice(0, -1).join(', ')} or ${LEGS.at(-1)}; TIME is 200ms ` +
      'or a distribution such as exponential(50ms); replicate takes one for all followers or one ' +
      'for each. Repeat the flag for further legs, or separate them by a semicolon.',
  ),
  'quorum-timeout': option(
    'quorumTimeoutUs',
    { kind: 'duration', ...TIMEOUT },
    'TIME',
    'How long a quorum write waits, and how long a replica may take to answer.',
  ),
  'auto-failover': option(
    'autoFailoverUs',
    { kind: 'duration-or-off', ...TIMEOUT },
    'TIME',
    'Silence after which the leader is replaced without being asked.',
  ),
  'min-followers-to-write': option(
    'minFollowersToWrite',
    whole(0, followersMax),
    'NUMBER',
    'Refuse writes while fewer followers are in reach.',
  ),
  'min-followers-max-lag': option(
    'minFollowersMaxLagUs',
    { kind: 'duration', ...TIMEOUT },
    'TIME',
    'A follower is in reach while its last acknowledgement is younger than this.',
  ),
  'max-keys': option(
    'keysMax',
    ENTRIES,
    'NUMBER',
    'Distinct keys; beyond them writes are refused.',
  ),
  'max-messages': option(
    'messagesMax',
    ENTRIES,
    'NUMBER',
    'Messages on their way; beyond them requests are refused.',
  ),
  'max-waiting': option(
    'waitingMax',
    ENTRIES,
    'NUMBER',
    'Requests that wait for an answer; beyond them they are refused.',
  ),
  'max-log': option(
    'logEntriesMax',
    ENTRIES,
    'NUMBER',
    'Entries of a log; older ones are dropped, and who needs them gets a snapshot.',
  ),
  'max-bytes': option(
    'bytesMax',
    whole(BOUNDS.bytesMin, NUMBER_MAX),
    'NUMBER',
    'Bytes of keys and values in memory, two a character; beyond them writes are refused, and the oldest of logs, ' +
      'events and recordings goes.',
  ),
} as const

export type ClusterOptionName = keyof typeof CLUSTER_OPTIONS

/** The type of an option's value. */
export type ClusterOptionValue<N extends ClusterOptionName> =
  ClusterOptions[(typeof CLUSTER_OPTIONS)[N]['key']]

function whole(min: number, max: number): OptionKind {
  return { kind: 'whole', min, max }
}

function option<K extends keyof ClusterOptions>(
  key: K,
  kind: OptionKind,
  placeholder: string,
  help: string,
): ClusterOption<K> {
  return { key, kind, fallback: DEFAULT_OPTIONS[key], placeholder, help }
}
