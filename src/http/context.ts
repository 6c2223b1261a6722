// What every exchange of one app shares: the cluster it speaks to, and what lives as long as the app does.

import type { Durability } from '../core/ports.ts'
import type { Microseconds } from '../core/units.ts'
import type { ClusterVerbs } from '../core/verbs.ts'
import type { Recorded, SessionRecorder } from '../scenario/recorder.ts'
import type { EventHub } from './event-hub.ts'
import type { Guards } from './guards.ts'
import type { Metrics } from './metrics.ts'
import type { Renderer } from './render.ts'
import type { Turns } from './turns.ts'
import type { WaitingRoom } from './waiting-room.ts'

/** The cluster as the door sees it: its verbs, and the two times that JSON needs. */
export interface HttpCluster extends ClusterVerbs, Recorded {
  /** When simulated time was zero, in ms since 1970. */
  readonly startTimeMs: number
  readonly nowUs: Microseconds
}

export interface Context {
  readonly cluster: HttpCluster
  readonly render: Renderer
  readonly durability: Durability | undefined
  readonly guards: Guards
  readonly waitingRoom: WaitingRoom
  readonly turns: Turns
  readonly events: EventHub
  readonly metrics: Metrics
  /** Notes down what is done, from the start on. */
  readonly recorder: SessionRecorder
  /** The API description, as JSON; made when first asked for. */
  readonly description: () => string
  /** Called with what was thrown where nothing should be. */
  readonly reportBug: (error: unknown) => void
}
