// The session as a file: everything done to the cluster since its start or the last full reset, as a scenario that
// replays to the same events. A bug report in one file.

import { type Route, route } from '../route.ts'

const scenario = route({
  method: 'GET',
  path: '/scenario',
  group: 'operations',
  summary: 'Everything done so far, as a scenario that replays to the same events.',
  description:
    'By whatever client it was done, since the start or the last full reset. Save it and run it with ' +
    '`npm start -- run FILE`; attach it to a bug report.',
  effect: 'none',
  example: { path: '/scenario' },
  answerType: 'text/plain; charset=utf-8',
  problems: ['scenario-truncated'],
  handle: (_input, exchange) => {
    const exported = exchange.context.recorder.export()
    if (exported.ok) exchange.answerText('text/plain; charset=utf-8', exported.value)
    else exchange.decline(exported.problem)
  },
})

export const SCENARIO_ROUTES: readonly Route[] = [scenario]
