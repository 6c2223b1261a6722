// When one message lands at its replica, while links and replicas stay as they are.

import type { Link } from '../network/link.ts'
import type { Message } from '../network/message.ts'
import type { CopyInFlight } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import type { Microseconds } from '../units.ts'

export const NONE: CopyInFlight = Object.freeze({ state: 'none', landsUs: null })
export const HELD: CopyInFlight = Object.freeze({ state: 'held', landsUs: null })
export const SOMETIME: CopyInFlight = Object.freeze({ state: 'in-flight', landsUs: null })

/** Links that count what they hold are let pass. */
export function landing(parts: Parts, message: Message): CopyInFlight {
  const { dueUs, isHeld, isLost } = message
  // It queued while the replica was paused, and is being handed over.
  if (dueUs < parts.now && !isHeld && !isLost) return { state: 'in-flight', landsUs: dueUs }
  const link = parts.network.link(message.from, message.to)
  if (link.state === 'cut') return NONE
  const isCounting = link.holding !== null && 'copies' in link.holding
  if (isHeld || (link.wouldHold(message) && !isCounting)) return HELD
  return isLost ? landingAgain(parts, link, dueUs) : { state: 'in-flight', landsUs: dueUs }
}

/** Of a copy that was dropped: if it can be foretold how long it will take when it is sent again. */
export function landingAgain(parts: Parts, link: Link, sentUs: Microseconds): CopyInFlight {
  const latency = parts.network.latencyOf(link, 'copy')
  if (latency.kind !== 'constant' || link.lossRatio > 0) return SOMETIME
  return { state: 'in-flight', landsUs: sentUs + latency.us }
}
