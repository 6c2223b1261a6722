// Writes and reads as lines of a scenario.

import { sayText } from '../../core/text/say.ts'
import type { DataVerbs } from '../../core/verbs/data.ts'
import type { Fields } from '../answers.ts'
import { writeValue } from '../expectations.ts'
import { line, type Row, type Told } from './row.ts'

/** A value longer than this is cut in a trace. */
const VALUE_CHARS_MAX = 60

const tellWrite = (): Told => ({ head: 'applied', names: ['version', 'acknowledgedBy'] })

export const DATA: { readonly [V in keyof DataVerbs]: Row<V> } = {
  write: {
    ...line('write', 'write KEY VALUE [replica=N]', ['key', 'value', 'replica']),
    answer: (render) => render.write,
    tell: tellWrite,
  },
  'write-with-quorum': {
    ...line('write-with-quorum', 'write-with-quorum KEY VALUE [w=W] [timeout=TIME] [replica=N]', [
      'key',
      'value',
      'w',
      'timeoutUs',
      'replica',
    ]),
    answer: (render) => render.quorumWrite,
    tell: tellWrite,
  },
  read: {
    ...line('read', 'read KEY', ['key']),
    answer: (render) => render.read,
    tell: tellRead('replica'),
  },
  'follower-read': {
    ...line('follower-read', 'follower-read KEY replica=N', ['key', 'replica']),
    answer: (render) => render.read,
    tell: tellRead(),
  },
  'read-with-repair': {
    ...line('read-with-repair', 'read-with-repair KEY', ['key']),
    answer: (render) => render.repairRead,
    tell: tellRead('replica'),
  },
  'read-with-quorum': {
    ...line(
      'read-with-quorum',
      'read-with-quorum KEY [r=R] [replicas=N,N] [repair=blocking|async|false]',
      ['key', 'r', 'replicas', 'repair'],
    ),
    answer: (render) => render.quorumRead,
    tell: tellRead('replica', 'answeredBy'),
  },
  abandon: {
    ...line('abandon', 'abandon REQUEST   (writes and reads are numbered from 1)', ['request']),
    answer: () => () => ({}),
  },
}

/** @param names what is worth telling besides the value, its version and what is wrong with it */
function tellRead(...names: readonly ('replica' | 'answeredBy')[]): (fields: Fields) => Told {
  return (fields) => {
    const { versions, diverged } = fields.staleness as { versions: number; diverged: boolean }
    const { repaired } = fields
    return {
      head: sayValue(fields),
      names: [
        'version',
        ...names.filter((name) => name === 'replica'),
        ...(versions > 0 ? ['staleness.versions', 'staleness.ms'] : []),
        ...(diverged ? ['staleness.diverged'] : []),
        ...names.filter((name) => name === 'answeredBy'),
        ...(Array.isArray(repaired) && repaired.length > 0 ? ['repaired'] : []),
      ],
    }
  }
}

function sayValue({ value }: Fields): string {
  const text = String(value)
  return text.length > VALUE_CHARS_MAX ? sayText(text) : writeValue(text)
}
