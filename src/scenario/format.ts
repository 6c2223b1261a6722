// Commands as a scenario writes them: what commands.ts reads, written so that it reads back as the same
// command. The export of a session is made of these.

import { API, type NodeId } from '../core/nodes.ts'
import type { StoredRecord } from '../core/record.ts'
import { formatLatency, parseLatency } from '../core/text/latency-text.ts'
import { escapeActing } from '../core/text/say.ts'
import type { AdvanceRequest, Command, HoldRequest, LinkSettings } from '../core/verbs.ts'
import { formatVersion } from '../core/version.ts'
import type { Request } from './commands.ts'
import { PLAIN, writeDuration } from './readers.ts'

/** Without its `&`. Only `restore` takes more than one line. */
export function formatCommand(command: Command): string[] {
  if (command.verb === 'restore') {
    const { leader, epoch, records } = command.how
    return [`restore leader=${leader} epoch=${epoch}`, ...records.map(formatRestored)]
  }
  return [
    wordsOf(command)
      .filter((word) => word !== '')
      .join(' '),
  ]
}

/** A word that reads back as this text: bare where it may be. */
export function formatWord(text: string): string {
  // Acting characters are written as escapes: the file may be shown in a terminal.
  return PLAIN.test(text) ? text : escapeActing(JSON.stringify(text))
}

function formatRestored({ key, value, epoch, offset, writtenUs, quorum }: StoredRecord): string {
  const sign = writtenUs > 0 ? '-' : ''
  const age = `${sign}${writeDuration(Math.abs(writtenUs))}`
  const record = `${formatWord(key)} ${formatWord(value)}`
  const version = formatVersion({ epoch, offset })
  return `restored ${record} version=${version} age=${age}${quorum ? ' quorum' : ''}`
}

function wordsOf(command: Exclude<Command, { verb: 'restore' }>): readonly string[] {
  switch (command.verb) {
    case 'write':
    case 'write-with-quorum':
    case 'read':
    case 'follower-read':
    case 'read-with-repair':
    case 'read-with-quorum':
      return formatRequest(command)
    case 'abandon':
      return ['abandon', String(command.request)]
    case 'advance':
      return ['advance', ...formatAdvance(command.how)]
    case 'clock':
      return ['clock', command.mode, option('rate', command.rate === 1 ? undefined : command.rate)]
    case 'reset':
      return ['reset', option('keep', command.keep === 'nothing' ? undefined : command.keep)]
    case 'failover': {
      const { to, force } = command.how
      return ['failover', option('to', to), force ? 'force' : '']
    }
    default:
      return formatFault(command)
  }
}

function formatRequest(command: Request): readonly string[] {
  const { verb, how } = command
  const { key, client } = how
  const who = client === undefined || client === 'default' ? [] : ['as', `${formatWord(client)}:`]
  const words = [...who, verb, formatWord(key)]
  switch (verb) {
    case 'write':
      return [...words, formatWord(how.value), option('replica', how.replica)]
    case 'write-with-quorum': {
      const { value, w, timeoutUs, replica } = how
      const timeout = time('timeout', timeoutUs)
      return [...words, formatWord(value), option('w', w), timeout, option('replica', replica)]
    }
    case 'follower-read':
      return [...words, option('replica', how.replica)]
    case 'read-with-quorum': {
      const { r, replicas, repair } = how
      return [
        ...words,
        option('r', r),
        option('replicas', replicas?.join(',')),
        option('repair', repair),
      ]
    }
    default:
      return words
  }
}

type Fault = Exclude<
  Command,
  Request | { verb: 'abandon' | 'advance' | 'clock' | 'reset' | 'failover' | 'restore' }
>

function formatFault(command: Fault): readonly string[] {
  const { verb } = command
  switch (verb) {
    case 'crash': {
      const { keepData, forUs } = command.how
      return [verb, String(command.replica), keepData ? 'keep-data' : '', time('for', forUs)]
    }
    case 'pause':
      return [verb, String(command.replica), time('for', command.how.forUs)]
    case 'restart':
    case 'resume':
      return [verb, String(command.replica)]
    case 'forget':
      return [verb, String(command.replica), formatWord(command.key)]
    case 'cut':
      return [verb, ...ends(command), time('for', command.how.forUs)]
    case 'heal':
    case 'release':
      return [verb, ...ends(command)]
    case 'hold':
      return [verb, ...ends(command), ...formatHold(command.how)]
    case 'set-link':
      return ['link', ...ends(command), ...formatSettings(command.how)]
    case 'partition': {
      const groups = command.groups.map((group) => group.map(formatNode).join(','))
      return [verb, ...groups, time('for', command.how.forUs)]
    }
    case 'heal-all':
      return ['heal']
    default:
      return never(command)
  }
}

function formatAdvance(how: AdvanceRequest): readonly string[] {
  if ('us' in how) return [writeDuration(how.us)]
  if ('to' in how) return ['idle']
  return ['until', String(how.until.replica), formatVersion(how.until.version)]
}

function formatHold(how: HoldRequest): readonly string[] {
  const key = 'key' in how ? option('key', formatWord(how.key)) : ''
  const copies = 'copies' in how ? option('copies', how.copies) : ''
  return [key, copies, time('for', how.forUs)]
}

function formatSettings(settings: LinkSettings): readonly string[] {
  const { latency, lossRatio, duplicateRatio, forUs } = settings
  return [
    option('latency', latency === null ? 'default' : latency && canonicalLatency(latency)),
    option('loss', lossRatio),
    option('duplicate', duplicateRatio),
    time('for', forUs),
  ]
}

/** Without the spaces that somebody may have sent. */
function canonicalLatency(text: string): string {
  const parsed = parseLatency(text)
  return parsed.ok ? formatLatency(parsed.value) : text
}

function ends({ from, to }: { readonly from: NodeId; readonly to: NodeId }): readonly string[] {
  return [formatNode(from), formatNode(to)]
}

function formatNode(node: NodeId): string {
  return node === API ? 'api' : String(node)
}

function option(name: string, value: string | number | undefined): string {
  return value === undefined ? '' : `${name}=${value}`
}

function time(name: string, us: number | undefined): string {
  return option(name, us === undefined ? undefined : writeDuration(us))
}

function never(command: never): never {
  throw new TypeError(`A command without words: ${JSON.stringify(command)}`)
}
