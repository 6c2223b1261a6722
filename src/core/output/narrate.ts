// One sentence on what there is to see of a cluster, for those who have never heard of replication lag. The gravest
// thing comes first: who leads, what is broken, what is missing, who lags.

import type { ReplicaId } from '../nodes.ts'
import type { Order } from '../order.ts'
import { count, sayNode, sayText } from '../text/say.ts'
import { sayMs } from '../units.ts'
import type { DetailedView, ReplicaView, Sentence } from '../verbs.ts'

type View = Omit<DetailedView, 'sentence'>

export function narrate(view: View, order: Order | undefined): Sentence {
  return (
    tellLeadership(view, order) ??
    tellFaults(view) ??
    tellRows(view) ??
    tellLag(view) ??
    tellCalm(view)
  )
}

function fault(text: string): Sentence {
  return { tone: 'fault', text }
}

function tellLeadership({ replicas, deposed, leader }: View, order: Order | undefined) {
  if (order) {
    return fault(
      `Replica ${order.to} was ordered to lead and is paused: nobody leads until it resumes or another is ordered.`,
    )
  }
  if (leader !== null && deposed.length > 0) {
    const { epoch } = replicas[leader] as ReplicaView
    const [have, lead] = deposed.length > 1 ? ['have', 'lead'] : ['has', 'leads']
    return fault(
      `Split brain: replica ${leader} leads epoch ${epoch}; ${sayIds(deposed)} ${have} not heard of it and ${lead} on.`,
    )
  }
  if (leader !== null) return undefined
  return fault(
    'The leader is down: nobody takes writes until it restarts or a failover makes a follower the leader.',
  )
}

function tellFaults({ links, held, replicas }: View): Sentence | undefined {
  const holding = links.filter((_, i) => (held[i] ?? 0) > 0)
  if (holding.length > 0) {
    const messages = held.reduce((sum, one) => sum + one, 0)
    const where = [...new Set(holding.map(({ to }) => sayNode(to)))]
    const what = count(messages, 'message is', 'messages are')
    return fault(
      `${what} held back on the way to ${sayList(where)}: what is read there is the past.`,
    )
  }
  const down = replicas.filter(({ state }) => state !== 'running')
  if (down.length > 0) return fault(sayDown(down))
  const cut = links.filter(({ state }) => state === 'cut').length
  if (cut === 0) return undefined
  return fault(
    `${count(cut, 'link is', 'links are')} cut: what is sent there is lost, and sent again.`,
  )
}

function sayDown(down: readonly ReplicaView[]): string {
  const [first] = down
  const who = capital(sayIds(down.map(({ id }) => id)))
  if (down.length > 1) return `${who} do not run: what is written now does not reach them.`
  const state = first?.state === 'paused' ? 'paused' : 'down'
  return `${who} is ${state}: what is written now does not reach it.`
}

/** What no lag tells: records that a replica lacks though its log is complete, and versions that nobody has. */
function tellRows({ replicas, rows }: View): Sentence | undefined {
  const lost = replicas.filter((_, i) => rows[i]?.some(({ freshness }) => freshness === 'lost'))
  if (lost.length > 0) {
    const who = capital(sayIds(lost.map(({ id }) => id)))
    const holds = lost.length > 1 ? 'still hold' : 'still holds'
    return { tone: 'stale', text: `${who} ${holds} what a failover has lost: no log has it.` }
  }
  for (const { id, lagVersions } of replicas) {
    const missing = rows[id]?.filter(({ freshness }) => freshness === 'missing').length ?? 0
    if (missing === 0 || lagVersions > 0) continue
    const what = count(missing, 'record')
    return {
      tone: 'stale',
      text: `Replica ${id} has lost ${what}, and no copy is on its way: only a repair brings back what it forgot.`,
    }
  }
  return undefined
}

function tellLag({ replicas, rows, keys, clock }: View): Sentence | undefined {
  const behind = replicas.filter(({ lagVersions }) => lagVersions > 0)
  if (behind.length === 0) return undefined
  const most = Math.max(...behind.map(({ lagVersions }) => lagVersions))
  const who = capital(sayIds(behind.map(({ id }) => id)))
  const [lag, upTo] = behind.length > 1 ? ['lag', 'up to '] : ['lags', '']
  let next: { readonly key: string; readonly us: number } | undefined
  for (const { id } of behind) {
    for (const [i, { copy }] of (rows[id] ?? []).entries()) {
      const us = copy.landsUs ?? Number.POSITIVE_INFINITY
      if (us < (next?.us ?? Number.POSITIVE_INFINITY)) next = { key: keys[i] as string, us }
    }
  }
  const inUs = next && Math.max(0, next.us - clock.nowUs)
  const when =
    next && inUs !== undefined
      ? `; the next copy, ${sayText(next.key)}, lands in ${sayMs(inUs)}`
      : ''
  const text = `${who} ${lag} the leader by ${upTo}${count(most, 'version')}: a read there may be stale${when}.`
  return { tone: 'busy', text }
}

function tellCalm({ keys, lostWrites }: View): Sentence {
  const lost = count(lostWrites, 'acknowledged write was', 'acknowledged writes were')
  if (keys.length === 0) {
    if (lostWrites > 0) return { tone: 'stale', text: `No replica holds a record: ${lost} lost.` }
    const text =
      'Nothing has been written yet. Write a record and watch its copies travel to the followers.'
    return { tone: 'calm', text }
  }
  const same = 'All replicas hold the same records: a read is as good at one as at another'
  if (lostWrites === 0) return { tone: 'calm', text: `${same}.` }
  return { tone: 'stale', text: `${same}, but ${lost} lost in a failover.` }
}

/** More than so many are counted, for nobody reads their numbers. */
const NAMED_MAX = 6

function sayIds(ids: readonly ReplicaId[]): string {
  if (ids.length > NAMED_MAX) return `${ids.length} replicas`
  return `${ids.length === 1 ? 'replica' : 'replicas'} ${sayList(ids.map(String))}`
}

function sayList(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
