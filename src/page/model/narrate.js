// One sentence on what there is to see right now: of the last read, as long as that is the news, or of the cluster. The
// server says both.

/** @import { Model, ViewJson } from './types' */

/** How long an answer stays the news, in simulated time. */
const NEWS_MS = 1500

/** @param {Model} model @returns {ViewJson['sentence']} */
export function narrate(model) {
  return tellFreshRead(model) ?? model.view?.sentence ?? { tone: 'calm', text: '' }
}

/** @param {Model} model @returns {ViewJson['sentence'] | undefined} */
function tellFreshRead({ last, nowMs, clock, lastFault }) {
  if (!last || last.verb.startsWith('write')) return undefined
  if (nowMs - (last.endMs ?? 0) > NEWS_MS) return undefined
  if (clock.mode === 'manual' && nowMs !== last.endMs) return undefined
  // What was done to the cluster since is newer.
  if (lastFault && lastFault.slot > last.endSlot) return undefined
  if (!last.stale && last.outcome !== 'done') return undefined
  return { tone: last.stale ? 'stale' : 'calm', text: `${last.told.at(-1)?.text}.` }
}
