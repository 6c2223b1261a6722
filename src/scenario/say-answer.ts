// What a command was answered, in the words that an expectation could use: `Jessica version=1.1`. Commands
// that only do something say nothing when they did it: the events have said it already.

import type { Report } from '../analysis/verdicts/judge.ts'
import { type Judgement, VERDICT_NAMES, type VerdictName } from '../analysis/verdicts/verdict.ts'
import type { Problem } from '../core/errors.ts'
import type { Json } from '../core/output/json.ts'
import type { MessageJson } from '../core/output/render-views.ts'
import type { RecordJson } from '../core/record.ts'
import { sayText } from '../core/text/say.ts'
import { sayMs } from '../core/units.ts'
import type { FailoverView, WriteFate } from '../core/verbs.ts'
import { type Answer, type Fields, fieldOf, writeField } from './answers.ts'
import type { Expectation } from './expectations.ts'
import { sayDetail } from './remedies.ts'
import type { Show } from './verbs/show.ts'
import { ROWS, type ScenarioCommand } from './verbs/table.ts'

/** @param expectation what was expected: the fields that it names are shown in any case */
export function sayAnswer(
  command: ScenarioCommand,
  answer: Answer,
  expectation: Expectation | null,
): readonly string[] {
  const { fields } = answer
  const checked = (expectation?.fields ?? []).map(({ name }) => name)
  if (!answer.ok) return [sayProblem(command, answer.problem, fields, checked)]
  if (command.verb === 'show') return sayShown(command.what, fields, checked)
  const told = ROWS[command.verb].tell?.(fields)
  if (!told && !expectation) return []
  const { head = 'applied', names = [] } = told ?? {}
  return [join(head, sayFields(fields, [...names, ...checked]))]
}

/** Whether a write that failed survives is what many a story is about. */
function sayProblem(
  { verb }: ScenarioCommand,
  problem: Problem,
  fields: Fields,
  checked: readonly string[],
): string {
  const isWrite = verb === 'write' || verb === 'write-with-quorum'
  const head = join(problem.code, sayFields(fields, [...(isWrite ? ['outcome'] : []), ...checked]))
  return `${head}: ${sayDetail(problem)}`
}

/** Each once; a field that is missing is missed where it is expected. */
function sayFields(fields: Fields, names: readonly string[]): string {
  return [...new Set(names)]
    .flatMap((name) => {
      const field = fieldOf(fields, name)
      return field ? [`${name}=${writeField(field.value, name)}`] : []
    })
    .join(' ')
}

function join(...pieces: readonly string[]): string {
  return pieces.filter((piece) => piece !== '').join(' ')
}

/** @param checked the fields that are expected to be something */
function sayShown(what: Show['what'], fields: Fields, checked: readonly string[]): string[] {
  switch (what) {
    case 'cluster':
      return sayCluster(fields)
    case 'replica':
      return [sayReplica(fields), ...(fields.records as RecordJson[]).map(sayRecord)]
    case 'link':
      return sayLink(fields)
    case 'failovers':
      return sayFailovers(fields)
    case 'verdicts':
      return sayVerdicts(fields.verdicts as Report['verdicts'], checked)
  }
}

function sayCluster({ epoch, leader, replicas }: Fields): string[] {
  const leads =
    leader === null ? `nobody leads, epoch ${epoch}` : `replica ${leader} leads epoch ${epoch}`
  return [leads, ...(replicas as Fields[]).map(sayReplica)]
}

function sayReplica(fields: Fields): string {
  const names = ['epoch', 'appliedOffset', 'lagVersions', 'lagMs', 'lagAtLeast', 'keys']
  return `replica ${fields.id}: ${fields.role}, ${fields.state}, ${sayFields(fields, names)}`
}

function sayRecord({ key, value, version }: RecordJson): string {
  return `${sayText(key)} ${sayText(value)} version=${version}`
}

function sayLink(fields: Fields): string[] {
  const { from, to, state } = fields
  const names = ['latency', 'lossRatio', 'duplicateRatio', 'messages']
  const messages = (fields.onTheirWay as MessageJson[]).map((message) => {
    const record = message.record ? ` of ${sayText(message.record.key)}` : ''
    const when = message.state === 'held' ? 'held' : `due at +${sayMs(message.dueMs * 1_000)}`
    return `${message.kind}${record}, ${when}`
  })
  return [`link ${from} to ${to}: ${state}, ${sayFields(fields, names)}`, ...messages]
}

function sayFailovers(fields: Fields): string[] {
  const failovers = fields.failovers as Json<FailoverView>[]
  if (failovers.length === 0) return ['no failovers']
  return failovers.flatMap(({ epoch, to, from, reason, lost, survived }) => [
    `epoch ${epoch}: replica ${to} after replica ${from} (${reason}), ${lost.length} lost, ${survived.length} survived unacknowledged`,
    ...lost.map((fate) => `lost ${sayFate(fate)}`),
    ...survived.map((fate) => `survived ${sayFate(fate)}`),
  ])
}

/** Why some broke, each reason once: those that were expected, or all where nothing was. Then the others, by name. */
function sayVerdicts(verdicts: Report['verdicts'], checked: readonly string[]): string[] {
  const asked = VERDICT_NAMES.filter((name) => checked.includes(name))
  const isTold = (name: VerdictName) => asked.length === 0 || asked.includes(name)
  const which = (one: Judgement) => VERDICT_NAMES.filter((name) => verdicts[name].verdict === one)
  const broken = which('violated')
  const reasons = new Set(broken.filter(isTold).map((name) => verdicts[name].why))
  const because = [...reasons].map((why) => {
    const names = broken.filter((name) => isTold(name) && verdicts[name].why === why)
    return `${names.join(', ')} violated: ${why}`
  })
  // Without a bound, which no line names, nobody can say whether it was kept.
  const undecided = which('undecided').filter((name) => name !== 'bounded-staleness')
  return [
    ...because,
    ...listed(
      'also violated',
      broken.filter((name) => !isTold(name)),
    ),
    ...listed('consistent', which('consistent')),
    ...listed('undecided', undecided),
  ]
}

function listed(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${what}: ${names.join(', ')}`]
}

function sayFate({ record, acknowledgedBy }: Json<WriteFate>): string {
  return `${sayRecord(record)} acknowledgedBy=${writeField(acknowledgedBy, 'acknowledgedBy')}`
}
