// What Prometheus may scrape, of one lab or of several in one text: counters filled from event-tallies.ts, gauges
// read off the cluster when asked. A registry is made for each scrape, so nothing outlives the lab it counts.

import { Counter, Gauge, Registry } from 'prom-client'
import type { Cluster } from '../core/cluster.ts'
import { msFromUs } from '../core/units.ts'
import type { ClusterView } from '../core/verbs.ts'
import { EventTallies } from './event-tallies.ts'
import { Tally } from './tally.ts'
import { BOUNDS_REAL, histogramOf, type Timing, Timings } from './timings.ts'

const PREFIX = 'replication_lab_'

/** Numbers that live in other parts of the app. */
export interface HouseGauges {
  readonly waiting: () => number
  readonly streams: () => number
  readonly eventBytes: () => number
  readonly streamsCutOff: () => number
}

/** A route, as far as its label goes. */
interface Answered {
  readonly method: string
  readonly path: string
}

/** The numbers of one lab. */
export class Metrics {
  /** The lab's id, which is a label of each of its numbers. */
  readonly lab: string
  readonly cluster: Cluster
  readonly house: HouseGauges
  readonly happened = new EventTallies()
  readonly problems = new Tally()
  readonly requests = new Timings(BOUNDS_REAL)
  /** The same, found without making a text for every request. */
  readonly #byRoute = new Map<Answered, Map<number, Timing>>()

  constructor(lab: string, cluster: Cluster, house: HouseGauges) {
    this.lab = lab
    this.cluster = cluster
    this.house = house
    cluster.listen((event) => this.happened.count(event))
  }

  /** A problem went out as an answer. */
  problem(code: string): void {
    this.problems.add(code)
  }

  /** A request to a route was answered; `seconds` are of the wall clock. */
  answered(route: Answered, status: number, seconds: number): void {
    let timings = this.#byRoute.get(route)
    if (!timings) {
      timings = new Map()
      this.#byRoute.set(route, timings)
    }
    let timing = timings.get(status)
    if (!timing) {
      const { method, path } = route
      timing = this.requests.of({ method, route: path, status: String(status) })
      timings.set(status, timing)
    }
    timing.add(seconds)
  }
}

export async function scrape(labs: readonly Metrics[]): Promise<{ type: string; text: string }> {
  const registry = new Registry()
  for (const row of COUNTERS) addCounter(registry, labs, row)
  for (const [name, help, timingsOf] of HISTOGRAMS) {
    const rows = labs.map((one) => ({ lab: one.lab, timings: timingsOf(one) }))
    registry.registerMetric(histogramOf(PREFIX + name, help, rows))
  }
  for (const row of GAUGES) addGauge(registry, labs, row)
  return { type: registry.contentType, text: await registry.metrics() }
}

type CounterRow = readonly [
  name: string,
  help: string,
  tallyOf: (one: Metrics) => Tally,
  labels: readonly [string, string?],
]

const COUNTERS: readonly CounterRow[] = [
  [
    'writes_total',
    'Writes, by kind and by how they ended',
    (m) => m.happened.writes,
    ['kind', 'end'],
  ],
  [
    'reads_total',
    'Reads answered, by kind and staleness',
    (m) => m.happened.reads,
    ['kind', 'staleness'],
  ],
  [
    'reads_failed_total',
    'Reads not answered, by kind and code',
    (m) => m.happened.failedReads,
    ['kind', 'code'],
  ],
  ['copies_total', 'Copies, by fate', (m) => m.happened.copies, ['fate']],
  ['repairs_total', 'Records repaired, by role', (m) => m.happened.repairs, ['role']],
  ['faults_total', 'Faults injected, by verb', (m) => m.happened.faults, ['fault']],
  ['failovers_total', 'Failovers, by reason', (m) => m.happened.failovers, ['reason']],
  ['problems_total', 'Problems answered, by code', (m) => m.problems, ['code']],
]

const HISTOGRAMS: readonly (readonly [string, string, (one: Metrics) => Timings])[] = [
  ['write_seconds', 'Simulated time of acknowledged writes, by kind', (m) => m.happened.writeTimes],
  ['read_seconds', 'Simulated time of answered reads, by kind', (m) => m.happened.readTimes],
  ['request_seconds', 'Real time of requests, by route and status', (m) => m.requests],
]

type GaugeRow = readonly [name: string, help: string, read: (one: Metrics) => Reading]
/** One number, or one for each replica, which must not be counted under two roles. */
type Reading = number | { readonly of: (replica: ClusterView['replicas'][number]) => number }

const GAUGES: readonly GaugeRow[] = [
  ['lag_versions', 'Log entries a replica lacks', () => ({ of: (r) => r.lagVersions })],
  ['lag_seconds', 'Age of the oldest of them', () => ({ of: (r) => seconds(r.lagUs) })],
  ['keys', 'Keys a replica holds', () => ({ of: (r) => r.keys })],
  [
    'replica_running',
    'Whether a replica runs',
    () => ({ of: (r) => (r.state === 'running' ? 1 : 0) }),
  ],
  ['epoch', 'The newest epoch', (m) => m.cluster.view().epoch],
  [
    'clock_rate',
    'Simulated seconds per second; 0 while time stands still',
    (m) => {
      const { mode, rate } = m.cluster.clockView()
      return mode === 'real' ? rate : 0
    },
  ],
  ['clock_seconds', 'Simulated time', (m) => seconds(m.cluster.clockView().nowUs)],
  ['bytes_max', 'Bytes of keys and values, for all buffers', (m) => m.cluster.view().bytes.max],
  ['data_bytes', 'Of the fullest replica', (m) => m.cluster.view().bytes.data],
  ['travelling_bytes', 'On their way, or waiting', (m) => m.cluster.view().bytes.travelling],
  ['event_bytes', 'Kept for the event stream', (m) => m.house.eventBytes()],
  ['waiting_requests', 'Requests without an answer', (m) => m.house.waiting()],
  ['event_streams', 'Readers of the event stream', (m) => m.house.streams()],
  ['event_streams_cut_off', 'Readers that were too slow', (m) => m.house.streamsCutOff()],
]

function addCounter(
  registry: Registry,
  labs: readonly Metrics[],
  [name, help, tallyOf, [first, second]]: CounterRow,
): void {
  const labelNames = second === undefined ? ['lab', first] : ['lab', first, second]
  const counter = new Counter({ name: PREFIX + name, help, labelNames, registers: [registry] })
  for (const one of labs) {
    for (const [a, b, count] of tallyOf(one).entries()) {
      counter.inc({ lab: one.lab, [first]: a, ...(second !== undefined && { [second]: b }) }, count)
    }
  }
}

function addGauge(
  registry: Registry,
  labs: readonly Metrics[],
  [name, help, read]: GaugeRow,
): void {
  const labelNames = ['lab', 'replica', 'role']
  const gauge = new Gauge({ name: PREFIX + name, help, labelNames, registers: [registry] })
  for (const one of labs) {
    const { lab, cluster } = one
    const reading = read(one)
    if (typeof reading === 'number') gauge.set({ lab }, reading)
    else {
      for (const replica of cluster.view().replicas) {
        gauge.set({ lab, replica: replica.id, role: replica.role }, reading.of(replica))
      }
    }
  }
}

function seconds(us: number): number {
  return msFromUs(us) / 1_000
}
