// The commands of a scenario: how each is written, and what it asks of the cluster. The words are those of
// the routes, without their slashes. format.ts writes them again.

import { BOUNDS } from '../core/bounds.ts'
import { formatLatency, parseLatency } from '../core/text/latency-text.ts'
import { NUMBER_MAX } from '../core/text/legal.ts'
import type { Command, HoldRequest } from '../core/verbs.ts'
import type { Arguments } from './arguments.ts'
import type { Word } from './lexer.ts'
import {
  complain,
  decimalNumber,
  duration,
  oneOf,
  type Read,
  readGroup,
  readKey,
  readNode,
  readRepair,
  readReplica,
  readReplicas,
  readValue,
  readVersion,
  wholeNumber,
} from './readers.ts'

/** Looking changes nothing. A story does it so that its reader sees. */
export type Show =
  | { readonly verb: 'show'; readonly what: 'cluster' | 'failovers' }
  | { readonly verb: 'show'; readonly what: 'replica'; readonly replica: number }
  | { readonly verb: 'show'; readonly what: 'link'; readonly from: number; readonly to: number }

export type ScenarioCommand = Command | Show

/** Commands that get a number, and may take simulated time. */
const REQUESTS = [
  'write',
  'write-with-quorum',
  'read',
  'follower-read',
  'read-with-repair',
  'read-with-quorum',
] as const

/** The commands of the core that these verbs name. */
export type CommandOf<V> = Command extends infer C
  ? C extends { readonly verb: infer W }
    ? [W & V] extends [never]
      ? never
      : C
    : never
  : never

/** A command that gets a number, and an answer later. */
export type Request = CommandOf<(typeof REQUESTS)[number]>

export function isRequest(command: { readonly verb: string }): command is Request {
  return REQUESTS.some((verb) => verb === command.verb)
}

export interface Grammar {
  readonly usage: string
  readonly read: (args: Arguments) => ScenarioCommand
}

const timeout = duration(1, BOUNDS.latencyUsMax)
const forTime = duration(1, BOUNDS.advanceUsMax)
const quorum = wholeNumber(1, BOUNDS.followersMax + 1)
const ratio = decimalNumber(0, 1)

export const GRAMMAR: Readonly<Record<string, Grammar>> = {
  write: {
    usage: 'write KEY VALUE [replica=N]',
    read: (args) => ({
      verb: 'write',
      how: {
        key: args.take('the key', readKey),
        value: args.take('the value', readValue),
        ...args.part('replica', 'replica', readReplica),
      },
    }),
  },
  'write-with-quorum': {
    usage: 'write-with-quorum KEY VALUE [w=W] [timeout=TIME] [replica=N]',
    read: (args) => ({
      verb: 'write-with-quorum',
      how: {
        key: args.take('the key', readKey),
        value: args.take('the value', readValue),
        ...args.part('w', 'w', quorum),
        ...args.part('timeoutUs', 'timeout', timeout),
        ...args.part('replica', 'replica', readReplica),
      },
    }),
  },
  read: {
    usage: 'read KEY',
    read: (args) => ({ verb: 'read', how: { key: args.take('the key', readKey) } }),
  },
  'follower-read': {
    usage: 'follower-read KEY replica=N',
    read: (args) => ({
      verb: 'follower-read',
      how: {
        key: args.take('the key', readKey),
        replica: args.required('replica', readReplica),
      },
    }),
  },
  'read-with-repair': {
    usage: 'read-with-repair KEY',
    read: (args) => ({ verb: 'read-with-repair', how: { key: args.take('the key', readKey) } }),
  },
  'read-with-quorum': {
    usage: 'read-with-quorum KEY [r=R] [replicas=N,N] [repair=blocking|async|false]',
    read: (args) => ({
      verb: 'read-with-quorum',
      how: {
        key: args.take('the key', readKey),
        ...args.part('r', 'r', quorum),
        ...args.part('replicas', 'replicas', readReplicas),
        ...args.part('repair', 'repair', readRepair),
      },
    }),
  },
  abandon: {
    usage: 'abandon REQUEST   (writes and reads are numbered from 1)',
    read: (args) => ({
      verb: 'abandon',
      request: args.take('the number of a request', wholeNumber(1, NUMBER_MAX)),
    }),
  },
  advance: {
    usage: 'advance TIME   or: advance idle   or: advance until REPLICA VERSION',
    read: readAdvance,
  },
  clock: {
    usage: 'clock real|manual|instant [rate=FACTOR]',
    read: (args) => ({
      verb: 'clock',
      mode: args.take('the mode', oneOf('real', 'manual', 'instant')),
      rate: args.option('rate', decimalNumber(BOUNDS.rateMin, BOUNDS.rateMax)) ?? 1,
    }),
  },
  crash: {
    usage: 'crash REPLICA [keep-data] [for=TIME]',
    read: (args) => ({
      verb: 'crash',
      replica: args.take('the replica', readReplica),
      how: {
        ...(args.flag('keep-data') && { keepData: true }),
        ...args.part('forUs', 'for', forTime),
      },
    }),
  },
  restart: { usage: 'restart REPLICA', read: (args) => onReplica('restart', args) },
  pause: {
    usage: 'pause REPLICA [for=TIME]',
    read: (args) => ({
      verb: 'pause',
      replica: args.take('the replica', readReplica),
      how: args.part('forUs', 'for', forTime),
    }),
  },
  resume: { usage: 'resume REPLICA', read: (args) => onReplica('resume', args) },
  forget: {
    usage: 'forget REPLICA KEY',
    read: (args) => ({
      verb: 'forget',
      replica: args.take('the replica', readReplica),
      key: args.take('the key', readKey),
    }),
  },
  cut: {
    usage: 'cut FROM TO [for=TIME]',
    read: (args) => ({
      verb: 'cut',
      ...readEnds(args),
      how: args.part('forUs', 'for', forTime),
    }),
  },
  heal: {
    usage: 'heal FROM TO   or, to end all cuts: heal',
    read: (args) =>
      args.hasWords ? { verb: 'heal', ...readEnds(args) } : { verb: 'heal-all' as const },
  },
  hold: {
    usage: 'hold FROM TO [key=KEY] [copies=COUNT] [for=TIME]',
    read: (args) => ({ verb: 'hold', ...readEnds(args), how: readHold(args) }),
  },
  release: {
    usage: 'release FROM TO',
    read: (args) => ({ verb: 'release', ...readEnds(args) }),
  },
  link: {
    usage: 'link FROM TO [latency=LATENCY|default] [loss=RATIO] [duplicate=RATIO] [for=TIME]',
    read: (args) => ({
      verb: 'set-link',
      ...readEnds(args),
      how: {
        ...args.part('latency', 'latency', readLatency),
        ...args.part('lossRatio', 'loss', ratio),
        ...args.part('duplicateRatio', 'duplicate', ratio),
        ...args.part('forUs', 'for', forTime),
      },
    }),
  },
  partition: {
    usage: 'partition GROUP GROUP... [for=TIME]   where a group is written 0,2',
    read: (args) => {
      const groups: number[][] = []
      while (args.hasWords) groups.push(args.take('the group', readGroup))
      if (groups.length < 2) args.refuse('a partition needs at least two groups')
      return { verb: 'partition', groups, how: args.part('forUs', 'for', forTime) }
    },
  },
  failover: {
    usage: 'failover [to=REPLICA] [force]',
    read: (args) => ({
      verb: 'failover',
      how: {
        ...args.part('to', 'to', readReplica),
        ...(args.flag('force') && { force: true }),
      },
    }),
  },
  reset: {
    usage: 'reset [keep=faults|data]',
    read: (args) => ({
      verb: 'reset',
      keep: args.option('keep', oneOf('faults', 'data')) ?? 'nothing',
    }),
  },
  show: {
    usage: 'show cluster   or: show replica N   or: show link FROM TO   or: show failovers',
    read: readShow,
  },
}

function onReplica(verb: 'restart' | 'resume', args: Arguments): ScenarioCommand {
  return { verb, replica: args.take('the replica', readReplica) }
}

function readEnds(args: Arguments): { from: number; to: number } {
  return {
    from: args.take('the end of the link where it begins', readNode),
    to: args.take('the end of the link where it leads', readNode),
  }
}

function readAdvance(args: Arguments): ScenarioCommand {
  const words = ['idle', 'until'] as const
  const advanceBy = duration(0, BOUNDS.advanceUsMax)
  const how = args.take<number | 'idle' | 'until'>('the time', (word, what) =>
    /^[a-z]/i.test(word.text) ? oneOf(...words)(word, what) : advanceBy(word, what),
  )
  if (typeof how === 'number') return { verb: 'advance', how: { us: how } }
  if (how === 'idle') return { verb: 'advance', how: { to: 'idle' } }
  const replica = args.take('the replica', readReplica)
  const version = args.take('the version', readVersion)
  return { verb: 'advance', how: { until: { replica, version } } }
}

function readHold(args: Arguments): HoldRequest {
  const key = args.option('key', readKey)
  const copies = args.option('copies', wholeNumber(1, BOUNDS.messagesMax))
  const forUs = args.part('forUs', 'for', forTime)
  if (key !== undefined && copies !== undefined) args.refuse('key and copies exclude each other')
  if (key !== undefined) return { key, ...forUs }
  return copies === undefined ? forUs : { copies, ...forUs }
}

/** In its canonical spelling; null is the default. */
const readLatency: Read<string | null> = (word: Word, what) => {
  if (word.text === 'default') return null
  const parsed = parseLatency(word.text)
  return parsed.ok ? formatLatency(parsed.value) : complain(word, `${what}: ${parsed.message}`)
}

function readShow(args: Arguments): Show {
  const what = args.take('what to show', oneOf('cluster', 'replica', 'link', 'failovers'))
  switch (what) {
    case 'cluster':
    case 'failovers':
      return { verb: 'show', what }
    case 'replica':
      return { verb: 'show', what, replica: args.take('the replica', readReplica) }
    case 'link':
      return { verb: 'show', what, ...readEnds(args) }
  }
}
