// The past of one session, looked at again and again. Its cluster is kept where the last look left it, so that going
// on from there takes no longer than it took the session; only going back begins anew.

import { Cluster } from '../core/cluster.ts'
import { type Moment, type Recording, Replay } from './replay.ts'
import type { Slices } from './slices.ts'

export class Past {
  #replay: Replay | undefined;

  /** What there was to see after an event, or at an instant. Looks must not overlap. */
  *see<T>(recording: Recording, moment: Moment, look: (cluster: Cluster) => T): Slices<T> {
    if (!this.#replay?.leadsTo(moment, recording)) {
      this.#replay = new Replay(recording, new Cluster(recording.options))
    }
    const replay = this.#replay
    yield* replay.until(moment)
    return replay.see(look)
  }

  /** It begins anew, whatever is asked for next. */
  forget(): void {
    this.#replay = undefined
  }
}
