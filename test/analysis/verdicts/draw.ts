// Small random histories, of every shape the checkers tell apart. Most of them are wrong somewhere.

import fc from 'fast-check'
import {
  EMPTY_HISTORY,
  type History,
  type Operation,
} from '../../../src/analysis/history/operation.ts'

export function historyOf(operations: readonly Operation[]): History {
  return {
    ...EMPTY_HISTORY,
    operations: operations.toSorted((a, b) => a.calledMs - b.calledMs),
  }
}

interface Raw {
  readonly kind: number
  readonly start: number
  readonly length: number
  readonly client: number
  readonly pick: number
  readonly from: number
  readonly fate: number
}

const raw = fc.record({
  kind: fc.nat(9),
  start: fc.nat(12),
  length: fc.nat(6),
  client: fc.nat(2),
  pick: fc.nat(9),
  from: fc.nat(9),
  fate: fc.nat(9),
})

export interface Shape {
  readonly most: number
  /** One in how many, of ten: writes; of the rest, cas. */
  readonly writes: number
  readonly cas: number
  readonly unique: boolean
  readonly versions: boolean
  readonly fates: boolean
  readonly keys: number
}

/** One key, unless said; values are unique or drawn from three. */
export function histories(shape: Shape): fc.Arbitrary<Operation[]> {
  const list = fc.array(raw, { minLength: 1, maxLength: shape.most })
  return fc.tuple(list, fc.infiniteStream(fc.nat(99))).map(([raws, ranks]) => {
    const isRead = ({ kind }: Raw) => kind >= shape.writes + shape.cas
    const order = raws.map((_, i) => ({ i, by: ranks.next().value as number }))
    order.sort((a, b) => a.by - b.by)
    const offset = new Map(order.map(({ i }, place) => [i, place + 1]))
    const written = (i: number, { pick }: Raw) => (shape.unique ? `v${i}` : `v${pick % 3}`)
    return raws.map((one, i): Operation => {
      const writers = raws.map((_, j) => j).filter((j) => !isRead(raws[j] as Raw))
      const seen = [undefined, ...writers][one.pick % (writers.length + 1)]
      const outcome = !shape.fates || one.fate < 7 ? 'ok' : one.fate < 9 ? 'unknown' : 'failed'
      const source = isRead(one) ? seen : i
      const keyed = source === undefined ? one : (raws[source] as Raw)
      return {
        client: `c${one.client}`,
        kind: isRead(one) ? 'read' : one.kind < shape.writes ? 'write' : 'cas',
        key: `k${keyed.from % shape.keys}`,
        value: source === undefined ? null : written(source, raws[source] as Raw),
        ...(!isRead(one) &&
          one.kind >= shape.writes && {
            from:
              [null, ...raws.map((r, j) => written(j, r))][one.from % (raws.length + 1)] ?? null,
          }),
        calledMs: one.start,
        returnedMs: outcome === 'unknown' ? null : one.start + one.length,
        outcome,
        ...(shape.versions && source !== undefined && { version: `1.${offset.get(source)}` }),
      }
    })
  })
}

/** One client after another never overlaps itself. */
export function inSessions(operations: readonly Operation[]): Operation[] {
  const until = new Map<string, number>()
  return operations.map((o, i) => {
    const calledMs = Math.max(o.calledMs, (until.get(o.client) ?? -1) + 1)
    const returnedMs = calledMs + ((o.returnedMs ?? o.calledMs) - o.calledMs) + i / 100
    until.set(o.client, returnedMs)
    return { ...o, calledMs, returnedMs }
  })
}

/** `alice write x=a 0..10 @1.1`: `?` never returned, `_` is nothing, `!` failed. */
export function parseOperation(text: string): Operation {
  const shape = /^(\S+) (\w+) (\w+)=(\S+) (\d+)\.\.(\d+|\?)(!?)(?: @(\S+?)(?:<(\S+))?)?$/
  const [, client = '', kind, key = '', values = '', from, to, failed, version, origin] =
    shape.exec(text) ?? []
  const [first, second] = values.split('>').map((value) => (value === '_' ? null : value))
  return {
    client,
    kind: kind as Operation['kind'],
    key,
    value: (kind === 'cas' ? second : first) ?? null,
    ...(kind === 'cas' && { from: first ?? null }),
    calledMs: Number(from),
    returnedMs: to === '?' ? null : Number(to),
    outcome: to === '?' ? 'unknown' : failed ? 'failed' : 'ok',
    ...(version !== undefined && { version }),
    ...(origin !== undefined && { origin }),
  }
}

export function parseHistory(...lines: readonly string[]): History {
  return historyOf(lines.map(parseOperation))
}
