// What a command was answered, in the words that an expectation could use: `Jessica version=1.1`. Commands
// that only do something say nothing when they did it: the events have said it already.

import type { Problem } from '../core/errors.ts'
import type { RecordJson } from '../core/record.ts'
import { sayText } from '../core/say.ts'
import { sayMs } from '../core/units.ts'
import { type Answer, type Fields, fieldOf, writeField } from './answers.ts'
import type { ScenarioCommand } from './commands.ts'
import { writeValue } from './expectations.ts'

/** A value longer than this is cut in a trace. */
const VALUE_CHARS_MAX = 60

/** @param isExpected something was expected, so the answer is shown in any case */
export function sayAnswer(
  command: ScenarioCommand,
  answer: Answer,
  isExpected: boolean,
): readonly string[] {
  if (!answer.ok) return [sayProblem(command, answer.problem)]
  const { fields } = answer
  switch (command.verb) {
    case 'write':
    case 'write-with-quorum':
      return [join('applied', sayFields(fields, ['version', 'acknowledgedBy']))]
    case 'read':
    case 'follower-read':
    case 'read-with-repair':
    case 'read-with-quorum':
      return [sayRead(command.verb, fields)]
    case 'failover':
      return [join('applied', sayFields(fields, ['epoch', 'from', 'to']))]
    case 'show':
      return sayShown(command.what, fields)
    default:
      return isExpected ? ['applied'] : []
  }
}

/** Whether a write that failed survives is what many a story is about. */
function sayProblem({ verb }: ScenarioCommand, { code, outcome, detail }: Problem): string {
  const isWrite = verb === 'write' || verb === 'write-with-quorum'
  return `${code}${isWrite ? ` outcome=${outcome}` : ''}: ${detail}`
}

function sayRead(verb: string, fields: Fields): string {
  const value = String(fields.value)
  const shown = value.length > VALUE_CHARS_MAX ? sayText(value) : writeValue(value)
  const staleness = fields.staleness as { versions: number; diverged: boolean }
  return join(
    shown,
    sayFields(fields, [
      'version',
      ...(verb === 'follower-read' ? [] : ['replica']),
      ...(staleness.versions > 0 ? ['staleness.versions', 'staleness.ms'] : []),
      ...(staleness.diverged ? ['staleness.diverged'] : []),
      ...(verb === 'read-with-quorum' ? ['answeredBy'] : []),
      ...(Array.isArray(fields.repaired) && fields.repaired.length > 0 ? ['repaired'] : []),
    ]),
  )
}

function sayFields(fields: Fields, names: readonly string[]): string {
  return names.map((name) => `${name}=${writeField(fieldOf(fields, name)?.value, name)}`).join(' ')
}

function join(...pieces: readonly string[]): string {
  return pieces.filter((piece) => piece !== '').join(' ')
}

function sayShown(what: string, fields: Fields): string[] {
  switch (what) {
    case 'cluster':
      return sayCluster(fields)
    case 'replica':
      return [sayReplica(fields), ...(fields.records as RecordJson[]).map(sayRecord)]
    case 'link':
      return sayLink(fields)
    default:
      return sayFailovers(fields)
  }
}

function sayCluster({ epoch, leader, replicas }: Fields): string[] {
  const leads =
    leader === null ? `nobody leads, epoch ${epoch}` : `replica ${leader} leads epoch ${epoch}`
  return [leads, ...(replicas as Fields[]).map(sayReplica)]
}

function sayReplica(fields: Fields): string {
  const names = ['epoch', 'appliedOffset', 'lagVersions', 'lagMs', 'keys']
  return `replica ${fields.id}: ${fields.role}, ${fields.state}, ${sayFields(fields, names)}`
}

function sayRecord({ key, value, version }: RecordJson): string {
  return `${sayText(key)} ${sayText(value)} version=${version}`
}

interface MessageJson {
  readonly kind: string
  readonly record: RecordJson | null
  readonly state: string
  readonly dueMs: number
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

interface FateJson {
  readonly record: RecordJson
  readonly acknowledgedBy: readonly number[]
}

function sayFailovers(fields: Fields): string[] {
  const failovers = fields.failovers as (Fields & { lost: FateJson[]; survived: FateJson[] })[]
  if (failovers.length === 0) return ['no failovers']
  return failovers.flatMap(({ epoch, to, from, reason, lost, survived }) => [
    `epoch ${epoch}: replica ${to} after replica ${from} (${reason}), ${lost.length} lost, ${survived.length} survived unacknowledged`,
    ...lost.map((fate) => `lost ${sayFate(fate)}`),
    ...survived.map((fate) => `survived ${sayFate(fate)}`),
  ])
}

function sayFate({ record, acknowledgedBy }: FateJson): string {
  return `${sayRecord(record)} acknowledgedBy=${writeField(acknowledgedBy, 'acknowledgedBy')}`
}
