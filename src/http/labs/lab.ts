// What one lab is made of, the root or another: its cluster, and what watches, records and counts it. Labs share the
// guards, the turns and the description of the server, and nothing else.

import { HistoryRecording } from '../../analysis/history/recording.ts'
import { BOUNDS } from '../../core/bounds.ts'
import { sharesOf } from '../../core/bytes.ts'
import type { Cluster } from '../../core/cluster.ts'
import type { Durability } from '../../core/ports.ts'
import { recorderBounds, SessionRecorder } from '../../scenario/recorder.ts'
import type { Context, Shared } from '../context.ts'
import { EventHub, type HubOptions } from '../event-hub.ts'
import { Metrics } from '../metrics.ts'
import { httpProblem } from '../problems.ts'
import { inHttp } from '../remedies.ts'
import { Renderer } from '../render.ts'
import { type Closure, WaitingRoom } from '../waiting-room.ts'
import { ROOT } from './labs.ts'
import { LookingBack } from './looking-back.ts'

export interface LabParts {
  readonly id: string
  readonly cluster: Cluster
  readonly durability?: Durability | undefined
  readonly events?: Partial<HubOptions> | undefined
  /** Operations of clients that are kept. */
  readonly historyMax?: number | undefined
  /** Begun before it. */
  readonly recorder?: SessionRecorder | undefined
  readonly history?: HistoryRecording | undefined
  /** Time stands still from then on. */
  readonly stop?: () => void
}

export function createLab(shared: Shared, parts: LabParts): Context {
  const { id, cluster, durability } = parts
  const base = id === ROOT ? '' : `/labs/${id}`
  const waitingRoom = new WaitingRoom()
  const { bytesMax, followers } = cluster.options
  const shares = sharesOf(bytesMax, followers + 1)
  const render = new Renderer(cluster)
  const look = (rows: number) =>
    render.detailed(cluster.detailedView(rows), (id) => `${events.run}-${id}`)
  const options = { ...parts.events, bytesMax: shares.events }
  const events: EventHub = new EventHub(cluster, options, { cluster, look })
  const { recorder = new SessionRecorder(cluster, recorderBounds(shares.recording)) } = parts
  const history = parts.history ?? newHistory(cluster, parts.historyMax, shares.history)
  const metrics = new Metrics(id, cluster, {
    waiting: () => waitingRoom.size,
    streams: () => events.streams,
    eventBytes: () => events.bytes,
    streamsCutOff: () => events.cutOffs,
  })
  const lookingBack = new LookingBack(shared.warm)
  const context: Context = {
    ...shared,
    id,
    base,
    bytesMax,
    cluster,
    durability,
    render,
    inHttp: (problem) => inHttp(problem, base),
    waitingRoom,
    events,
    metrics,
    measured: () =>
      id === ROOT
        ? shared
            .labs()
            .all()
            .map((lab) => lab.metrics)
        : [metrics],
    recorder,
    lookingBack,
    history,
    get isInUse() {
      return waitingRoom.size > 0 || events.streams > 0
    },
    end() {
      waitingRoom.close(id === ROOT ? SHUT_DOWN : endOf(id))
      shared.classes.close(context)
      events.end()
      lookingBack.end()
      parts.stop?.()
    },
  }
  return context
}

function newHistory(
  cluster: Cluster,
  operationsMax: number = BOUNDS.historyMax,
  bytesMax: number,
): HistoryRecording {
  const history = new HistoryRecording({ operationsMax, bytesMax })
  cluster.listen((event) => history.hear(event))
  return history
}

const SHUT_DOWN: Closure = {
  farewell: httpProblem(
    'shutting-down',
    'The server shuts down and did not wait for the answer. Read before you write again once it is back; what no write-ahead file holds is gone with it.',
    { outcome: 'unknown' },
  ),
  refusal: httpProblem(
    'shutting-down',
    'The server is on its way out and begins nothing new: ask again once it is back.',
  ),
}

function endOf(id: string): Closure {
  const detail = `Lab ${id} has ended, and all it held is gone: POST /labs starts another.`
  const farewell = httpProblem('lab-ended', detail)
  return { farewell, refusal: { ...farewell, outcome: 'not-applied' } }
}
