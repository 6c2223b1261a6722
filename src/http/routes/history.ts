// What clients saw, and whether it was consistent.

import { z } from 'zod'
import { type History, sinceVersion } from '../../analysis/history/operation.ts'
import { ednLines, jsonLines } from '../../analysis/history/write.ts'
import { judge } from '../../analysis/verdicts/judge.ts'
import { renderReport } from '../../analysis/verdicts/report.ts'
import { NUMBER_MAX } from '../../core/text/legal.ts'
import { formatVersion, type Version } from '../../core/version.ts'
import * as answers from '../answers-history.ts'
import * as fields from '../fields.ts'
import { BadRequest, invalidRequest } from '../problems.ts'
import { type Route, route } from '../route.ts'

const LINES = { jsonl: jsonLines, edn: ednLines } as const
const TYPES = { jsonl: 'application/x-ndjson', edn: 'application/edn; charset=utf-8' } as const

/** About a second: nobody else is answered meanwhile. A lab's operations have versions, and need none of it. */
const BUDGET = { steps: 500_000, bytes: 50_000_000 }

const history = route({
  method: 'GET',
  path: '/history',
  group: 'operations',
  summary: 'Every operation of every client, a JSON value a line.',
  description:
    'Since the start or the last reset: called and returned at, outcome, version, and the replica that ' +
    'answered; faults and epochs in between. `npm start -- check FILE` judges it. The oldest go when there ' +
    'are too many; the first line then says how many. As EDN each operation is two lines, as Jepsen has them.',
  effect: 'none',
  example: { path: '/history' },
  query: z.strictObject({
    format: z
      .enum(['jsonl', 'edn'])
      .optional()
      .meta({ description: 'jsonl unless said.', example: 'edn' }),
  }),
  answerType: TYPES.jsonl,
  otherType: TYPES.edn,
  handle: ({ query: { format = 'jsonl' } }, exchange) => {
    const lines = LINES[format](exchange.context.history.history())
    exchange.answerLines(TYPES[format], lines)
  },
})

const verdicts = route({
  method: 'GET',
  path: '/verdicts',
  group: 'operations',
  summary: 'Whether what clients saw was consistent, and the operations that prove it was not.',
  description:
    'Each guarantee is consistent, violated or undecided; `why` says so in words, and `witness` has the ' +
    'fewest operations found that break it. `deltaMs` and `k` say how far it is from linearizable. ' +
    'bounded-staleness needs a bound.',
  effect: 'none',
  example: { path: '/verdicts' },
  query: z.strictObject({
    client: fields.clientText
      .optional()
      .meta({ description: 'Only the sessions of this client.', example: 'alice' }),
    key: fields.key
      .optional()
      .meta({ description: 'Only operations on this key.', example: 'user:1' }),
    since: fields.version
      .optional()
      .meta({ description: 'Only what was called since the write of this version was.' }),
    staleVersions: fields
      .wholeText(0, NUMBER_MAX)
      .optional()
      .meta({ description: 'How many versions behind bounded-staleness lets reads be.' }),
    staleMs: fields.wholeText(0, NUMBER_MAX).optional().meta({ description: 'The same in time.' }),
  }),
  answer: answers.verdicts,
  handle: ({ query }, exchange) => {
    const { client, key, since, staleVersions: versions, staleMs: ms } = query
    const whole = exchange.context.history.history()
    const asked = since === undefined ? whole : sinceOf(whole, since)
    exchange.answer(
      renderReport(judge(asked, { client, key, stale: { versions, ms }, budget: BUDGET })),
    )
  },
})

function sinceOf(whole: History, version: Version): History {
  const since = formatVersion(version)
  const part = sinceVersion(whole, since)
  if (part) return part
  const message = `Parameter "since" is ${since}, but no write of that version is in the history: GET /history shows them.`
  throw new BadRequest(invalidRequest([{ in: 'query', field: 'since', message }]))
}

export const HISTORY_ROUTES: readonly Route[] = [history, verdicts]
