// The faults that befall links, and partitions, as lines of a scenario.

import type { NetworkVerbs } from '../../core/verbs/network.ts'
import type { CommandOf } from '../../core/verbs/table.ts'
import type { AnswerRenderer } from '../answers.ts'
import type { Arguments } from '../arguments.ts'
import { readGroup } from '../readers.ts'
import { formatNode, line, type Row } from './row.ts'

const answer = ({ views }: AnswerRenderer) => views.link
const answerAll = ({ views }: AnswerRenderer) => views.cluster

const heal = line('heal', 'heal FROM TO   or, to end all cuts: heal', ['from', 'to'])
/** What is behind the groups. */
const partition = line('partition', 'partition [for=TIME]', ['forUs'])

export const NETWORK: { readonly [V in keyof NetworkVerbs]: Row<V> } = {
  cut: { ...line('cut', 'cut FROM TO [for=TIME]', ['from', 'to', 'forUs']), answer },
  heal: {
    ...heal,
    grammar: {
      usage: heal.grammar.usage,
      read: (args) => (args.hasWords ? heal.grammar.read(args) : { verb: 'heal-all' }),
    },
    answer,
  },
  'heal-all': { grammar: null, write: () => ['heal'], answer: answerAll },
  hold: {
    ...line(
      'hold',
      'hold FROM TO [key=KEY] [copies=COUNT] [for=TIME]',
      ['from', 'to', 'key', 'copies', 'forUs'],
      (how) => ('key' in how && 'copies' in how ? 'key and copies exclude each other' : undefined),
    ),
    answer,
  },
  release: { ...line('release', 'release FROM TO', ['from', 'to']), answer },
  'set-link': {
    ...line(
      'set-link',
      'link FROM TO [latency=LATENCY|default] [loss=RATIO] [duplicate=RATIO] [for=TIME]',
      ['from', 'to', 'latency', 'lossRatio', 'duplicateRatio', 'forUs'],
    ),
    answer,
  },
  partition: {
    grammar: {
      usage: 'partition GROUP GROUP... [for=TIME]   where a group is written 0,2',
      read: readPartition,
    },
    write: (command) => {
      const groups = command.groups.map((group) => group.map(formatNode).join(','))
      const [word = '', ...rest] = partition.write(command)[0]?.split(' ') ?? []
      return [[word, ...groups, ...rest].join(' ')]
    },
    answer: answerAll,
  },
}

function readPartition(args: Arguments): CommandOf<'partition'> {
  const groups: number[][] = []
  while (args.hasWords) groups.push(args.take('the group', readGroup))
  if (groups.length < 2) args.refuse('a partition needs at least two groups')
  return { ...partition.grammar.read(args), groups }
}
