// A session as a file: everything done to the cluster since its start or the last full reset, as a scenario that
// replays to the same events. A bug report in one file.

import { z } from 'zod'
import { NUMBER_MAX } from '../../core/text/legal.ts'
import { chapterOf } from '../chapter.ts'
import * as fields from '../fields.ts'
import { type Route, route } from '../route.ts'

const scenario = route({
  method: 'GET',
  path: '/scenario',
  group: 'operations',
  summary: 'Everything done so far, as a scenario that replays to the same events.',
  description:
    'By whatever client it was done, since the start or the last full reset; with `chapter`, until that ended. Save it ' +
    'and run it with `npm start -- run FILE`; attach it to a bug report.',
  effect: 'none',
  example: { path: '/scenario' },
  query: z.strictObject({
    chapter: fields.wholeText(1, NUMBER_MAX).optional().meta({
      description: 'Its number, as GET /chapters has it; the present one unless said.',
    }),
  }),
  answerType: 'text/plain; charset=utf-8',
  problems: ['scenario-truncated'],
  handle: ({ query }, exchange) => {
    const { context } = exchange
    const exported = context.recorder.export(chapterOf(context, query.chapter))
    if (exported.ok) exchange.answerText('text/plain; charset=utf-8', exported.value)
    else exchange.decline(exported.problem)
  },
})

export const SCENARIO_ROUTES: readonly Route[] = [scenario]
