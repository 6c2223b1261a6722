// One sentence on what there is to see right now: of the last read, as long as that is the news, or of the cluster, as
// the server says it.

import { capital, sayNode, sayText } from './say.js'
import { tellAnswer } from './story.js'

/** @typedef {import('./types').Model} Model */
/** @typedef {import('./types').ViewJson['sentence']} Sentence */

/** How long an answer stays the news, in simulated time. */
const NEWS_MS = 1500

/**
 * @param {Model} model
 * @returns {Sentence}
 */
export function narrate(model) {
  return tellFreshRead(model) ?? model.view?.sentence ?? { tone: 'calm', text: '' }
}

/** @param {Model} model @returns {Sentence | undefined} */
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
