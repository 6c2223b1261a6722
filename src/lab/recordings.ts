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

const kept = new WeakMap<Cluster, Recordings>()

/** Begun when first asked for. */
export function recordingsOf(cluster: Cluster): Recordings {
  const known = kept.get(cluster)
  if (known) return known
  const { bytesMax, followers } = cluster.options
  const shares = sharesOf(bytesMax, followers + 1)
  const history = new HistoryRecording({
    operationsMax: BOUNDS.historyMax,
    bytesMax: shares.history,
  })
  cluster.listen((event) => history.hear(event))
  const recorder = new SessionRecorder(cluster, recorderBounds(shares.recording))
  const recordings = { recorder, history }
  kept.set(cluster, recordings)
  return recordings
}
