// The small phrases sentences are made of, and the one rule for showing text that came from a user.
// Sentences themselves are made in describe.ts.

import { API, type LossReason, type NodeId, type ReplicaId } from '../nodes.ts'
import type { StoredRecord } from '../record.ts'
import { type Microseconds, sayMs } from '../units.ts'
import { formatVersion } from '../version.ts'

/** How much of a value a sentence shows, in UTF-16 code units; the rest is counted. */
export const VALUE_CHARS_SHOWN = 200

export function sayRecord(record: StoredRecord): string {
  return `${sayKey(record.key)} value=${sayText(record.value)}`
}

export function sayKey(key: string): string {
  return `key=${sayText(key)}`
}

/** ` of key=… version=…` when the message carries a record. */
export function sayCargo(record: StoredRecord | null): string {
  return record ? ` of ${sayKey(record.key)} version=${formatVersion(record)}` : ''
}

export function sayNode(node: NodeId): string {
  return node === API ? 'api' : `replica ${node}`
}

export function sayShortNode(node: NodeId): string {
  return node === API ? 'api' : String(node)
}

const LOSSES: Readonly<Record<LossReason, string>> = {
  cut: 'the link is cut',
  loss: 'by chance',
  crashed: 'the receiver is down',
  restarted: 'the receiver has restarted since',
  overflow: 'too many messages wait there',
}

export function sayLoss(reason: LossReason): string {
  return LOSSES[reason]
}

export function sayReplicas(ids: readonly ReplicaId[]): string {
  return `${ids.length === 1 ? 'replica' : 'replicas'} ${ids.join(', ')}`
}

export function sayFor(forUs: Microseconds | null): string {
  return forUs === null ? '' : `, for ${sayMs(forUs)}`
}

export function sayUndone(undone: boolean): string {
  return undone ? ' (its time was up)' : ''
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`
}

/** What may stand in a sentence as it is: visible, and neither space, quote, `=` nor backslash. */
const PLAIN = /^[!#-<>-[\]-~]+$/
const BARE = /^[^\s"=\\]+$/
/**
 * Characters that act instead of being seen, or are not seen at all: controls, line and paragraph
 * separators, halves of surrogate pairs, format characters, which can turn the direction of what follows,
 * and fillers. Joiners and variation selectors are let through, because Persian, Hindi, Chinese names and
 * many emoji are misspelt without them.
 */
const ACTING =
  /(?!\u200c|\u200d|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/gu
/** Anything but visible ASCII, which alone needs a closer look. */
const UNUSUAL = /[^ -~]/

/**
 * A user's text inside a sentence: bare when it is one plain word, else as a JSON string with every
 * acting character escaped, so that `key=a value=b` cannot be made from a key. The rule for quotes is
 * logfmt's. Long text is cut, and what was left out is counted behind the closing quote.
 */
export function sayText(text: string): string {
  if (text.length > VALUE_CHARS_SHOWN) {
    const shown = cutText(text, VALUE_CHARS_SHOWN)
    return `${sayText(shown)}… (${text.length - shown.length} more characters)`
  }
  if (PLAIN.test(text)) return text
  const escaped = escapeActing(JSON.stringify(text))
  const bare = text === escaped.slice(1, -1) && BARE.test(text)
  return bare ? text : escaped
}

/**
 * Writes characters that would act on a terminal, end a line or hide as `\u` escapes. In JSON they stand
 * only inside strings, where the escape means the same.
 */
export function escapeActing(text: string): string {
  if (!UNUSUAL.test(text)) return text
  return text.replace(ACTING, (char) => {
    let escaped = ''
    for (let i = 0; i < char.length; i++) {
      escaped += `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`
    }
    return escaped
  })
}

/** The first `length` code units, or one fewer where the cut would split a surrogate pair. */
function cutText(text: string, length: number): string {
  const code = text.charCodeAt(length - 1)
  const partsPair = code >= 0xd800 && code <= 0xdbff
  return text.slice(0, partsPair ? length - 1 : length)
}

/** What a hold holds. */
export function sayOnly(only: { readonly copies: number } | { readonly key: string }): string {
  return 'key' in only ? sayKey(only.key) : count(only.copies, 'copy', 'copies')
}

export function saySettings(settings: {
  readonly latency: string | null
  readonly lossRatio: number
  readonly duplicateRatio: number
}): string {
  const { latency, lossRatio, duplicateRatio } = settings
  return `latency ${latency ?? 'as by default'}, loss ratio ${lossRatio}, duplicate ratio ${duplicateRatio}`
}

/** `max-keys` is `maxKeys` where names are those of fields or methods. */
export function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
