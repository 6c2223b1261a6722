// All verbs as scenarios have them, the words of the grammar, and how a command is written, done to a cluster and
// answered. The words are those of the routes, without their slashes.

import type { Cluster } from '../../core/cluster.ts'
import {
  type ActVerb,
  type Command,
  type CommandOf,
  isRequest,
  type RequestVerb,
  type Verb,
} from '../../core/verbs/table.ts'
import type { Ticket } from '../../core/verbs.ts'
import { type Answer, type AnswerRenderer, answerOf } from '../answers.ts'
import { formatWord } from '../readers.ts'
import { CLOCK } from './clock.ts'
import { DATA } from './data.ts'
import { LEADERSHIP } from './leadership.ts'
import { NETWORK } from './network.ts'
import { REPLICAS } from './replicas.ts'
import type { Grammar, Row } from './row.ts'
import { SHOW, type Show } from './show.ts'

export type ScenarioCommand = Command | Show

export const ROWS: { readonly [V in Verb]: Row<V> } = {
  ...DATA,
  ...CLOCK,
  ...REPLICAS,
  ...NETWORK,
  ...LEADERSHIP,
}

/** By the first word of a line. */
export const GRAMMAR: Readonly<Record<string, Grammar<ScenarioCommand>>> = Object.fromEntries(
  [...Object.values(ROWS).map(({ grammar }) => grammar), SHOW].flatMap((grammar) =>
    grammar ? [[grammar.usage.split(' ', 1)[0], grammar]] : [],
  ),
)

/** Written so that it reads back as the same command, without its `&`. Only `restore` takes more than one line. */
export function formatCommand<V extends Verb>(command: CommandOf<V>): string[] {
  const [first = '', ...more] = ROWS[command.verb].write(command)
  return [`${isRequest(command) ? formatClient(command.how.client) : ''}${first}`, ...more]
}

function formatClient(client: string | undefined): string {
  return client === undefined || client === 'default' ? '' : `as ${formatWord(client)}: `
}

export function ask<V extends RequestVerb>(
  cluster: Cluster,
  command: CommandOf<V>,
  render: AnswerRenderer,
  answered: (answer: Answer) => void,
): Ticket {
  const fields = ROWS[command.verb].answer(render)
  return cluster.ask(command, (reply) => answered(answerOf(reply, fields)))
}

export function act<V extends ActVerb>(
  cluster: Cluster,
  command: CommandOf<V>,
  render: AnswerRenderer,
): Answer {
  return answerOf(cluster.act(command), ROWS[command.verb].answer(render))
}
