// Whatever is done to a cluster can be exported as a scenario, and its replay is the same to the last event.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Cluster } from '../../src/core/cluster.ts'
import type { ClusterEvent } from '../../src/core/events.ts'
import type { ClusterOptions } from '../../src/core/options.ts'
import type { RestoredCluster, Ticket } from '../../src/core/verbs.ts'
import { parseScenario } from '../../src/scenario/parse.ts'
import { SessionRecorder } from '../../src/scenario/recorder.ts'
import { type Outcome, runScenario } from '../../src/scenario/run.ts'
import { options, restored, type Step, steps, withoutId } from './sessions.ts'

type Trace = Omit<ClusterEvent, 'id'>[]

/** Does all that to a cluster. @returns what is exported, and what happened since the last full reset */
function session(
  given: Partial<ClusterOptions>,
  before: RestoredCluster | undefined,
  done: readonly Step[],
): { text: string; trace: Trace; nowUs: number } {
  const cluster = new Cluster(given)
  const recorder = new SessionRecorder(cluster)
  let trace: Trace = []
  cluster.listen((event) => {
    trace.push(withoutId(event))
    if (event.type === 'cluster-reset' && event.keep === 'nothing') trace = []
  })
  const tickets: Ticket[] = []
  if (before) cluster.restore(before)
  for (const step of done) step.run(cluster, tickets)
  return { text: textOf(recorder), trace, nowUs: cluster.nowUs }
}

function textOf(recorder: SessionRecorder): string {
  const reply = recorder.export()
  if (!reply.ok) throw new Error(reply.problem.detail)
  return reply.value
}

function replay(text: string): { trace: Trace; outcome: Outcome } {
  const parsing = parseScenario(text)
  if (!parsing.ok) throw new Error(JSON.stringify(parsing.mistakes, null, 2))
  const trace: Trace = []
  const outcome = runScenario(parsing.scenario, (item) => {
    if (item.kind === 'event') trace.push(withoutId(item.event))
  })
  return { trace, outcome }
}

describe('the export of a session', () => {
  test('replays to the same events at the same instants, and its expectations hold', () => {
    fc.assert(
      fc.property(
        options,
        fc.option(restored, { nil: undefined }),
        steps,
        (given, before, done) => {
          const { text, trace, nowUs } = session(given, before, done)
          const again = replay(text)
          expect(again.trace, text).toEqual(trace)
          expect(again.outcome, text).toMatchObject({ nowUs, failedLines: [], stopped: false })
        },
      ),
      { numRuns: 300 },
    )
  })
})
