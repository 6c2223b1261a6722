// What is written down of a cluster from its start on: what was done to it, and what its clients saw. A server that is
// put in front of it later finds both.

import { HistoryRecording } from '../analysis/history/recording.ts'
import { BOUNDS } from '../core/bounds.ts'
import { sharesOf } from '../core/bytes.ts'
import type { Cluster } from '../core/cluster.ts'
import { recorderBounds, SessionRecorder } from '../scenario/recorder.ts'

export interface Recordings {
  readonly recorder: SessionRecorder
  readonly history: HistoryRecording
}

/** Kept by the cluster itself: the library comes in one file, and the routes beside it have this module of their own. */
const KEPT = Symbol.for('replication-lab.recordings')

/** Begun when first asked for. */
export function recordingsOf(cluster: Cluster): Recordings {
  const known: unknown = Reflect.get(cluster, KEPT)
  if (known) return known as Recordings
  const { bytesMax, followers } = cluster.options
  const shares = sharesOf(bytesMax, followers + 1)
  const history = new HistoryRecording({
    operationsMax: BOUNDS.historyMax,
    bytesMax: shares.history,
  })
  cluster.listen((event) => history.hear(event))
  const recorder = new SessionRecorder(cluster, recorderBounds(shares.recording))
  const recordings = { recorder, history }
  Object.defineProperty(cluster, KEPT, { value: recordings })
  return recordings
}
