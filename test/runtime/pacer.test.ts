// The pacer against a wall that the test moves by hand and the real timeline: what happens in which order
// and which timers are outstanding, never how long anything takes.

import { describe, expect, test } from 'vitest'
import { BOUNDS } from '../../src/core/bounds.ts'
import type { Paced } from '../../src/core/ports.ts'
import { Timeline } from '../../src/core/timeline.ts'
import { type Wait, type Wall, WallClockPacer } from '../../src/runtime/pacer.ts'

const TIMER_MS_MAX = 2 ** 31 - 1

class FakeWall implements Wall {
  #nowMs = 5_000
  waits: { dueMs: number; ms: number | 'soon'; action: () => void; keepAlive: boolean }[] = []

  nowMs(): number {
    return this.#nowMs
  }

  after(ms: number, action: () => void): Wait {
    return this.#add(ms, this.#nowMs + ms, action)
  }

  soon(action: () => void): Wait {
    return this.#add('soon', this.#nowMs, action)
  }

  /** Lets time pass; timers fire at their moments, in order. */
  pass(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (;;) {
      const next = this.waits.toSorted((a, b) => a.dueMs - b.dueMs)[0]
      if (!next || next.dueMs > untilMs) break
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      this.fire(next)
    }
    this.#nowMs = untilMs
  }

  /** Time passes, but the process is too busy for its timers. */
  passUnnoticed(ms: number): void {
    this.#nowMs += ms
  }

  fire(wait = this.waits[0]): void {
    if (!wait) throw new Error('no timer is outstanding')
    this.waits = this.waits.filter((other) => other !== wait)
    wait.action()
  }

  #add(ms: number | 'soon', dueMs: number, action: () => void): Wait {
    const wait = { dueMs, ms, action, keepAlive: true }
    this.waits.push(wait)
    return {
      cancel: () => {
        this.waits = this.waits.filter((other) => other !== wait)
      },
      keepAlive: (wanted) => {
        wait.keepAlive = wanted
      },
    }
  }
}

/** A bare clock with the events of a test in it. */
class Clock implements Paced {
  readonly timeline = new Timeline()
  readonly happened: string[] = []
  mode: Paced['mode']
  rate = 1
  waiting = 0
  runs = 0

  constructor(mode: Paced['mode']) {
    this.mode = mode
  }

  get nowUs(): number {
    return this.timeline.now()
  }

  nextDueUs(): number | undefined {
    return this.timeline.nextDueUs()
  }

  runTo(toUs: number, eventsMax: number): boolean {
    this.runs++
    return this.timeline.advanceTo(toUs, eventsMax).finished
  }

  in(ms: number, name: string, action: () => void = () => {}): void {
    this.timeline.schedule(ms * 1_000, () => {
      this.happened.push(`${name} at ${this.nowUs / 1_000}`)
      action()
    })
  }
}

function testPacer(mode: Paced['mode'] = 'real') {
  const wall = new FakeWall()
  const clock = new Clock(mode)
  const pacer = new WallClockPacer(clock, wall)
  pacer.start()
  const command = (action: () => void = () => {}) => {
    pacer.before()
    action()
    pacer.after()
  }
  return { wall, clock, pacer, command }
}

describe('real', () => {
  test('events happen at their own instants, in order', () => {
    const { wall, clock, command } = testPacer()
    command(() => {
      clock.in(500, 'second')
      clock.in(200, 'first', () => clock.in(100, 'in between'))
    })
    wall.pass(199)
    expect(clock.happened).toEqual([])
    wall.pass(1)
    expect(clock.happened).toEqual(['first at 200'])
    wall.pass(10_000)
    expect(clock.happened).toEqual(['first at 200', 'in between at 300', 'second at 500'])
  })

  test('one timer is outstanding however many copies are in flight', () => {
    const { wall, clock, command } = testPacer()
    for (let i = 0; i < 100; i++) command(() => clock.in(200 + i, `copy ${i}`))
    expect(wall.waits.map(({ ms }) => ms)).toEqual([200])
  })

  test('a nearer event replaces the timer, a later one leaves it alone', () => {
    const { wall, clock, command } = testPacer()
    command(() => clock.in(200, 'a'))
    const [first] = wall.waits
    command(() => clock.in(300, 'b'))
    expect(wall.waits).toEqual([first])
    command(() => clock.in(50, 'c'))
    expect(wall.waits.map(({ ms }) => ms)).toEqual([50])
  })

  test('with nothing due there is no timer', () => {
    const { wall, clock, command } = testPacer()
    expect(wall.waits).toEqual([])
    command(() => clock.in(1, 'only'))
    wall.pass(1)
    expect(wall.waits).toEqual([])
  })

  test('a command finds the timeline at the present, though no timer fired', () => {
    const { wall, clock, command } = testPacer()
    command(() => clock.in(200, 'copy'))
    wall.passUnnoticed(250.5)
    command(() => clock.happened.push(`command at ${clock.nowUs / 1_000}`))
    expect(clock.happened).toEqual(['copy at 200', 'command at 250.5'])
  })

  test('at rate 10 a second of the wall is ten of the simulation', () => {
    const { wall, clock, command } = testPacer()
    command(() => {
      clock.rate = 10
    })
    command(() => clock.in(10_000, 'copy'))
    expect(wall.waits.map(({ ms }) => ms)).toEqual([1_000])
    wall.pass(1_000)
    expect(clock.happened).toEqual(['copy at 10000'])
  })

  test('a new rate counts from the moment it was set', () => {
    const { wall, clock, command } = testPacer()
    wall.pass(1_000)
    command(() => {
      clock.rate = 100
    })
    wall.pass(10)
    command()
    expect(clock.nowUs).toBe(2_000_000)
  })

  test('after an advance time goes on from where it was taken to', () => {
    const { wall, clock, command } = testPacer()
    command(() => clock.in(5_200, 'copy'))
    command(() => clock.timeline.advanceTo(5_000_000, 10))
    expect(wall.waits.map(({ ms }) => ms)).toEqual([200])
    wall.pass(200)
    expect(clock.happened).toEqual(['copy at 5200'])
  })

  test('a wait longer than a timer can be is split', () => {
    const { wall, clock, command } = testPacer()
    const farMs = 3 * TIMER_MS_MAX
    command(() => clock.in(farMs, 'undo'))
    for (let part = 0; part < 3; part++) {
      expect(wall.waits.map(({ ms }) => ms)).toEqual([TIMER_MS_MAX])
      expect(clock.happened).toEqual([])
      wall.pass(TIMER_MS_MAX)
    }
    expect(clock.happened).toEqual([`undo at ${farMs}`])
  })

  test('the clock stops at its end instead of overflowing', () => {
    const { wall, clock, command } = testPacer()
    command(() => clock.timeline.advanceTo(BOUNDS.clockUsMax - 1_000, 10))
    wall.pass(60_000)
    command(() => clock.in(1, 'after the end of time'))
    expect(clock.nowUs).toBe(BOUNDS.clockUsMax)
    expect(wall.waits).toEqual([])
  })
})

describe('under load', () => {
  test('a slice is bounded, the rest follows as soon as requests had their turn', () => {
    const { wall, clock, command } = testPacer()
    command(() => {
      for (let i = 0; i < 25_000; i++) clock.in(1, 'copy')
    })
    wall.passUnnoticed(1)
    wall.fire()
    expect(clock.happened).toHaveLength(10_000)
    expect(wall.waits.map(({ ms }) => ms)).toEqual(['soon'])
    wall.fire()
    wall.fire()
    expect(clock.happened).toHaveLength(25_000)
    expect(wall.waits).toEqual([])
  })

  test('time that cannot be caught up with slips', () => {
    const { wall, clock, command } = testPacer()
    const flood = () => {
      for (let i = 0; i < 10_001; i++) clock.in(1, 'copy')
    }
    command(flood)
    command(() => clock.in(100, 'later'))
    wall.passUnnoticed(60_000)
    wall.fire()
    expect(clock.nowUs).toBe(1_000)
    wall.pass(98)
    expect(clock.nowUs).toBeLessThan(100_000)
    wall.pass(1)
    expect(clock.happened.at(-1)).toBe('later at 100')
  })
})

describe('manual', () => {
  test('time stands still and no timer is set', () => {
    const { wall, clock, command } = testPacer('manual')
    command(() => clock.in(1, 'copy'))
    wall.pass(60_000)
    command()
    expect(clock.nowUs).toBe(0)
    expect(wall.waits).toEqual([])
  })

  test('paused, then resumed: the time in between does not count', () => {
    const { wall, clock, command } = testPacer()
    command(() => clock.in(200, 'copy'))
    wall.pass(150)
    command(() => {
      clock.mode = 'manual'
    })
    wall.pass(60_000)
    expect(clock.happened).toEqual([])
    command(() => {
      clock.mode = 'real'
    })
    wall.pass(49)
    expect(clock.happened).toEqual([])
    wall.pass(1)
    expect(clock.happened).toEqual(['copy at 200'])
  })
})

describe('instant', () => {
  test('time stands still while nobody waits', () => {
    const { wall, clock, command } = testPacer('instant')
    command(() => clock.in(200, 'copy'))
    wall.pass(60_000)
    expect(clock.nowUs).toBe(0)
    expect(wall.waits).toEqual([])
  })

  test('a waiting request is answered at once, and time stops where it was', () => {
    const { clock, command } = testPacer('instant')
    command(() => {
      clock.waiting = 1
      clock.in(200, 'too few')
      clock.in(500, 'enough', () => clock.waiting--)
      clock.in(800, 'late')
    })
    expect(clock.happened).toEqual(['too few at 200', 'enough at 500'])
    expect(clock.nowUs).toBe(500_000)
  })

  test('a long way to the answer is gone in slices, so that others get their turn', () => {
    const { wall, clock, command } = testPacer('instant')
    let left = 15_000
    const step = () => {
      if (--left > 0) clock.timeline.schedule(1, step)
      else clock.waiting = 0
    }
    command(() => {
      clock.waiting = 1
      clock.timeline.schedule(1, step)
    })
    expect(left).toBe(5_000)
    expect(wall.waits.map(({ ms }) => ms)).toEqual(['soon'])
    wall.fire()
    expect(left).toBe(0)
    expect(wall.waits).toEqual([])
  })

  test('back in real mode time passes again from here', () => {
    const { wall, clock, command } = testPacer('instant')
    command(() => clock.in(200, 'copy'))
    wall.pass(60_000)
    command(() => {
      clock.mode = 'real'
    })
    expect(wall.waits.map(({ ms }) => ms)).toEqual([200])
  })
})

describe('commands issued by events', () => {
  test('run within the slice and start no second one', () => {
    const { wall, clock, command } = testPacer()
    command(() => clock.in(200, 'answered', () => command(() => clock.in(0, 'next'))))
    clock.runs = 0
    wall.pass(200)
    expect(clock.happened).toEqual(['answered at 200', 'next at 200'])
    expect(clock.runs).toBe(1)
  })

  test('may pause the clock', () => {
    const { wall, clock, command } = testPacer()
    command(() => {
      clock.in(200, 'pause', () => command(() => Object.assign(clock, { mode: 'manual' })))
      clock.in(500, 'copy')
    })
    wall.pass(200)
    expect(wall.waits).toEqual([])
  })

  test('may fail: the pacer goes on with what is due next', () => {
    const { wall, clock, command } = testPacer()
    command(() => {
      clock.in(200, 'bug', () => {
        throw new Error('a bug')
      })
      clock.in(500, 'copy')
    })
    expect(() => wall.pass(200)).toThrow('a bug')
    command()
    wall.pass(300)
    expect(clock.happened).toEqual(['bug at 200', 'copy at 500'])
  })
})

describe('the life of the process', () => {
  test('the timer keeps it alive for those who wait, and for nobody else', () => {
    const { wall, clock, command } = testPacer()
    command(() => clock.in(200, 'copy'))
    expect(wall.waits.map(({ keepAlive }) => keepAlive)).toEqual([false])
    command(() => {
      clock.waiting = 1
    })
    expect(wall.waits.map(({ keepAlive }) => keepAlive)).toEqual([true])
  })

  test('after stop nothing is outstanding and nothing moves', () => {
    const { wall, clock, pacer, command } = testPacer()
    command(() => clock.in(200, 'copy'))
    pacer.stop()
    wall.pass(60_000)
    command()
    expect(wall.waits).toEqual([])
    expect(clock.nowUs).toBe(0)
  })
})

test('on the real wall an event comes about by itself', async () => {
  const clock = new Clock('real')
  clock.waiting = 1
  const pacer = new WallClockPacer(clock)
  await new Promise<void>((resolve) => {
    clock.in(1, 'copy', resolve)
    pacer.start()
  })
  pacer.stop()
  expect(clock.happened).toEqual(['copy at 1'])
})
