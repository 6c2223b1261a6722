// Runs a scenario on a cluster that goes on living afterwards, and tells what did not go as it says.

import type { Cluster } from '../core/cluster.ts'
import { parseSlices } from './parse.ts'
import { type RunBounds, runSlices, type TraceItem } from './run.ts'
import type { Scenario } from './scenario.ts'
import type { Slices } from './slices.ts'

/** What is wrong with a line, without a full stop. */
export interface LineFault {
  readonly line: number
  /** Where it cannot be read. */
  readonly column?: number
  readonly what: string
}

export function* readScenario(text: string): Slices<Scenario | readonly LineFault[]> {
  const parsing = yield* parseSlices(text)
  if (parsing.ok) return parsing.scenario
  return parsing.mistakes.map(({ line, column, message }) => ({
    line,
    column,
    what: message.replaceAll('\n', '; '),
  }))
}

export function* runToEnd(
  scenario: Scenario,
  cluster: Cluster,
  bounds: RunBounds,
): Slices<readonly LineFault[]> {
  const faults: LineFault[] = []
  const tell = (item: TraceItem) => {
    if (item.kind === 'stopped') faults.push({ line: item.line.line, what: item.reason })
    if (item.kind !== 'answer' && item.kind !== 'unanswered') return
    if (item.verdict?.why) faults.push({ line: item.line.line, what: item.verdict.why })
  }
  yield* runSlices(scenario, cluster, tell, bounds)
  return faults
}

/** `line 3, column 5: …`, without a full stop. */
export function sayFault({ line, column, what }: LineFault): string {
  const place = column === undefined ? `line ${line}` : `line ${line}, column ${column}`
  return `${place}: ${what}`
}
