// Which route does which verb, so that a command can be told as a call. Null: nobody can ask for it over HTTP.

import type { Verb } from '../../core/verbs/table.ts'
import type { Route } from '../route.ts'
import { CLOCK_VERBS } from './clock.ts'
import { DATA_VERBS } from './data.ts'
import { LEADERSHIP_VERBS } from './leadership.ts'
import { NETWORK_VERBS } from './network.ts'
import { REPLICA_VERBS } from './replicas.ts'

export const VERB_ROUTES: { readonly [V in Verb]: Route | null } = {
  ...DATA_VERBS,
  ...CLOCK_VERBS,
  ...REPLICA_VERBS,
  ...NETWORK_VERBS,
  ...LEADERSHIP_VERBS,
}
