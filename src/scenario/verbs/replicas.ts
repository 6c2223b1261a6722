// The faults that befall one replica, as lines of a scenario.

import type { ReplicaVerbs } from '../../core/verbs/replicas.ts'
import type { AnswerRenderer } from '../answers.ts'
import { line, type Row } from './row.ts'

const answer = ({ views }: AnswerRenderer) => views.replica

export const REPLICAS: { readonly [V in keyof ReplicaVerbs]: Row<V> } = {
  crash: {
    ...line('crash', 'crash REPLICA [keep-data] [for=TIME]', ['replica', 'keepData', 'forUs']),
    answer,
  },
  restart: { ...line('restart', 'restart REPLICA', ['replica']), answer },
  pause: { ...line('pause', 'pause REPLICA [for=TIME]', ['replica', 'forUs']), answer },
  resume: { ...line('resume', 'resume REPLICA', ['replica']), answer },
  forget: { ...line('forget', 'forget REPLICA KEY', ['replica', 'key']), answer },
}
