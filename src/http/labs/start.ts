// Starts labs beside the root: each with a cluster, a pacer and bounds of its own.

import { BOUNDS } from '../../core/bounds.ts'
import { Cluster } from '../../core/cluster.ts'
import type { ClusterOptions } from '../../core/options.ts'
import type { StartPacing } from '../../core/ports.ts'
import type { Context, Shared } from '../context.ts'
import type { HubOptions } from '../event-hub.ts'
import { createLab } from './lab.ts'
import type { Labs } from './labs.ts'

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

/** What a lab is started with where nothing is said: as the server was, but with room for less. */
export function defaultsFor(root: ClusterOptions): ClusterOptions {
  return {
    ...root,
    keysMax: Math.min(root.keysMax, labEntriesMax),
    messagesMax: Math.min(root.messagesMax, labEntriesMax),
    waitingMax: Math.min(root.waitingMax, labEntriesMax),
    logEntriesMax: Math.min(root.logEntriesMax, labEntriesMax),
    bytesMax: Math.min(root.bytesMax, labBytesMax),
  }
}

/** @param prepare what happens in it before time passes; if it throws, nothing is left behind */
export function startLab(
  { shared, labs, startPacing, events, historyMax }: LabMaker,
  options: ClusterOptions,
  prepare: (lab: Context) => void = () => undefined,
): Context {
  return labs.start((number, id) => {
    const cluster = new Cluster(options)
    let stop = () => {}
    const keptMax = Math.min(events?.keptMax ?? labEventsMax, labEventsMax)
    const lab = createLab(shared, {
      id,
      cluster,
      events: { ...events, keptMax, backlogMax: keptMax * 10, run: number.toString(36) },
      recorder: { commandsMax: labCommandsMax, charsMax: labCharsMax },
      historyMax: Math.min(historyMax ?? labHistoryMax, labHistoryMax),
      stop: () => stop(),
    })
    prepare(lab)
    stop = startPacing(cluster)
    return lab
  })
}
