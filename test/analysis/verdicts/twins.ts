// The claims that every checker and its twin must agree on. `npm test` tries some thousand histories each,
// `npm run verdicts:truth` a hundred thousand.

import fc from 'fast-check'
import type { Operation } from '../../../src/analysis/history/operation.ts'
import { judge, type Report } from '../../../src/analysis/verdicts/judge.ts'
import {
  bruteDelta,
  bruteInOrder,
  bruteK,
  bruteLinearizable,
  bruteSessions,
  RULES,
} from './brute.ts'
import { histories, historyOf, inSessions, type Shape } from './draw.ts'

export interface Twin {
  readonly claim: string
  readonly histories: fc.Arbitrary<Operation[]>
  /** What both say, the checker first. */
  readonly ask: (operations: readonly Operation[]) => readonly [unknown, unknown]
}

const UNIQUE: Shape = {
  most: 6,
  writes: 4,
  cas: 0,
  unique: true,
  versions: false,
  fates: true,
  keys: 1,
}
const CAS: Shape = { ...UNIQUE, writes: 2, cas: 4 }
const REPEATING: Shape = { ...CAS, unique: false, writes: 3, cas: 3 }
const VERSIONED: Shape = { ...UNIQUE, versions: true }
const SESSIONS: Shape = { ...VERSIONED, most: 9, fates: false, keys: 2 }

const isConsistent = ({ verdicts }: Report) => verdicts.linearizable.verdict === 'consistent'

function register(failedCas: 'fact' | 'never'): Twin['ask'] {
  return (operations) => [
    isConsistent(judge(historyOf(operations), { failedCas, model: 'cas-register' })),
    bruteLinearizable(operations, { ...RULES, failedCas }),
  ]
}

/** Some of the appends become puts. */
function appended(operations: readonly Operation[]): Operation[] {
  return operations.map((o, i) => {
    if (o.kind === 'write') return { ...o, kind: i % 3 === 0 ? 'write' : 'append' }
    const written = operations
      .filter(({ kind }) => kind === 'write')
      .map(({ value }) => value ?? '')
    const text = o.value === null ? '' : written.slice(0, i % 3).join('') + o.value
    return { ...o, value: text }
  })
}

/** Nobody reads what is yet to be written: that breaks more than a session. */
function isCausal(operations: readonly Operation[]): boolean {
  return operations.every(
    (read) =>
      read.kind !== 'read' ||
      operations.every(
        (o) =>
          o.kind === 'read' ||
          o.version !== read.version ||
          o.calledMs < (read.returnedMs as number),
      ),
  )
}

export const TWINS: readonly Twin[] = [
  { claim: 'unique values', histories: histories(UNIQUE), ask: register('fact') },
  { claim: 'chains of compare-and-set', histories: histories(CAS), ask: register('never') },
  {
    claim: 'values that repeat, a failed cas is a fact',
    histories: histories(REPEATING),
    ask: register('fact'),
  },
  {
    claim: 'values that repeat, a failed cas never happened',
    histories: histories(REPEATING),
    ask: register('never'),
  },
  {
    claim: 'appends',
    histories: histories({ ...UNIQUE, unique: false }).map(appended),
    ask: (operations) => [
      isConsistent(judge(historyOf(operations), { model: 'append' })),
      bruteLinearizable(operations, { ...RULES, initial: '' }),
    ],
  },
  {
    claim: 'reads mapped by version',
    histories: histories(VERSIONED),
    ask: (operations) => [
      isConsistent(judge(historyOf(operations))),
      bruteLinearizable(operations),
    ],
  },
  {
    claim: 'the order that the system claims',
    histories: histories(VERSIONED),
    ask: (operations) => [
      judge(historyOf(operations)).verdicts['linearizable-in-order'].verdict === 'consistent',
      bruteInOrder(operations),
    ],
  },
  {
    claim: 'the least Δ',
    histories: histories({ ...UNIQUE, fates: true }),
    ask: (operations) => [judge(historyOf(operations)).deltaMs, bruteDelta(operations)],
  },
  {
    claim: 'the least k',
    histories: histories(VERSIONED),
    ask: (operations) => [judge(historyOf(operations)).k, bruteK(operations)],
  },
  {
    claim: 'session guarantees',
    histories: histories(SESSIONS).map(inSessions).filter(isCausal),
    ask: (operations) => {
      const { verdicts } = judge(historyOf(operations))
      const is = (name: keyof typeof verdicts) => verdicts[name].verdict === 'consistent'
      const mine = {
        readYourWrites: is('read-your-writes'),
        monotonicReads: is('monotonic-reads'),
        monotonicWrites: is('monotonic-writes'),
        writesFollowReads: is('writes-follow-reads'),
        pram: is('pram'),
        causal: is('causal'),
        consistentPrefix: is('consistent-prefix'),
      }
      return [mine, bruteSessions(operations.toSorted((a, b) => a.calledMs - b.calledMs))]
    },
  },
  {
    claim: 'a witness is a violation by itself, with the writes it names',
    histories: histories(UNIQUE),
    ask: (operations) => {
      const { witness, verdict } = judge(historyOf(operations)).verdicts.linearizable
      if (verdict !== 'violated') return [true, true]
      const values = new Set(witness.map(({ value }) => value))
      const named = operations.filter(
        (o) => witness.includes(o) || (o.kind === 'write' && values.has(o.value)),
      )
      return [witness.length <= 4 && !bruteLinearizable(named), true]
    },
  },
]

/** @throws Error that shows the smallest history on which they differ */
export function tryTwin({ histories: drawn, ask }: Twin, numRuns: number, seed: number): void {
  fc.assert(
    fc.property(drawn, (operations) => {
      const [mine, truth] = ask(operations).map((one) => JSON.stringify(one, infinite))
      if (mine !== truth) throw new Error(`it says ${mine}, its twin ${truth}`)
    }),
    { numRuns, seed },
  )
}

function infinite(_: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY ? 'infinite' : value
}
