// What every exchange with one lab shares: the cluster it speaks to, and what lives as long as the lab does. What all
// labs of a server share is in it too.

import type { HistoryRecording } from '../analysis/history/recording.ts'
import type { Cluster } from '../core/cluster.ts'
import type { Problem } from '../core/errors.ts'
import type { ClusterOptions } from '../core/options.ts'
import type { Durability } from '../core/ports.ts'
import type { SessionRecorder } from '../scenario/recorder.ts'
import type { Classes } from './class/classes.ts'
import type { Reach } from './class/reach.ts'
import type { EventHub } from './event-hub.ts'
import type { Guards } from './guards.ts'
import type { Beginning, Inhabited, Labs } from './labs/labs.ts'
import type { LookingBack, WarmPasts } from './labs/looking-back.ts'
import type { LongWork } from './long-work.ts'
import type { Metrics } from './metrics.ts'
import type { Predictions } from './predictions.ts'
import type { HttpProblem } from './problems.ts'
import type { Renderer } from './render.ts'
import type { Shelf } from './stories/shapes.ts'
import type { TokenGuard } from './token.ts'
import type { Turns } from './turns.ts'
import type { WaitingRoom } from './waiting-room.ts'

/** As old as the server. */
export interface Shared {
  readonly guards: Guards
  readonly token: TokenGuard
  readonly turns: Turns
  /** All labs of the server. A function, for the first of them is made before. */
  readonly labs: () => Labs<Context>
  readonly classes: Classes<Context>
  readonly reach: Reach
  readonly beginLab: (options: ClusterOptions) => Beginning<Context>
  /** For what takes longer than others should wait. */
  readonly longWork: LongWork
  readonly warm: WarmPasts
  readonly predictions: Predictions
  readonly stories: { shelf(): Shelf }
  /** Real time that a request may wait for others. */
  readonly patienceMs: number
  /** The API description, as JSON; made when first asked for. */
  readonly description: () => string
  /** Called with what was thrown where nothing should be. */
  readonly reportBug: (error: unknown) => void
}

export interface Context extends Shared, Inhabited {
  /** What stands before its paths; empty for the root. */
  readonly base: string
  readonly cluster: Cluster
  readonly render: Renderer
  /** Says what a problem of the core's advises as calls; only the table of routes knows them. */
  readonly inHttp: (problem: Problem) => HttpProblem
  readonly durability: Durability | undefined
  readonly waitingRoom: WaitingRoom
  readonly events: EventHub
  readonly metrics: Metrics
  /** What is shown of labs at its `/metrics`. */
  readonly measured: () => readonly Metrics[]
  /** Notes down what is done, from the start on. */
  readonly recorder: SessionRecorder
  /** What it noted down, to be looked at again. */
  readonly lookingBack: LookingBack
  /** And what clients saw of it. */
  readonly history: HistoryRecording
}
