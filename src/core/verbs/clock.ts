// The verbs of time: moving it, and how it is to move by itself.

import { BOUNDS } from '../bounds.ts'
import { ok } from '../errors.ts'
import type { ClockMode } from '../nodes.ts'
import { advance } from '../time-machine.ts'
import type { AdvanceReply, AdvanceRequest, ClockView } from '../verbs.ts'
import { seeClock } from './look.ts'
import { type ActRow, duration, optional, type Says } from './row.ts'

export interface ClockVerbs {
  readonly advance: Says<{ readonly how: AdvanceRequest }, AdvanceReply>
  readonly clock: Says<{ readonly mode: ClockMode; readonly rate: number }, ClockView>
}

export const CLOCK: { readonly [V in keyof ClockVerbs]: ActRow<ClockVerbs[V]> } = {
  advance: {
    fields: {
      how: {
        us: optional(duration(0, BOUNDS.advanceUsMax)),
        to: optional({ kind: 'word', words: ['idle'] }),
        until: optional({ kind: 'position' }),
      },
    },
    run: ({ protocol }, { how }) => {
      const reply = advance(protocol.parts, how)
      return () => reply
    },
  },
  clock: {
    fields: {
      mode: { kind: 'word', words: ['real', 'manual', 'instant'] },
      rate: { kind: 'number', min: BOUNDS.rateMin, max: BOUNDS.rateMax, unsaid: 1 },
    },
    run: (workings, { mode, rate }) => {
      workings.clock.set({ mode, rate })
      workings.emitter.emit({ type: 'clock-changed', mode, rate })
      const view = seeClock(workings)
      return () => ok(view)
    },
  },
}
