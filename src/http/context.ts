// What every exchange of one app shares: the cluster it speaks to, and what lives as long as the app does.

import type { Cluster } from '../core/cluster.ts'
import type { Problem } from '../core/errors.ts'
import type { Durability } from '../core/ports.ts'
import type { SessionRecorder } from '../scenario/recorder.ts'
import type { EventHub } from './event-hub.ts'
import type { Guards } from './guards.ts'
import type { Metrics } from './metrics.ts'
import type { HttpProblem } from './problems.ts'
import type { Renderer } from './render.ts'
import type { Turns } from './turns.ts'
import type { WaitingRoom } from './waiting-room.ts'

export interface Context {
  readonly cluster: Cluster
  readonly render: Renderer
  /** Says what a problem of the core's advises as calls; only the table of routes knows them. */
  readonly inHttp: (problem: Problem) => HttpProblem
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
