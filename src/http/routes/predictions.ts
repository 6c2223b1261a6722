// Forecasts of what a configuration costs, as `predict` makes them: of this lab's own settings, or of those given.

import { z } from 'zod'
import { compare } from '../../analysis/forecast/agree.ts'
import { type Ask, type Field, readAsk } from '../../analysis/forecast/ask.ts'
import { tableOf } from '../../analysis/forecast/forecast.ts'
import { parseSamples } from '../../analysis/forecast/samples.ts'
import { measuredToJson, toJson } from '../../analysis/forecast/say.ts'
import { type ForecastSettings, TROUBLES } from '../../analysis/forecast/settings.ts'
import { BOUNDS } from '../../core/bounds.ts'
import type { Cluster } from '../../core/cluster.ts'
import { formatLegs } from '../../core/text/latency-legs.ts'
import { MEASURING, measuringOf, unmeasurable } from '../../scenario/measure.ts'
import { type Forecaster, prediction } from '../predictions.ts'
import { BadRequest, invalidRequest } from '../problems.ts'
import { type Route, route } from '../route.ts'

const WORD_CHARS_MAX = 2_000

const word = (help: string) =>
  z
    .union([z.string().max(WORD_CHARS_MAX), z.number()])
    .optional()
    .meta({ description: help })

/** The words of the flags of `predict`. */
const ASKED = {
  topology: word('`leader`: copies in log order, the default; `leaderless`: WARS.'),
  followers: word("Followers of the leader; the lab's own unless said."),
  n: word('Replicas of a leaderless cluster; 3 unless said.'),
  latency: word(
    "As for `--latency`, a preset, or `LEG=@NAME` of `samples`; the lab's own unless said.",
  ),
  rate: word('Writes of the whole log, such as `20/s`; `10/s` unless said.'),
  writes: word('`poisson`, the default, or `even`.'),
  keys: word('Keys that the writes spread over; 1 unless said.'),
  at: word('Times after the write; `0,10,50,100,500ms` unless said.'),
  w: word('Acknowledgements of a write, such as `1,2` or `1..3`.'),
  r: word('Answers of a quorum read.'),
  readsTo: word('Leaderless reads go to `all` replicas, the default, or to `r` of them.'),
  trials: word(`Where it has to be sampled; at most ${BOUNDS.predictionTrialsMax}.`),
  seed: word("Decides every draw; the lab's own unless said."),
} satisfies Partial<Record<Field, z.ZodType>>

const body = z.strictObject({
  ...ASKED,
  samples: z
    .record(z.string().max(64), z.array(z.number()).max(100_000))
    .optional()
    .meta({ description: 'Measured delays in ms, by the name under which `latency` has them.' }),
  measure: z
    .union([z.boolean(), z.enum(TROUBLES)])
    .optional()
    .meta({
      description:
        'Measures the same on the simulated cluster besides; or under a trouble that a forecast takes for absent.',
    }),
})

type Body = z.output<typeof body>

const predict = route({
  method: 'POST',
  path: '/predictions',
  group: 'operations',
  summary: 'How often reads are stale, and what each W, R and route costs: before anything runs.',
  description:
    'In the words of `predict`. It is worked out beside the server, and ends when who asked leaves. ' +
    'Nothing of the lab changes.',
  effect: 'command',
  example: { path: '/predictions', body: { rate: '20/s', at: '0,50,100ms', trials: 100_000 } },
  body,
  answer: prediction,
  problems: ['too-many-predictions'],
  handle: ({ body }, exchange) => {
    const { settings, notes } = settingsOf(body, exchange.context.cluster)
    const { predictions } = exchange.context
    const { full } = predictions
    if (full) return exchange.refuse(full)
    exchange.wait(
      (done) => {
        const stop = new AbortController()
        predictions
          .run((forecast) => answer(forecast, { settings, notes }, body.measure, stop.signal))
          .then(
            (value) => value && done({ ok: true, value }),
            (error: unknown) => stop.signal.aborted || exchange.fail(error),
          )
        return { abandon: () => stop.abort() }
      },
      (value) => value,
    )
  },
})

interface Asked {
  readonly settings: ForecastSettings
  readonly notes: readonly string[]
}

/** @returns nothing where nobody is there any more to whom it could be told */
async function answer(
  forecast: Forecaster,
  { settings, notes }: Asked,
  measure: Body['measure'],
  signal: AbortSignal,
): Promise<object | undefined> {
  const tally = await forecast(settings, { signal })
  if (signal.aborted) return undefined
  if (!measure) return toJson(settings, tally, notes)
  const measuring = measuringOf(settings, measure === true ? undefined : measure)
  const found = await forecast(measuring, { module: MEASURING, signal })
  if (signal.aborted) return undefined
  const agreement = compare(tableOf(settings, tally), tableOf(measuring, found))
  return toJson(settings, tally, notes, { measured: measuredToJson(measuring, found, agreement) })
}

/** @throws BadRequest that names every field which is wrong */
function settingsOf(body: Body, cluster: Cluster): Asked {
  const { samples = {}, measure, ...words } = body
  const reading = readAsk(withOwn(words, cluster), (name) =>
    Object.hasOwn(samples, name)
      ? parseSamples(`samples.${name}`, (samples[name] ?? []).join('\n'))
      : { ok: false, message: `there are no samples @${name}: give them as samples.${name}` },
  )
  if (!reading.ok) throw wrong(reading.problems)
  const { settings } = reading
  if (settings.trials > BOUNDS.predictionTrialsMax) {
    const message = `at most ${BOUNDS.predictionTrialsMax} are worked out for one request; predict on the command line does more`
    throw wrong([{ field: 'trials', message }])
  }
  const why = measure ? unmeasurable(settings) : undefined
  if (why) throw wrong([{ field: 'measure', message: why }])
  return reading
}

/** What is not said is as in this lab, as far as it speaks of such a cluster. */
function withOwn(words: Omit<Body, 'samples' | 'measure'>, { options }: Cluster): Ask {
  const given = Object.fromEntries(
    Object.entries(words).map(([name, value]) => [name, String(value)]),
  )
  const seed = String(options.seed)
  if (given.topology === 'leaderless') return { seed, ...given }
  const followers = String(options.followers)
  return { followers, latency: formatLegs(options.latency), seed, ...given }
}

function wrong(problems: readonly { readonly field: string; readonly message: string }[]) {
  const errors = problems.map(({ field, message }) => {
    const end = message.endsWith('?') ? '' : '.'
    return { in: 'body', field, message: `Field "${field}": ${message}${end}` } as const
  })
  return new BadRequest(invalidRequest(errors))
}

export const PREDICTION_ROUTES: readonly Route[] = [predict]
