// What a lab begins with: nothing, a scenario run to its end, or the past of another lab up to an event. A lab keeps
// less than a scenario or the server may have kept; so whatever happens in it is held against what happened there.

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { BOUNDS } from '../../core/bounds.ts'
import { Cluster } from '../../core/cluster.ts'
import { type ClusterOptions, DEFAULT_OPTIONS } from '../../core/options.ts'
import { CLUSTER_OPTIONS, type ClusterOptionName } from '../../core/text/legal.ts'
import { START_TIME_MS } from '../../scenario/header.ts'
import { Replay } from '../../scenario/replay.ts'
import { type LineFault, readScenario, runToEnd, sayFault } from '../../scenario/run-to-end.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import type { Slices } from '../../scenario/slices.ts'
import { recordingOf } from '../chapter.ts'
import type { Context } from '../context.ts'
import { eventOf } from '../event-id.ts'
import { BadRequest, type FieldError, httpProblem, invalidRequest } from '../problems.ts'
import type { Beginning } from './labs.ts'
import { fieldOf, labOptions, optionsOf } from './options.ts'
import { smaller } from './start.ts'

/** A session of the longest kind that a lab records, if it is of short values, is shorter. */
export const SCENARIO_BYTES_MAX = 4 * 1024 * 1024

const NAMES = Object.keys(CLUSTER_OPTIONS) as ClusterOptionName[]
const BOUND_NAMES = NAMES.filter((name) => name.startsWith('max-'))

export const labRequest = labOptions.extend({
  scenario: z.string().optional().meta({
    description: 'Is run to its end, and the lab goes on from there. Its header says the options.',
  }),
  from: z.string().optional().meta({
    description: 'The id of a lab: the new one goes on from where that was after `event`.',
  }),
  event: z
    .union([z.string(), z.int()], { error: 'must be the id of an event, such as "mbw2xk1c-15"' })
    .optional()
    .meta({ description: 'The id of an event of `from`, as its stream has it.' }),
})

type LabRequest = z.output<typeof labRequest>

/** What a lab is to begin with. */
interface Origin {
  /** Of the cluster where it happened. */
  readonly exact: ClusterOptions
  /** The same, with the bounds of a lab. */
  readonly less: ClusterOptions
  /** Happens to any cluster in which nothing has. */
  readonly past: (cluster: Cluster) => Slices<void>
}

/**
 * Begins a lab with what is asked for; called off, nothing is left of it.
 * @throws BadRequest that says what is wrong
 */
export function* startFrom(asked: LabRequest, context: Context): Slices<Context> {
  const { exact, less, past } = yield* originOf(asked, context)
  const options = { ...optionsOf(asked, less), clock: exact.clock }
  const { lab, enter, drop } = begin(options, context)
  let isEntered = false
  try {
    const isExact = sameBounds(options, exact)
    const there = isExact ? undefined : yield* traceOf(new Cluster(exact), past)
    const here = yield* traceOf(lab.cluster, past)
    if (there !== undefined && there !== here) throw tooSmall()
    const { cluster } = lab
    const { clock: mode = cluster.mode, rate = cluster.rate } = asked
    if (mode !== cluster.mode || rate !== cluster.rate) cluster.setClock(mode, rate)
    enter()
    isEntered = true
  } finally {
    if (!isEntered) drop()
  }
  return lab
}

export function isFromNothing({ scenario, from, event }: LabRequest): boolean {
  return scenario === undefined && from === undefined && event === undefined
}

/** @throws BadRequest that says what is wrong */
export function startNew(asked: LabRequest, context: Context): Context {
  const server = context.labs().root.cluster.options
  const options = optionsOf(asked, { ...smaller(server), startTimeMs: Date.now() })
  const { lab, enter } = begin(options, context)
  enter()
  return lab
}

/** @throws BadRequest where all labs are taken */
function begin(options: ClusterOptions, context: Context): Beginning<Context> {
  const full = context.labs().fullFor(options.bytesMax)
  if (full) throw new BadRequest(full)
  return context.beginLab(options)
}

function* originOf(asked: LabRequest, context: Context): Slices<Origin> {
  refuseBeside(asked)
  const { scenario: text, from = '', event = '' } = asked
  const { root } = context.labs()
  if (text !== undefined) {
    const scenario = yield* parsed(text)
    // To which a reset returns, in the scenario and afterwards.
    const { mode, rate } = root.cluster.options.clock
    const clock = { mode: asked.clock ?? mode, rate: asked.rate ?? rate }
    const start = { ...DEFAULT_OPTIONS, startTimeMs: START_TIME_MS }
    const exact = { ...start, ...scenario.options, clock }
    return { exact, less: smaller(exact), past: (cluster) => running(scenario, cluster) }
  }
  const lab = context.labs().find(from)
  if ('code' in lab) throw new BadRequest(lab)
  const id = eventOf(lab, String(event), 'body')
  const recording = recordingOf(lab, id)
  const { options: exact } = recording
  const past = function* (cluster: Cluster) {
    const replay = new Replay(recording, cluster)
    yield* replay.until(id)
    replay.end()
  }
  return { exact, less: lab === root ? smaller(exact) : exact, past }
}

function sameBounds(a: ClusterOptions, b: ClusterOptions): boolean {
  return BOUND_NAMES.every((name) => a[CLUSTER_OPTIONS[name].key] === b[CLUSTER_OPTIONS[name].key])
}

/** @returns what is the same only where the same happens */
function* traceOf(cluster: Cluster, past: Origin['past']): Slices<string> {
  const hash = createHash('sha1')
  const unlisten = cluster.listen((event) => void hash.update(JSON.stringify(event)))
  yield* past(cluster)
  unlisten()
  return hash.digest('hex')
}

function* running(scenario: Scenario, cluster: Cluster): Slices<void> {
  const faults = yield* runToEnd(scenario, cluster, {
    // Some seconds of work; what runs longer is for the command line.
    eventsMax: BOUNDS.advanceEventsMax,
    advancesMax: 1,
    sliceEventsMax: 1_000,
  })
  if (faults.length > 0) throw wrongScenario(faults)
}

function* parsed(text: string): Slices<Scenario> {
  const read = yield* readScenario(text)
  if ('lines' in read) return read
  throw wrongScenario(read)
}

/** @param where names the text, as in `Field "scenario", ` where other fields are beside it */
export function wrongScenario(
  faults: readonly LineFault[],
  where = 'Field "scenario", ',
): BadRequest {
  const problem = invalidRequest(
    faults.map((fault) => {
      const said = `${where}${sayFault(fault)}${fault.what.endsWith('?') ? '' : '.'}`
      const message = said.charAt(0).toUpperCase() + said.slice(1)
      return { in: 'body', field: 'scenario', message }
    }),
  )
  const detail = `${problem.detail} Mend the lines, or save them and see what happens with npm start -- run FILE.`
  const lines = faults.slice(0, problem.errors?.length).map(({ line }) => line)
  return new BadRequest({ ...problem, detail, facts: { lines } })
}

/** All other options shape what has happened already. */
function refuseBeside(asked: LabRequest): void {
  const { scenario, from, event } = asked
  const errors: FieldError[] = []
  const refuse = (field: string, message: string) => {
    errors.push({ in: 'body', field, message: `Field "${field}" ${message}.` })
  }
  if (scenario !== undefined && from !== undefined) refuse('from', 'does not go with "scenario"')
  if (event !== undefined && from === undefined)
    refuse('event', 'goes with "from", the lab it is of')
  if (from !== undefined && event === undefined) refuse('event', 'is required beside "from"')
  for (const name of NAMES) {
    const field = fieldOf(name)
    if (BOUND_NAMES.includes(name) || Reflect.get(asked, field) === undefined) continue
    const where = scenario === undefined ? 'in the lab that it comes from' : 'as its header says'
    refuse(field, `cannot be chosen here: it is ${where}`)
  }
  if (errors.length > 0) throw new BadRequest(invalidRequest(errors))
}

function tooSmall(): BadRequest {
  const names = BOUND_NAMES.map(fieldOf).join(', ')
  const detail = `A lab keeps too little for this: not the same would happen in it. Ask for more of ${names}.`
  return new BadRequest(httpProblem('too-much-data', detail))
}
