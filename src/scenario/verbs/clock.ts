// The verbs of time as lines of a scenario.

import { BOUNDS } from '../../core/bounds.ts'
import type { ClockVerbs } from '../../core/verbs/clock.ts'
import type { CommandOf } from '../../core/verbs/table.ts'
import { formatVersion } from '../../core/version.ts'
import type { Arguments } from '../arguments.ts'
import { duration, oneOf, readReplica, readVersion, writeDuration } from '../readers.ts'
import { line, type Row } from './row.ts'

export const CLOCK: { readonly [V in keyof ClockVerbs]: Row<V> } = {
  advance: {
    grammar: {
      usage: 'advance TIME   or: advance idle   or: advance until REPLICA VERSION',
      read: readAdvance,
    },
    write: ({ how }) => {
      if ('us' in how) return [`advance ${writeDuration(how.us)}`]
      if ('to' in how) return ['advance idle']
      return [`advance until ${how.until.replica} ${formatVersion(how.until.version)}`]
    },
    answer: ({ views }) => views.advance,
  },
  clock: {
    ...line('clock', 'clock real|manual|instant [rate=FACTOR]', ['mode', 'rate']),
    answer: ({ views }) => views.clock,
  },
}

function readAdvance(args: Arguments): CommandOf<'advance'> {
  const advanceBy = duration(0, BOUNDS.advanceUsMax)
  const how = args.take<number | 'idle' | 'until'>('the time', (word, what) =>
    /^[a-z]/i.test(word.text) ? oneOf('idle', 'until')(word, what) : advanceBy(word, what),
  )
  if (typeof how === 'number') return { verb: 'advance', how: { us: how } }
  if (how === 'idle') return { verb: 'advance', how: { to: 'idle' } }
  const replica = args.take('the replica', readReplica)
  const version = args.take('the version', readVersion)
  return { verb: 'advance', how: { until: { replica, version } } }
}
