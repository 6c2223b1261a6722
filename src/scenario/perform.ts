// One command of a scenario, done to a cluster, with its answer in the one shape of answers.ts. How time moves
// meanwhile is run.ts's affair.

import type { Cluster } from '../core/cluster.ts'
import { type Done, ok } from '../core/errors.ts'
import type { Command, Ticket } from '../core/verbs.ts'
import {
  type Answer,
  type AnswerRenderer,
  answerOf,
  type Fields,
  NOTHING_TO_SAY,
} from './answers.ts'
import type { CommandOf, Request, Show } from './commands.ts'

/** A command that acts at the present instant. */
export type Act = Exclude<Command, Request | CommandOf<'advance' | 'abandon'>>

/** Records and messages that `show` lists; the rest are only counted. */
const SHOWN_MAX = 100

export function ask(
  cluster: Cluster,
  command: Request,
  render: AnswerRenderer,
  answered: (answer: Answer) => void,
): Ticket {
  function then<T>(fields: (value: T) => Fields): Done<T> {
    return (reply) => answered(answerOf(reply, fields))
  }
  switch (command.verb) {
    case 'write':
      return cluster.write(command.how, then(render.write))
    case 'write-with-quorum':
      return cluster.writeWithQuorum(command.how, then(render.quorumWrite))
    case 'read':
      return cluster.read(command.how, then(render.read))
    case 'follower-read':
      return cluster.followerRead(command.how, then(render.read))
    case 'read-with-repair':
      return cluster.readWithRepair(command.how, then(render.repairRead))
    case 'read-with-quorum':
      return cluster.readWithQuorum(command.how, then(render.quorumRead))
  }
}

export function act(cluster: Cluster, command: Act, { views }: AnswerRenderer): Answer {
  switch (command.verb) {
    case 'clock':
      return answerOf(cluster.setClock(command.mode, command.rate), views.clock)
    case 'forget':
      return answerOf(cluster.forget(command.replica, command.key), views.replica)
    case 'crash':
      return answerOf(cluster.crash(command.replica, command.how), views.replica)
    case 'restart':
      return answerOf(cluster.restart(command.replica), views.replica)
    case 'pause':
      return answerOf(cluster.pause(command.replica, command.how), views.replica)
    case 'resume':
      return answerOf(cluster.resume(command.replica), views.replica)
    case 'cut':
      return answerOf(cluster.cut(command.from, command.to, command.how), views.link)
    case 'heal':
      return answerOf(cluster.heal(command.from, command.to), views.link)
    case 'hold':
      return answerOf(cluster.hold(command.from, command.to, command.how), views.link)
    case 'release':
      return answerOf(cluster.release(command.from, command.to), views.link)
    case 'set-link':
      return answerOf(cluster.setLink(command.from, command.to, command.how), views.link)
    case 'partition':
      return answerOf(cluster.partition(command.groups, command.how), views.cluster)
    case 'heal-all':
      return answerOf(cluster.healAll(), views.cluster)
    case 'failover':
      return answerOf(cluster.failover(command.how), views.failover)
    case 'reset':
      return answerOf(cluster.reset(command.keep), views.cluster)
    case 'restore':
      cluster.restore(command.how)
      return NOTHING_TO_SAY
    default:
      return never(command)
  }
}

export function look(cluster: Cluster, command: Show, render: AnswerRenderer): Answer {
  const { views } = render
  switch (command.what) {
    case 'cluster':
      return answerOf(ok(cluster.view()), views.cluster)
    case 'failovers':
      return answerOf(ok(cluster.failovers()), render.failovers)
    case 'replica': {
      const { replica } = command
      const view = answerOf(cluster.replicaView(replica), views.replica)
      return and(view, answerOf(cluster.replicaRecords(replica, 0, SHOWN_MAX), render.records))
    }
    case 'link': {
      const { from, to } = command
      const view = answerOf(cluster.linkView(from, to), views.link)
      return and(view, answerOf(cluster.linkMessages(from, to, SHOWN_MAX), render.messages))
    }
  }
}

function and(a: Answer, b: Answer): Answer {
  if (!a.ok) return a
  return b.ok ? { ok: true, fields: { ...a.fields, ...b.fields } } : b
}

function never(command: never): never {
  throw new TypeError(`A command that nobody performs: ${JSON.stringify(command)}`)
}
