// Starts labs beside the root: each with a cluster, a pacer and bounds of its own.

import { BOUNDS } from '../../core/bounds.ts'
import { Cluster } from '../../core/cluster.ts'
import type { ClusterOptions } from '../../core/options.ts'
import type { StartPacing } from '../../core/ports.ts'
import { SessionRecorder } from '../../scenario/recorder.ts'
import type { Context, Shared } from '../context.ts'
import type { HubOptions } from '../event-hub.ts'
import { createLab } from './lab.ts'
import type { Beginning, Labs } from './labs.ts'

/** Of labs beyond the root, unless they or the server say otherwise: there may be hundreds. */
const { labEntriesMax, labBytesMax, labEventsMax, labCommandsMax, labCharsMax, labHistoryMax } =
  BOUNDS

export interface LabMaker {
  readonly shared: Shared
  readonly labs: Labs<Context>
  readonly startPacing: StartPacing
  /** As the root's streams. */
  readonly events: Partial<HubOptions> | undefined
  readonly historyMax: number | undefined
}

/** The same, but with room for no more than a lab has unless it asks for it. */
export function smaller(options: ClusterOptions): ClusterOptions {
  return {
    ...options,
    keysMax: Math.min(options.keysMax, labEntriesMax),
    messagesMax: Math.min(options.messagesMax, labEntriesMax),
    waitingMax: Math.min(options.waitingMax, labEntriesMax),
    logEntriesMax: Math.min(options.logEntriesMax, labEntriesMax),
    bytesMax: Math.min(options.bytesMax, labBytesMax),
  }
}

/** Time stands still in it until it is entered. */
export function beginLab(
  { shared, labs, startPacing, events, historyMax }: LabMaker,
  options: ClusterOptions,
): Beginning<Context> {
  let stop = () => {}
  const beginning = labs.begin((number, id) => {
    const cluster = new Cluster(options)
    // Its own time may have begun long ago, and in an earlier run of the server as well.
    const run = Date.now().toString(36) + number.toString(36)
    const keptMax = Math.min(events?.keptMax ?? labEventsMax, labEventsMax)
    return createLab(shared, {
      id,
      cluster,
      events: { ...events, keptMax, backlogMax: keptMax * 10, run },
      recorder: new SessionRecorder(cluster, {
        commandsMax: labCommandsMax,
        charsMax: labCharsMax,
      }),
      historyMax: Math.min(historyMax ?? labHistoryMax, labHistoryMax),
      stop: () => stop(),
    })
  })
  const enter = () => {
    beginning.enter()
    stop = startPacing(beginning.lab.cluster)
  }
  return { ...beginning, enter }
}
