// The pacer moves simulated time as wall time passes. Modes: `real` (at any rate), `manual` (time stands
// still until somebody advances it) and `instant` (it stands still too, but jumps from event to event
// while a request waits). However many copies are in flight, one timer is outstanding: the one for the
// next due event. What happens at that event is the timeline's business, not this file's.

import { performance } from 'node:perf_hooks'
// Not the global ones, which a test may have put its own in the place of.
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { BOUNDS } from '../core/bounds.ts'
import type { Paced, Pacer, StartPacing } from '../core/ports.ts'
import { type Microseconds, US_PER_MS } from '../core/units.ts'

/** The wall: what the pacer needs of the world. Tests hand in one that they move by hand. */
export interface Wall {
  /** Milliseconds since some fixed moment, with fractions; never goes back. */
  nowMs(): number
  after(ms: number, action: () => void): Wait
  /** Once the requests that have already arrived were served. */
  soon(action: () => void): Wait
}

/** A wait that can be called off. `keepAlive`: whether the process lives on for its sake. */
export interface Wait {
  cancel(): void
  keepAlive(wanted: boolean): void
}

/** Node fires longer timers at once. */
const TIMER_MS_MAX = 2 ** 31 - 1

/** Events in one go, some tens of milliseconds of work: requests must not wait longer than that. */
const SLICE_EVENTS_MAX = 10_000

export class WallClockPacer implements Pacer {
  readonly #paced: Paced
  readonly #wall: Wall
  /** At this wall time it was this simulated time, and from there on it runs at the paced rate. */
  #anchor = { wallMs: 0, simUs: 0 }
  /** The clock as the pacer left it. Found otherwise, a command has moved or changed it. */
  #left: Pick<Paced, 'mode' | 'rate' | 'nowUs'> | undefined
  #wait: Wait | undefined
  /** The instant `#wait` is for. */
  #waitUs: Microseconds | undefined
  /** Within a slice. Commands that its events issue must not start another one. */
  #running = false
  #stopped = false

  constructor(paced: Paced, wall: Wall = systemWall) {
    this.#paced = paced
    this.#wall = wall
  }

  /** From here on time passes. */
  start(): void {
    this.after()
  }

  /** From here on it does not any more. */
  stop(): void {
    this.#stopped = true
    this.#callOff()
  }

  before(): void {
    if (this.#running || this.#stopped) return
    this.#noticeChange()
    if (this.#paced.mode === 'real') this.#slice()
  }

  after(): void {
    if (this.#running || this.#stopped) return
    this.#noticeChange()
    if (this.#paced.mode === 'instant') this.#slice()
    this.#arm()
  }

  /** Whoever advanced the clock, paused it or set its rate: from here it goes on as it is now. */
  #noticeChange(): void {
    const { mode, rate, nowUs } = this.#paced
    const left = this.#left
    if (left && left.mode === mode && left.rate === rate && left.nowUs === nowUs) return
    this.#anchorHere()
    this.#callOff()
  }

  #anchorHere(): void {
    const { mode, rate, nowUs } = this.#paced
    this.#anchor = { wallMs: this.#wall.nowMs(), simUs: nowUs }
    this.#left = { mode, rate, nowUs }
  }

  #slice(): void {
    this.#running = true
    try {
      if (this.#paced.mode === 'real') this.#catchUp()
      else if (this.#paced.mode === 'instant') this.#jump()
    } finally {
      this.#running = false
    }
  }

  #catchUp(): void {
    const { mode, rate, nowUs } = this.#paced
    const toUs = Math.max(this.#presentUs(), nowUs)
    const arrived = this.#paced.runTo(toUs, SLICE_EVENTS_MAX)
    if (arrived) this.#left = { mode, rate, nowUs: toUs }
    // Time that could not be caught up with slips. Piled up, it would never be caught up with.
    else this.#anchorHere()
  }

  #jump(): void {
    for (let jumps = 0; jumps < SLICE_EVENTS_MAX && this.#isJumping(); jumps++) {
      this.#paced.runTo(this.#paced.nextDueUs() as Microseconds, SLICE_EVENTS_MAX)
    }
    this.#anchorHere()
  }

  #isJumping(): boolean {
    const { mode, waiting } = this.#paced
    return mode === 'instant' && waiting > 0 && this.#paced.nextDueUs() !== undefined
  }

  /** The simulated time that the wall clock says it is. */
  #presentUs(): Microseconds {
    const passedMs = this.#wall.nowMs() - this.#anchor.wallMs
    const toUs = this.#anchor.simUs + Math.floor(passedMs * US_PER_MS * this.#paced.rate)
    return Math.min(toUs, BOUNDS.clockUsMax)
  }

  #arm(): void {
    this.#noticeChange()
    const dueUs = this.#isTicking() ? this.#paced.nextDueUs() : undefined
    if (this.#waitUs !== dueUs) this.#callOff()
    if (dueUs === undefined) return
    if (!this.#wait) {
      this.#waitUs = dueUs
      this.#wait = this.#waitFor(dueUs)
    }
    // The server's socket keeps the process alive, and without one only somebody who waits is a reason.
    this.#wait.keepAlive(this.#paced.waiting > 0)
  }

  #isTicking(): boolean {
    const { mode, nowUs } = this.#paced
    return mode === 'real' ? nowUs < BOUNDS.clockUsMax : this.#isJumping()
  }

  #waitFor(dueUs: Microseconds): Wait {
    if (this.#paced.mode === 'instant') return this.#wall.soon(this.#tick)
    const aheadMs = (dueUs - this.#anchor.simUs) / US_PER_MS / this.#paced.rate
    // Rounded up, for a timer that fires early would find nothing due.
    const waitMs = Math.ceil(this.#anchor.wallMs + aheadMs - this.#wall.nowMs())
    return waitMs <= 0
      ? this.#wall.soon(this.#tick)
      : this.#wall.after(Math.min(waitMs, TIMER_MS_MAX), this.#tick)
  }

  /** Made once: it is waited for with every write. */
  readonly #tick = (): void => {
    this.#wait = undefined
    this.#slice()
    this.#arm()
  }

  #callOff(): void {
    this.#wait?.cancel()
    this.#wait = undefined
    this.#waitUs = undefined
  }
}

/** As wall time passes. */
export const paceByWall: StartPacing = (cluster) => {
  const pacer = new WallClockPacer(cluster)
  cluster.pacedBy(pacer)
  pacer.start()
  return () => pacer.stop()
}

const systemWall: Wall = {
  nowMs: () => performance.now(),
  after: (ms, action) => new SystemWait(setTimeout(action, ms), clearTimeout),
  soon: (action) => new SystemWait(setImmediate(action), clearImmediate),
}

class SystemWait<H extends NodeJS.Timeout | NodeJS.Immediate> implements Wait {
  readonly #handle: H
  readonly #clear: (handle: H) => void

  constructor(handle: H, clear: (handle: H) => void) {
    this.#handle = handle
    this.#clear = clear
  }

  cancel(): void {
    this.#clear(this.#handle)
  }

  keepAlive(wanted: boolean): void {
    if (wanted) this.#handle.ref()
    else this.#handle.unref()
  }
}
