// The timeline: examples of its contract, and a property against a twin that keeps one sorted list and
// searches it from the front every time.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Due, Timeline } from '../../src/core/timeline.ts'
import { pinned } from '../tools/pinned.ts'

const FOREVER = 1_000_000

/** Schedules a note under a name; `notes` then tells what fired, and when. */
function noting(timeline: Timeline) {
  const notes: string[] = []
  const note = (delayUs: number, name: string) =>
    timeline.schedule(delayUs, () => notes.push(`${name}@${timeline.now()}`))
  return { notes, note }
}

describe('the timeline', () => {
  test('fires events in the order they are due, each at its own instant', () => {
    const timeline = new Timeline()
    const { notes, note } = noting(timeline)
    note(30, 'c')
    note(10, 'a')
    note(20, 'b')
    timeline.advanceTo(25, FOREVER)
    expect(notes).toEqual(['a@10', 'b@20'])
    expect(timeline.now()).toBe(25)
    timeline.advanceTo(30, FOREVER)
    expect(notes).toEqual(['a@10', 'b@20', 'c@30'])
  })

  test('fires what is due at one instant in the order it was scheduled', () => {
    const timeline = new Timeline()
    const { notes, note } = noting(timeline)
    const names = Array.from({ length: 50 }, (_, i) => `n${i}`)
    for (const name of names) note(10, name)
    timeline.advanceTo(10, FOREVER)
    expect(notes).toEqual(names.map((name) => `${name}@10`))
  })

  test('fires what was scheduled for an instant before what that instant itself schedules', () => {
    const timeline = new Timeline()
    const { notes, note } = noting(timeline)
    timeline.schedule(10, () => note(0, 'late'))
    note(10, 'early')
    timeline.advanceTo(10, FOREVER)
    expect(notes).toEqual(['early@10', 'late@10'])
  })

  test('fires a timer that is set inside an advance at its own instant', () => {
    const timeline = new Timeline()
    const { notes, note } = noting(timeline)
    timeline.schedule(10, () => note(5, 'inner'))
    note(20, 'outer')
    timeline.advanceTo(100, FOREVER)
    expect(notes).toEqual(['inner@15', 'outer@20'])
  })

  test('runs what is due at the present instant without moving', () => {
    const timeline = new Timeline(7)
    const { notes, note } = noting(timeline)
    timeline.schedule(0, () => note(0, 'again'))
    note(1, 'later')
    timeline.runPresent()
    expect(notes).toEqual(['again@7'])
    expect(timeline.now()).toBe(7)
  })

  test('stops where it was told to, and says that it has not finished', () => {
    const timeline = new Timeline()
    const { notes, note } = noting(timeline)
    for (const name of ['a', 'b', 'c']) note(10, name)
    expect(timeline.advanceTo(50, 2)).toEqual({ fired: 2, finished: false })
    expect(timeline.now()).toBe(10)
    expect(timeline.advanceTo(50, 2)).toEqual({ fired: 1, finished: true })
    expect(notes).toHaveLength(3)
  })

  test('takes neither fractions nor the past', () => {
    const timeline = new Timeline(100)
    for (const delay of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => timeline.schedule(delay, () => {})).toThrow('a delay is a whole number')
    }
    expect(() => timeline.advanceTo(99, FOREVER)).toThrow('time goes forward')
  })
})

describe('cancelling', () => {
  test('forgets an event, whether it is due later or now', () => {
    const timeline = new Timeline()
    const { notes, note } = noting(timeline)
    for (const due of [note(0, 'now'), note(10, 'later')]) timeline.cancel(due)
    note(10, 'kept')
    timeline.advanceTo(20, FOREVER)
    expect(notes).toEqual(['kept@10'])
  })

  test('does nothing twice, or after the event, or from inside it', () => {
    const timeline = new Timeline()
    const { note } = noting(timeline)
    const self: Due = timeline.schedule(5, () => timeline.cancel(self))
    const twice = note(5, 'twice')
    timeline.cancel(twice)
    timeline.cancel(twice)
    const fired = note(1, 'fired')
    timeline.advanceTo(5, FOREVER)
    timeline.cancel(fired)
    expect([timeline.size, timeline.foreground]).toEqual([0, 0])
    expect(timeline.nextDueUs()).toBeUndefined()
  })

  test('of all but one of a hundred thousand leaves that one', () => {
    const timeline = new Timeline()
    const { notes, note } = noting(timeline)
    note(1_000, 'survivor')
    for (let i = 0; i < 100_000; i++) timeline.cancel(note(500, 'gone'))
    expect([...timeline.scheduled()]).toHaveLength(1)
    expect(timeline.size).toBe(1)
    timeline.advanceTo(1_000, FOREVER)
    expect(notes).toEqual(['survivor@1000'])
  })

  test('of a background event leaves the others to be waited for', () => {
    class Background extends Due {
      override background = true
      override fire(): void {}
    }
    const timeline = new Timeline()
    const beat = timeline.scheduleDue(10, new Background())
    expect([timeline.size, timeline.foreground]).toEqual([1, 0])
    timeline.schedule(20, () => {})
    timeline.cancel(beat)
    expect([timeline.size, timeline.foreground]).toEqual([1, 1])
  })
})

/** The same contract, in one list that is searched from the front. */
class DumbTimeline {
  nowUs = 0
  #pending: { dueUs: number; name: number; next: number | undefined }[] = []
  readonly fired: string[] = []

  schedule(delayUs: number, name: number, next: number | undefined): void {
    this.#pending.push({ dueUs: this.nowUs + delayUs, name, next })
  }

  cancel(name: number): void {
    this.#pending = this.#pending.filter((one) => one.name !== name)
  }

  advance(us: number): void {
    const toUs = this.nowUs + us
    for (;;) {
      const dues = this.#pending.map((one) => one.dueUs)
      const dueUs = Math.min(...dues)
      if (dueUs > toUs) break
      const [first] = this.#pending.splice(dues.indexOf(dueUs), 1)
      this.nowUs = dueUs
      this.fired.push(`${first?.name}@${dueUs}`)
      if (first?.next !== undefined) this.schedule(first.next, first.name + 1_000_000, undefined)
    }
    this.nowUs = toUs
  }
}

const action = fc.oneof(
  { weight: 5, arbitrary: fc.record({ schedule: fc.nat(6), next: fc.option(fc.nat(4)) }) },
  { weight: 3, arbitrary: fc.record({ cancel: fc.nat(200) }) },
  { weight: 1, arbitrary: fc.record({ advance: fc.nat(8) }) },
)

test('whatever is scheduled, cancelled and advanced, it fires what a sorted list would', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 400 }), (actions) => {
      const [timeline, twin] = [new Timeline(), new DumbTimeline()]
      const fired: string[] = []
      const dues = new Map<number, Due>()
      const schedule = (delayUs: number, name: number, next: number | null): void => {
        const fire = () => {
          fired.push(`${name}@${timeline.now()}`)
          if (next !== null) schedule(next, name + 1_000_000, null)
        }
        dues.set(name, timeline.schedule(delayUs, fire))
      }
      actions.forEach((one, name) => {
        if ('schedule' in one) {
          schedule(one.schedule, name, one.next)
          twin.schedule(one.schedule, name, one.next ?? undefined)
        } else if ('cancel' in one) {
          const due = dues.get(one.cancel)
          if (due) timeline.cancel(due)
          twin.cancel(one.cancel)
        } else {
          timeline.advanceTo(timeline.now() + one.advance, FOREVER)
          twin.advance(one.advance)
        }
      })
      timeline.advanceTo(timeline.now() + 20, FOREVER)
      twin.advance(20)
      expect(fired).toEqual(twin.fired)
      expect([timeline.size, timeline.foreground]).toEqual([0, 0])
    }),
    pinned(200),
  )
})
