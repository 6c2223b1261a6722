// Who leads, and the ways back to a start, as lines of a scenario.

import type { StoredRecord } from '../../core/record.ts'
import type { LeadershipVerbs } from '../../core/verbs/leadership.ts'
import type { RestoredCluster } from '../../core/verbs.ts'
import { formatVersion } from '../../core/version.ts'
import { formatWord, writeDuration } from '../readers.ts'
import { line, type Row } from './row.ts'

export const LEADERSHIP: { readonly [V in keyof LeadershipVerbs]: Row<V> } = {
  failover: {
    ...line('failover', 'failover [to=REPLICA] [force]', ['to', 'force']),
    answer: ({ views }) => views.failover,
    tell: () => ({ head: 'applied', names: ['epoch', 'from', 'to', 'pending'] }),
  },
  reset: {
    ...line('reset', 'reset [keep=faults|data]', ['keep']),
    answer: ({ views }) => views.cluster,
  },
  // Several lines, which restore.ts reads.
  restore: {
    grammar: null,
    write: ({ how: { leader, epoch, records, log } }) => [
      `restore leader=${leader} epoch=${epoch}${log ? formatLog(log) : ''}`,
      ...records.map(formatRestored),
    ],
    answer: () => () => ({}),
  },
}

function formatLog({ offset, table }: NonNullable<RestoredCluster['log']>): string {
  const firsts = table.map(({ epoch, firstOffset }) =>
    formatVersion({ epoch, offset: firstOffset }),
  )
  return ` offset=${offset} table=${firsts.join(',')}`
}

function formatRestored(restored: StoredRecord): string {
  const { key, value, epoch, offset, writtenUs, quorum, origin } = restored
  const sign = writtenUs > 0 ? '-' : ''
  const age = `${sign}${writeDuration(Math.abs(writtenUs))}`
  const record = `${formatWord(key)} ${formatWord(value)}`
  const version = formatVersion({ epoch, offset })
  const marks = `${quorum ? ' quorum' : ''}${origin ? ` origin=${formatVersion(origin)}` : ''}`
  return `restored ${record} version=${version} age=${age}${marks}`
}
