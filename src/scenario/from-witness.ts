// A witness of a history recorded anywhere, as a scenario that shows the same here. Its operations happen one after
// the other, each at an instant between its call and its return, so that whatever order they had is kept; a follower
// that is cut off after so many writes stands for whoever returned what was old by then. The scenario is run before it
// is given to anybody: it breaks the same guarantee, or there is none.

import type { History, Operation } from '../analysis/history/operation.ts'
import { rankOfText } from '../analysis/history/ranks.ts'
import type { Verdict, VerdictName } from '../analysis/verdicts/verdict.ts'
import { clientFault, keyFault, valueFault } from '../core/text/legal.ts'
import { escapeActing } from '../core/text/say.ts'
import { writeValue } from './expectations.ts'
import { parseScenario } from './parse.ts'
import { formatWord } from './readers.ts'
import { runScenario } from './run.ts'

export type Replay = { readonly text: string } | { readonly whyNot: string }

/** More are no witness that a person could follow. */
const OPERATIONS_MAX = 20

export function replayOf(history: History, name: VerdictName, { witness, why }: Verdict): Replay {
  const alone = tryWith(history, name, why, witness)
  if ('text' in alone) return alone
  // What links them, such as who told whom, may stand between them.
  const until = Math.max(...witness.map(({ returnedMs, calledMs }) => returnedMs ?? calledMs))
  const meanwhile = history.operations.filter(({ calledMs }) => calledMs <= until)
  const whole = tryWith(history, name, why, meanwhile)
  return 'text' in whole ? whole : alone
}

function tryWith(
  history: History,
  name: VerdictName,
  why: string | null,
  operations: readonly Operation[],
): Replay {
  if (operations.length > OPERATIONS_MAX)
    return { whyNot: `it takes ${operations.length} operations` }
  const plan = new Plan(history, operations)
  for (const one of operations) {
    const whyNot = plan.add(one)
    if (whyNot !== undefined) return { whyNot }
  }
  const text = [
    `# From a recorded history, in which ${name} was violated.`,
    ...(why === null ? [] : [`# ${escapeActing(why)}`]),
    ...linesOf(plan.steps, name === 'linearizable' ? () => undefined : rankOf),
    `show verdicts -> ${name}=violated`,
    '',
  ].join('\n')
  const parsing = parseScenario(text)
  const isShown =
    parsing.ok && runScenario(parsing.scenario, () => undefined).failedLines.length === 0
  return isShown ? { text } : { whyNot: 'it does not come about on a small cluster' }
}

type Step =
  | { readonly is: 'write'; readonly one: Operation; at: number; readonly until: number }
  | { readonly is: 'read'; readonly one: Operation; at: number; readonly source: Operation | null }

/** What is to happen: the witness, and the writes of what it read. */
class Plan {
  readonly steps: Step[] = []
  readonly #history: History
  readonly #witness: readonly Operation[]
  readonly #byEvents: boolean

  constructor(history: History, witness: readonly Operation[]) {
    this.#history = history
    this.#witness = witness
    this.#byEvents = history.operations.every(({ calledEvent }) => calledEvent !== undefined)
  }

  /** @returns why nothing here can do that */
  add(one: Operation): string | undefined {
    const { kind, outcome, value, from = null, seen } = one
    // Of what failed, or was read by nobody who told, nothing is to be seen.
    if (outcome !== 'ok' && (kind === 'read' || (kind !== 'cas' && outcome === 'failed'))) return
    if (kind === 'append' || kind === 'delete')
      return `nothing here is ${kind === 'append' ? 'an append' : 'a delete'}`
    if (kind === 'write') return this.#write(one, this.#start(one))
    if (kind === 'read') return this.#read(one, value, this.#end(one))
    if (outcome !== 'failed') {
      // Alone at an instant, a compare-and-set is a read and a write.
      const at = Math.min(
        Math.max(this.#start(one), this.#startOfSource(one, from)),
        this.#end(one),
      )
      return this.#read(one, from, at) ?? this.#write(one, at)
    }
    if (seen === undefined) return 'nothing here is a compare-and-set that fails'
    return this.#read(one, seen, this.#end(one))
  }

  #write(one: Operation, at: number): undefined {
    if (this.steps.some((step) => step.is === 'write' && step.one === one)) return
    this.steps.push({ is: 'write', one, at, until: this.#end(one) })
  }

  #read(one: Operation, value: string | null, at: number): string | undefined {
    const source = value === null ? null : this.#sourceOf(one, value)
    if (source === undefined) return 'nothing here returns what nobody has written by then'
    if (source) this.#write(source, this.#start(source))
    this.steps.push({ is: 'read', one, at, source })
    return undefined
  }

  #startOfSource(one: Operation, value: string | null): number {
    const source = value === null ? undefined : this.#sourceOf(one, value)
    return source ? this.#start(source) : Number.NEGATIVE_INFINITY
  }

  /** One of the witness if there is one, else the last; what is missing from the history was written before it. */
  #sourceOf(read: Operation, value: string): Operation | undefined {
    const isSource = (one: Operation) =>
      one !== read && wrote(one, read, value) && this.#start(one) <= this.#end(read)
    const known = this.#witness.findLast(isSource) ?? this.#history.operations.findLast(isSource)
    if (known || this.#history.dropped === 0) return known
    const added = this.steps.find(({ is, one }) => is === 'write' && isSource(one))
    if (added) return added.one
    const { version, origin, seen, ...rest } = read
    const instants = { calledMs: -1, returnedMs: -1, calledEvent: -1, returnedEvent: -1 }
    return { ...rest, ...instants, kind: 'write', client: 'earlier', value, outcome: 'ok' }
  }

  #start(one: Operation): number {
    return (this.#byEvents && one.calledEvent) || one.calledMs
  }

  #end({ outcome, returnedEvent, returnedMs }: Operation): number {
    if (outcome === 'unknown') return Number.POSITIVE_INFINITY
    return (this.#byEvents && returnedEvent) || (returnedMs ?? Number.POSITIVE_INFINITY)
  }
}

function wrote(one: Operation, read: Operation, value: string): boolean {
  if (one.kind !== 'write' && one.kind !== 'cas') return false
  if (one.outcome === 'failed' || one.key !== read.key || one.value !== value) return false
  const [mine, seen] = [rankOf(one), read.kind === 'read' ? rankOf(read) : undefined]
  return mine === undefined || seen === undefined || mine === seen
}

function rankOf({ origin, version }: Operation): number | undefined {
  return rankOfText(origin ?? version ?? '')
}

type IsLess = (a: Operation, b: Operation) => boolean

/** In the order in which they are to happen; a write as late as it takes to come after older ones that it overlaps. */
function inOrder(steps: readonly Step[], isLess: IsLess): Step[] {
  for (const step of steps) {
    if (step.is === 'read') continue
    const reads = steps.filter((one) => one.is === 'read' && one.source === step.one)
    const until = Math.min(step.until, ...reads.map(({ at }) => at))
    for (const { is, one, at } of steps) {
      if (is === 'write' && isLess(one, step.one) && at <= until) step.at = Math.max(step.at, at)
    }
  }
  return steps.toSorted((a, b) => a.at - b.at || (isBefore(a, b, isLess) ? -1 : 1))
}

/** @param rank where the system says that a write stands, if the verdict goes by that */
function linesOf(plan: readonly Step[], rank: (one: Operation) => number | undefined): string[] {
  const isLess: IsLess = (a, b) => (rank(a) ?? Number.NaN) < (rank(b) ?? Number.NaN)
  const steps = inOrder(plan, isLess)
  const writes = steps.flatMap(({ is, one }) => (is === 'write' ? [one] : []))
  // What is older than one before it goes to a leader that does not know it was deposed.
  const newer = writes.findIndex((one, i) => writes.some((other, j) => j > i && isLess(other, one)))
  const isLate = (one: Operation | null) =>
    one !== null &&
    newer !== -1 &&
    isLess(one, writes[newer] as Operation) &&
    writes.indexOf(one) > newer
  const cuts = cutsOf(
    steps.filter((step) => !isLate(step.is === 'write' ? step.one : step.source)),
    writes.filter((one) => !isLate(one)),
  )
  const held = [...new Set(cuts.values())].sort((a, b) => a - b)
  const followers = held.length + (held.length === 0 || newer !== -1 ? 1 : 0)
  let [leader, done] = [0, 0]
  const hold = (isToHold: (cut: number) => boolean) =>
    held.flatMap((cut, i) => (isToHold(cut) ? [`hold ${leader} ${i + 1}`] : []))
  const lines = ['seed 1', `followers ${followers}`, ...hold((cut) => cut === 0)]
  for (const step of steps) {
    const { one } = step
    const head = `as ${formatWord(legal(clientFault, one.client, 'client'))}:`
    const key = formatWord(legal(keyFault, one.key, 'key'))
    if (step.is === 'read') {
      const cut = cuts.get(step)
      const at = isLate(step.source) ? 0 : cut === undefined ? undefined : held.indexOf(cut) + 1
      const how = at === undefined ? `read ${key}` : `follower-read ${key} replica=${at}`
      const value = step.source ? writeValue(textOf(step.source)) : 'key-not-found'
      lines.push(`${head} ${how} -> ${value}`)
      continue
    }
    if (one === writes[newer]) {
      leader = followers
      lines.push(`partition 0 ${leader}`, `failover to=${leader}`, ...hold((cut) => cut <= done))
    }
    const where = isLate(one) ? ' replica=0' : ''
    lines.push(`${head} write ${key} ${formatWord(textOf(one))}${where} -> applied`)
    lines.push('advance idle')
    if (isLate(one)) continue
    done++
    lines.push(...hold((cut) => cut === done))
  }
  return lines
}

/** At the same instant: a client's own in their order, else what is older, else writes. */
function isBefore(a: Step, b: Step, isLess: IsLess): boolean {
  if (a.is === 'write' && b.is === 'write') return !isLess(b.one, a.one)
  if (a.one === b.one) return a.is === 'read'
  if (a.one.client === b.one.client) return a.one.calledMs < b.one.calledMs
  return a.is === 'write'
}

/** Of reads that do not return the newest: how many writes it has that they ask. */
function cutsOf(steps: readonly Step[], writes: readonly Operation[]): Map<Step, number> {
  const cuts = new Map<Step, number>()
  let done = 0
  for (const step of steps) {
    if (step.is === 'write') done++
    else {
      const from = step.source ? writes.indexOf(step.source) + 1 : 0
      const next = writes.findIndex(({ key }, i) => i >= from && key === step.one.key)
      if (next !== -1 && next < done) cuts.set(step, next)
    }
  }
  return cuts
}

function textOf({ value }: Operation): string {
  return legal(valueFault, value ?? '', 'value')
}

/** A name as it was, if it is legal here; two that are not would be one, and the trial would tell. */
function legal(fault: (text: string) => string | undefined, text: string, instead: string): string {
  return fault(text) === undefined ? text : instead
}
