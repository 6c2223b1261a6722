// One sentence on what there is to see right now, for those who have never heard of replication lag.

import { isDeposed } from './cards.js'
import { lagOf } from './history.js'
import { seatOf } from './nodes.js'
import { capital, count, sayList, sayMs, sayNode, sayReplicas, sayText } from './say.js'
import { tellAnswer } from './story.js'

/** @typedef {import('./types').Model} Model */
/** @typedef {import('./types').Replica} Replica */
/** @typedef {{ tone: 'calm' | 'busy' | 'stale' | 'fault', text: string }} Narration */

/** How long an answer stays the news, in simulated time. */
const NEWS_MS = 1500

/**
 * @param {Model} model
 * @returns {Narration}
 */
export function narrate(model) {
  return tellFreshRead(model) ?? tellLeadership(model) ?? tellFaults(model) ?? tellLag(model)
}

/** @param {Model} model @returns {Narration | undefined} */
function tellFreshRead(model) {
  const { last } = model
  if (!last || last.verb.startsWith('write')) return undefined
  if (model.nowMs - (last.endMs ?? 0) > NEWS_MS) return undefined
  if (model.clock.mode === 'manual' && model.nowMs !== last.endMs) return undefined
  // What was done to the cluster since is newer.
  if (model.lastFault && model.lastFault.slot > last.endSlot) return undefined
  const who = last.replica === null ? 'The replicas' : capital(sayNode(last.replica))
  const asker = last.client === 'default' ? 'the client' : sayText(last.client)
  if (last.stale) return { tone: 'stale', text: `${who} told ${asker} ${tellAnswer(last)}.` }
  return last.outcome === 'done'
    ? { tone: 'calm', text: `${who} told ${asker} ${tellAnswer(last)}.` }
    : undefined
}

/** @param {Model} model @returns {Narration | undefined} */
function tellLeadership(model) {
  const leader = model.replicas.get(seatOf(model))
  const deposed = [...model.replicas.values()].filter((one) => isDeposed(model, one))
  if (model.ordered !== null) {
    const text = `Replica ${model.ordered} was ordered to lead and is paused: nobody leads until it resumes or another is ordered.`
    return { tone: 'fault', text }
  }
  if (deposed.length > 0 && leader) {
    const who = sayReplicas(deposed.map((one) => one.id))
    const text = `Split brain: replica ${leader.id} leads epoch ${model.epoch}, and ${who} has not heard of it and leads on.`
    return { tone: 'fault', text }
  }
  if (leader?.state === 'crashed') {
    const text = `The leader is down: nobody takes writes until it restarts or a failover makes a follower the leader.`
    return { tone: 'fault', text }
  }
  return undefined
}

/** @param {Model} model @returns {Narration | undefined} */
function tellFaults(model) {
  const held = [...model.messages.values()].filter((message) => message.fate === 'held')
  const [first] = held
  if (first) {
    const where = [...new Set(held.map((one) => sayNode(one.to)))]
    const what = count(held.length, 'message is', 'messages are')
    const text = `${what} held back on the way to ${sayList(where)}: whoever reads there reads the past.`
    return { tone: 'fault', text }
  }
  const down = [...model.replicas.values()].filter((one) => one.state !== 'running')
  if (down.length > 0) return { tone: 'fault', text: sayDown(down) }
  const cut = [...model.links.values()].filter((link) => link.state === 'cut')
  if (cut.length === 0) return undefined
  return {
    tone: 'fault',
    text: `${count(cut.length, 'link is', 'links are')} cut: what is sent there is lost, and sent again.`,
  }
}

/** @param {readonly Replica[]} down */
function sayDown(down) {
  const who = capital(sayReplicas(down.map(({ id }) => id)))
  if (down.length > 1) return `${who} do not run: what is written now does not reach them.`
  const state = down[0]?.state === 'paused' ? 'paused' : 'down'
  return `${who} is ${state}: what is written now does not reach it.`
}

/** @param {Model} model @returns {Narration} */
function tellLag(model) {
  const leader = model.replicas.get(seatOf(model))
  const behind = [...model.replicas.values()]
    .map((replica) => ({ replica, lag: lagOf(model, replica) }))
    .filter(({ lag }) => lag.versions > 0)
  if (behind.length === 0) {
    if (!leader || leader.offset === 0) {
      const text =
        'Nothing has been written yet. Write a record and watch its copies travel to the followers.'
      return { tone: 'calm', text }
    }
    return {
      tone: 'calm',
      text: 'All replicas hold the same records: a read is as good at one as at another.',
    }
  }
  const next = nextCopy(model)
  const who = sayReplicas(behind.map(({ replica }) => replica.id)).replace(/^r/, 'R')
  const most = Math.max(...behind.map(({ lag }) => lag.versions))
  const lag = behind.length === 1 ? 'lags' : 'lag'
  const when = next
    ? `; the next copy${next.record ? `, ${sayText(next.record.key)},` : ''} lands in ${sayMs(Math.max(0, Math.ceil(next.dueMs - model.nowMs)))}`
    : ''
  const text = `${who} ${lag} the leader by ${behind.length > 1 ? 'up to ' : ''}${count(most, 'version')}: a read there may be stale${when}.`
  return { tone: 'busy', text }
}

/** @param {Model} model */
function nextCopy(model) {
  let next
  for (const message of model.messages.values()) {
    if (message.kind !== 'copy' || message.fate !== 'travelling' || message.dueMs < model.nowMs)
      continue
    if (!next || message.dueMs < next.dueMs) next = message
  }
  return next
}
