// The one line that is no verb of the cluster: looking changes nothing. A story does it so that its reader sees.

import type { HistoryRecording } from '../../analysis/history/recording.ts'
import { judge } from '../../analysis/verdicts/judge.ts'
import type { Cluster } from '../../core/cluster.ts'
import { ok } from '../../core/errors.ts'
import { type Answer, type AnswerRenderer, answerOf } from '../answers.ts'
import type { Arguments } from '../arguments.ts'
import { oneOf, readClient, readKey, readNode, readReplica } from '../readers.ts'
import type { Grammar } from './row.ts'

export type Show =
  | { readonly verb: 'show'; readonly what: 'cluster' | 'failovers' }
  | { readonly verb: 'show'; readonly what: 'replica'; readonly replica: number }
  | { readonly verb: 'show'; readonly what: 'link'; readonly from: number; readonly to: number }
  | {
      readonly verb: 'show'
      readonly what: 'verdicts'
      readonly client?: string
      readonly key?: string
    }

/** Records and messages that `show` lists; the rest are only counted. */
const SHOWN_MAX = 100

export const SHOW: Grammar<Show> = {
  usage:
    'show cluster   or: show replica N   or: show link FROM TO   or: show failovers   ' +
    'or: show verdicts [client=NAME] [key=KEY]',
  read: readShow,
}

function readShow(args: Arguments): Show {
  const whats = ['cluster', 'replica', 'link', 'failovers', 'verdicts'] as const
  const what = args.take('what to show', oneOf(...whats))
  switch (what) {
    case 'cluster':
    case 'failovers':
      return { verb: 'show', what }
    case 'replica':
      return { verb: 'show', what, replica: args.take('the replica', readReplica) }
    case 'verdicts': {
      const client = args.option('client', (word) => readClient(word, word.text))
      const key = args.option('key', readKey)
      return {
        verb: 'show',
        what,
        ...(client !== undefined && { client }),
        ...(key !== undefined && { key }),
      }
    }
    case 'link': {
      const from = args.take('the end of the link where it begins', readNode)
      return {
        verb: 'show',
        what,
        from,
        to: args.take('the end of the link where it leads', readNode),
      }
    }
  }
}

/** @param history what clients saw so far */
export function look(
  cluster: Cluster,
  history: HistoryRecording,
  command: Show,
  render: AnswerRenderer,
): Answer {
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
    case 'verdicts':
      return answerOf(ok(judge(history.history(), command)), render.verdicts)
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
