// Starts labs: from nothing, or from a scenario that is run to its end.

import { Cluster } from '../core/cluster.ts'
import { problem } from '../core/errors.ts'
import { DEFAULT_OPTIONS } from '../core/options.ts'
import { paceByWall } from '../runtime/pacer.ts'
import { START_TIME_MS } from '../scenario/header.ts'
import { RUN_BOUNDS } from '../scenario/run.ts'
import { type LineFault, readScenario, runToEnd, sayFault } from '../scenario/run-to-end.ts'
import { finish } from '../scenario/slices.ts'
import { LabError, labError } from './error.ts'
import { isGiven, say } from './given.ts'
import { Lab } from './lab.ts'
import { sayFaults } from './port.ts'
import { recordingsOf } from './recordings.ts'
import { type ClusterSettings, clusterOf } from './settings.ts'

/** More lines than these are counted. */
const FAULTS_SHOWN = 10

/** All else stands at the head of the scenario. */
type FromScenario = Pick<ClusterSettings, 'clock' | 'rate'> & { readonly scenario: string }

export type LabSettings = (ClusterSettings & { readonly scenario?: undefined }) | FromScenario

/**
 * A lab in this process. Unless you say otherwise time stands still, the seed is 1, and timestamps begin in 1970, so
 * every run does the same to the last byte. With `scenario`, the text of one, it goes on from where that ends.
 * Rejects with a `LabError` where a setting is wrong (`invalid-request`), the scenario cannot be read, or does not go
 * as it expects (`scenario-failed`).
 */
export async function startLab(settings: LabSettings = {}): Promise<Lab> {
  if (!isGiven(settings)) throw invalid([`the settings are ${say(settings)}, not an object`])
  const cluster = settings.scenario === undefined ? begin(settings) : goOnFrom(settings)
  recordingsOf(cluster)
  return new Lab(cluster, paceByWall(cluster))
}

function begin({ scenario: _, ...settings }: ClusterSettings & { scenario?: undefined }): Cluster {
  try {
    return clusterOf(settings)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw invalid(error.message.split('\n'))
  }
}

function goOnFrom({ scenario: text, ...settings }: FromScenario): Cluster {
  const others = Object.keys(settings).filter((name) => name !== 'clock' && name !== 'rate')
  if (others.length > 0) {
    throw invalid([`${others[0]} is the scenario's to say: only the clock is not`])
  }
  const { mode, rate } = begin(settings).options.clock
  if (/^[^\s]+\.scenario$/.test(String(text))) {
    throw invalid([`${say(text)} is the name of a file: give what stands in it`])
  }
  const scenario = finish(readScenario(String(text)))
  if (!('lines' in scenario)) throw invalid([`the scenario is wrong: ${sayLines(scenario)}`])
  const options = { ...DEFAULT_OPTIONS, startTimeMs: START_TIME_MS, ...scenario.options }
  const cluster = new Cluster(options)
  recordingsOf(cluster)
  const faults = finish(runToEnd(scenario, cluster, RUN_BOUNDS))
  if (faults.length > 0) {
    const detail = `startLab: the scenario does not go as it says: ${sayLines(faults)}`
    throw new LabError({ code: 'scenario-failed', outcome: 'not-applied', detail, seed: null })
  }
  if (mode !== cluster.mode || rate !== cluster.rate) cluster.setClock(mode, rate)
  return cluster
}

/** There is no lab yet. */
function invalid(faults: readonly string[]): LabError {
  return labError(problem('invalid-request', sayFaults('startLab', faults)), null)
}

function sayLines(faults: readonly LineFault[]): string {
  const more = faults.length - FAULTS_SHOWN
  const lines = faults.slice(0, FAULTS_SHOWN).map(sayFault)
  return [...lines, ...(more > 0 ? [`${more} more`] : [])].join('; ')
}
