// Simulated time: one ordered queue of due events, in whole microseconds. It moves to each due instant in
// turn and never back; equal instants fire in the order scheduled. A binary heap over flat arrays, with
// a plain queue beside it for what is due at the present instant, which most zero-delay legs are.
// Who moves it (a wall clock, a test, a forecast) is none of its business.

import { invariant } from './errors.ts'
import type { Microseconds } from './units.ts'

/** Something that will happen. Subclassed rather than wrapped, so a message in flight is one object. */
export abstract class Due {
  /** Written by the timeline only. */
  cancelled = false
  /** Happens forever by itself (heartbeats), so it does not keep the system from being idle. */
  background = false
  abstract fire(): void
}

class Callback extends Due {
  readonly #action: () => void
  constructor(action: () => void) {
    super()
    this.#action = action
  }
  override fire(): void {
    this.#action()
  }
}

const INITIAL_CAPACITY = 1024

export class Timeline {
  #nowUs: Microseconds
  /** Three columns of one heap, ordered by due time, then by sequence. */
  #dueUs = new Float64Array(INITIAL_CAPACITY)
  #sequence = new Float64Array(INITIAL_CAPACITY)
  #items: (Due | undefined)[] = []
  #size = 0
  #nextSequence = 0
  /** Due now, in order. All of it was scheduled after everything in the heap that is due now. */
  #present: (Due | undefined)[] = []
  #presentHead = 0
  #cancelledInHeap = 0
  #foreground = 0
  #ended = false

  constructor(startUs: Microseconds = 0) {
    this.#nowUs = startUs
  }

  now(): Microseconds {
    return this.#nowUs
  }

  /** Events that somebody waits for: everything but background ones. Zero means idle. */
  get foreground(): number {
    return this.#foreground
  }

  /** Scheduled and neither fired nor cancelled. */
  get size(): number {
    return this.#size - this.#cancelledInHeap + this.#present.length - this.#presentHead
  }

  /** Runs `action` after `delayUs` of simulated time, which must be a whole number and not negative. */
  schedule(delayUs: Microseconds, action: () => void, background = false): Due {
    const callback = new Callback(action)
    callback.background = background
    return this.scheduleDue(delayUs, callback)
  }

  scheduleDue<T extends Due>(delayUs: Microseconds, due: T): T {
    invariant(
      Number.isSafeInteger(delayUs) && delayUs >= 0,
      'a delay is a whole number, not negative',
    )
    due.cancelled = false
    if (!due.background) this.#foreground++
    if (delayUs === 0) this.#present.push(due)
    else this.#push(this.#nowUs + delayUs, due)
    return due
  }

  /** Forgets a scheduled event. Cancelling twice, or after it fired, does nothing. */
  cancel(due: Due): void {
    if (due.cancelled) return
    due.cancelled = true
    if (!due.background) this.#foreground--
    this.#cancelledInHeap++
    if (this.#cancelledInHeap > 64 && this.#cancelledInHeap * 2 > this.#size) this.#compact()
  }

  /** Everything scheduled, in no order. */
  *scheduled(): Iterable<Due> {
    for (const due of this.#items) if (due && !due.cancelled) yield due
    for (const due of this.#present) if (due && !due.cancelled) yield due
  }

  /** Nothing of it happens any more, whatever is scheduled still: a reset has begun another timeline. */
  end(): void {
    this.#ended = true
  }

  /** When the next event is due; undefined when nothing is. */
  nextDueUs(): Microseconds | undefined {
    if (this.#ended) return undefined
    this.#dropCancelled()
    if (this.#presentHead < this.#present.length) return this.#nowUs
    return this.#size > 0 ? this.#dueUs[0] : undefined
  }

  /** Fires the next event, moving to its instant. Returns false when there is none. */
  step(): boolean {
    const dueUs = this.nextDueUs()
    if (dueUs === undefined) return false
    const fromHeap = this.#size > 0 && this.#dueUs[0] === dueUs
    this.#nowUs = dueUs
    const due = fromHeap ? this.#pop() : this.#shiftPresent()
    // Marked so that a late cancel, from the action itself even, changes no counter.
    due.cancelled = true
    if (!due.background) this.#foreground--
    due.fire()
    return true
  }

  /** Fires what is due at the present instant, and what that schedules for it. */
  runPresent(): void {
    while (this.nextDueUs() === this.#nowUs) this.step()
  }

  /**
   * Moves to `toUs`, firing everything due until then, but no more than `eventsMax` events.
   * @returns how many fired, and whether it got there
   */
  advanceTo(toUs: Microseconds, eventsMax: number): { fired: number; finished: boolean } {
    invariant(Number.isSafeInteger(toUs) && toUs >= this.#nowUs, 'time goes forward')
    let fired = 0
    for (;;) {
      const dueUs = this.nextDueUs()
      if (dueUs === undefined || dueUs > toUs) break
      if (fired >= eventsMax) return { fired, finished: false }
      this.step()
      fired++
    }
    // An event may have advanced further itself, when it was a completion callback's to do so.
    if (toUs > this.#nowUs) this.#nowUs = toUs
    return { fired, finished: true }
  }

  #shiftPresent(): Due {
    const due = this.#present[this.#presentHead] as Due
    this.#present[this.#presentHead++] = undefined
    if (this.#presentHead === this.#present.length) {
      this.#present.length = 0
      this.#presentHead = 0
    } else if (
      this.#presentHead >= INITIAL_CAPACITY &&
      this.#presentHead * 2 >= this.#present.length
    ) {
      // A long cascade within one instant must not keep what already fired.
      this.#present.splice(0, this.#presentHead)
      this.#presentHead = 0
    }
    return due
  }

  #dropCancelled(): void {
    while (this.#size > 0 && this.#items[0]?.cancelled) {
      this.#pop()
      this.#cancelledInHeap--
    }
    while (
      this.#presentHead < this.#present.length &&
      this.#present[this.#presentHead]?.cancelled
    ) {
      this.#shiftPresent()
      this.#cancelledInHeap--
    }
  }

  #push(dueUs: Microseconds, item: Due): void {
    if (this.#size === this.#dueUs.length) this.#grow()
    const sequence = this.#nextSequence++
    const [dues, sequences, items] = [this.#dueUs, this.#sequence, this.#items]
    let hole = this.#size++
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      // A newcomer has the highest sequence, so an equal parent stays above it.
      if ((dues[parent] as number) <= dueUs) break
      dues[hole] = dues[parent] as number
      sequences[hole] = sequences[parent] as number
      items[hole] = items[parent]
      hole = parent
    }
    dues[hole] = dueUs
    sequences[hole] = sequence
    items[hole] = item
  }

  #pop(): Due {
    const top = this.#items[0] as Due
    const last = --this.#size
    const [dueUs, sequence] = [this.#dueUs[last] as number, this.#sequence[last] as number]
    const item = this.#items.pop()
    if (last > 0) this.#sink(0, dueUs, sequence, item as Due)
    return top
  }

  /** Lets an item fall from `hole` to where it belongs. */
  #sink(hole: number, dueUs: Microseconds, sequence: number, item: Due): void {
    const [dues, sequences, items, size] = [this.#dueUs, this.#sequence, this.#items, this.#size]
    for (;;) {
      let child = 2 * hole + 1
      if (child >= size) break
      if (child + 1 < size && this.#isBefore(child + 1, child)) child++
      const childDue = dues[child] as number
      if (dueUs < childDue || (dueUs === childDue && sequence < (sequences[child] as number))) break
      dues[hole] = childDue
      sequences[hole] = sequences[child] as number
      items[hole] = items[child]
      hole = child
    }
    dues[hole] = dueUs
    sequences[hole] = sequence
    items[hole] = item
  }

  #isBefore(a: number, b: number): boolean {
    const difference = (this.#dueUs[a] as number) - (this.#dueUs[b] as number)
    if (difference !== 0) return difference < 0
    return (this.#sequence[a] as number) < (this.#sequence[b] as number)
  }

  #grow(): void {
    const [dues, sequences] = [this.#dueUs, this.#sequence]
    this.#dueUs = new Float64Array(dues.length * 2)
    this.#dueUs.set(dues)
    this.#sequence = new Float64Array(sequences.length * 2)
    this.#sequence.set(sequences)
  }

  /** Throws out what was cancelled, once that is more than half: memory follows what is alive. */
  #compact(): void {
    let kept = 0
    for (let i = 0; i < this.#size; i++) {
      const item = this.#items[i] as Due
      if (item.cancelled) continue
      this.#dueUs[kept] = this.#dueUs[i] as number
      this.#sequence[kept] = this.#sequence[i] as number
      this.#items[kept] = item
      kept++
    }
    this.#cancelledInHeap -= this.#size - kept
    this.#items.length = kept
    this.#size = kept
    for (let i = (kept >> 1) - 1; i >= 0; i--) {
      this.#sink(i, this.#dueUs[i] as number, this.#sequence[i] as number, this.#items[i] as Due)
    }
  }
}
