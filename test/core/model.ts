// A model of the cluster that is simple enough to be believed: a leader that never fails, followers at fixed
// latencies, held links and paused followers. It moves time by sorting what falls due, and predicts every
// answer with its instant. What it leaves out (losses, crashes, failovers) the swarm covers.

export interface ModelEntry {
  readonly key: string
  readonly value: string
  readonly atMs: number
}

/** What an operation was answered, and when. */
export interface Predicted {
  said: string
  atMs: number | undefined
}

interface WaitingWrite {
  readonly index: number
  readonly w: number
  readonly acknowledgedBy: Set<number>
  readonly predicted: Predicted
}

type Parcel =
  | { readonly kind: 'copy'; readonly index: number }
  | { readonly kind: 'read'; readonly key: string; readonly predicted: Predicted }

interface ModelFollower {
  readonly id: number
  readonly latencyMs: number
  /** Entries of the log that have not been delivered, oldest first. */
  readonly travelling: number[]
  readonly held: number[]
  readonly inbox: Parcel[]
  isHeld: boolean
  isPaused: boolean
  applied: number
  /** By key, the index of the entry it has. */
  readonly store: Map<string, number>
}

export class Model {
  nowMs = 0
  readonly log: ModelEntry[] = []
  readonly leaderStore = new Map<string, number>()
  readonly followers: ModelFollower[]
  readonly #writes: WaitingWrite[] = []
  readonly #timeouts: { readonly atMs: number; readonly fire: () => void }[] = []

  constructor(latenciesMs: readonly number[]) {
    this.followers = latenciesMs.map((latencyMs, i) => ({
      id: i + 1,
      latencyMs,
      travelling: [],
      held: [],
      inbox: [],
      isHeld: false,
      isPaused: false,
      applied: 0,
      store: new Map(),
    }))
  }

  get somebodyIsPaused(): boolean {
    return this.followers.some(({ isPaused }) => isPaused)
  }

  follower(id: number): ModelFollower {
    return this.followers[id - 1] as ModelFollower
  }

  store(id: number): Map<string, number> {
    return id === 0 ? this.leaderStore : this.follower(id).store
  }

  value(store: Map<string, number>, key: string): string {
    const index = store.get(key)
    return index === undefined ? 'key-not-found' : (this.log[index]?.value ?? '')
  }

  write(key: string, value: string, w: number, timeoutMs: number): Predicted {
    const index = this.log.push({ key, value, atMs: this.nowMs }) - 1
    this.leaderStore.set(key, index)
    for (const follower of this.followers) follower.travelling.push(index)
    if (w === 1) return { said: value, atMs: this.nowMs }
    const predicted: Predicted = { said: 'waiting', atMs: undefined }
    const waiting = { index, w, acknowledgedBy: new Set([0]), predicted }
    this.#writes.push(waiting)
    this.#timeOut(timeoutMs, predicted, 'quorum-timeout')
    return predicted
  }

  followerRead(key: string, id: number, timeoutMs: number): Predicted {
    if (id === 0 || !this.follower(id).isPaused) {
      return { said: this.value(this.store(id), key), atMs: this.nowMs }
    }
    const predicted: Predicted = { said: 'waiting', atMs: undefined }
    this.follower(id).inbox.push({ kind: 'read', key, predicted })
    this.#timeOut(timeoutMs, predicted, 'replica-timeout')
    return predicted
  }

  /** Everybody answers; the newest is given to those who lack it. @returns who lacked it */
  readWithRepair(key: string): { said: string; repaired: number[] } {
    const ids = [0, ...this.followers.map(({ id }) => id)]
    const indices = ids.map((id) => this.store(id).get(key) ?? -1)
    const newest = Math.max(...indices)
    if (newest < 0) return { said: 'key-not-found', repaired: [] }
    const repaired = ids.filter((id) => this.store(id).get(key) !== newest)
    for (const id of repaired) this.store(id).set(key, newest)
    return { said: this.log[newest]?.value ?? '', repaired }
  }

  hold(id: number): void {
    this.follower(id).isHeld = true
  }

  release(id: number): void {
    const follower = this.follower(id)
    follower.isHeld = false
    for (const index of follower.held.splice(0)) this.#arrive(follower, { kind: 'copy', index })
  }

  pause(id: number): void {
    this.follower(id).isPaused = true
  }

  resume(id: number): void {
    const follower = this.follower(id)
    follower.isPaused = false
    for (const parcel of follower.inbox.splice(0)) this.#arrive(follower, parcel)
  }

  advance(ms: number): void {
    const untilMs = this.nowMs + ms
    const dues = this.#timeouts.filter(({ atMs }) => atMs <= untilMs)
    for (const follower of this.followers) {
      for (const index of [...follower.travelling]) {
        const atMs = (this.log[index]?.atMs ?? 0) + follower.latencyMs
        if (atMs > untilMs) break
        follower.travelling.shift()
        dues.push({ atMs, fire: () => this.#due(follower, index) })
      }
    }
    // Latencies and time-outs never fall on the same instant (see model.test.ts), so any sort will do.
    for (const { atMs, fire } of dues.sort((a, b) => a.atMs - b.atMs)) {
      this.nowMs = atMs
      fire()
    }
    this.nowMs = untilMs
    const later = this.#timeouts.filter(({ atMs }) => atMs > untilMs)
    this.#timeouts.splice(0, this.#timeouts.length, ...later)
  }

  #due(follower: ModelFollower, index: number): void {
    if (follower.isHeld) follower.held.push(index)
    else this.#arrive(follower, { kind: 'copy', index })
  }

  #arrive(follower: ModelFollower, parcel: Parcel): void {
    if (follower.isPaused) {
      follower.inbox.push(parcel)
      return
    }
    if (parcel.kind === 'read') {
      this.#answer(parcel.predicted, this.value(follower.store, parcel.key))
      return
    }
    const { index } = parcel
    const { key } = this.log[index] as ModelEntry
    follower.applied = index + 1
    if ((follower.store.get(key) ?? -1) < index) follower.store.set(key, index)
    const write = this.#writes.find((one) => one.index === index)
    if (!write) return
    write.acknowledgedBy.add(follower.id)
    if (write.acknowledgedBy.size >= write.w) {
      this.#answer(write.predicted, this.log[index]?.value ?? '')
    }
  }

  #timeOut(afterMs: number, predicted: Predicted, said: string): void {
    this.#timeouts.push({
      atMs: this.nowMs + afterMs,
      fire: () => this.#answer(predicted, said),
    })
  }

  #answer(predicted: Predicted, said: string): void {
    if (predicted.said !== 'waiting') return
    predicted.said = said
    predicted.atMs = this.nowMs
  }
}
