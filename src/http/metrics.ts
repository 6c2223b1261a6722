// What Prometheus may scrape: counters filled from event-tallies.ts, gauges read off the cluster when asked.
// Each app has a registry of its own, so that two in one process do not add up.

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
  readonly streamsCutOff: () => number
}

/** A route, as far as its label goes. */
interface Answered {
  readonly method: string
  readonly path: string
}

export class Metrics {
  readonly #registry = new Registry()
  readonly #cluster: Cluster
  readonly #happened = new EventTallies()
  readonly #problems = new Tally()
  readonly #requests = new Timings(BOUNDS_REAL)
  /** The same, found without making a text for every request. */
  readonly #byRoute = new Map<Answered, Map<number, Timing>>()

  constructor(cluster: Cluster, house: HouseGauges) {
    this.#cluster = cluster
    cluster.listen((event) => this.#happened.count(event))
    this.#counters()
    this.#histograms()
    this.#clusterGauges()
    this.#houseGauges(house)
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  scrape(): Promise<string> {
    return this.#registry.metrics()
  }

  /** A problem went out as an answer. */
  problem(code: string): void {
    this.#problems.add(code)
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
      timing = this.#requests.of({ method, route: path, status: String(status) })
      timings.set(status, timing)
    }
    timing.add(seconds)
  }

  #histograms(): void {
    const { writeTimes, readTimes } = this.#happened
    for (const [name, help, timings] of [
      ['write_seconds', 'Simulated time of acknowledged writes, by kind', writeTimes],
      ['read_seconds', 'Simulated time of answered reads, by kind', readTimes],
      ['request_seconds', 'Real time of requests, by route and status', this.#requests],
    ] as const) {
      this.#registry.registerMetric(histogramOf(PREFIX + name, help, timings))
    }
  }

  #counters(): void {
    const happened = this.#happened
    this.#counter('writes_total', 'Writes, by kind and by how they ended', happened.writes, [
      'kind',
      'end',
    ])
    this.#counter('reads_total', 'Reads answered, by kind and staleness', happened.reads, [
      'kind',
      'staleness',
    ])
    this.#counter(
      'reads_failed_total',
      'Reads not answered, by kind and code',
      happened.failedReads,
      ['kind', 'code'],
    )
    this.#counter('copies_total', 'Copies, by fate', happened.copies, ['fate'])
    this.#counter('repairs_total', 'Records repaired, by role', happened.repairs, ['role'])
    this.#counter('faults_total', 'Faults injected, by verb', happened.faults, ['fault'])
    this.#counter('failovers_total', 'Failovers, by reason', happened.failovers, ['reason'])
    this.#counter('problems_total', 'Problems answered, by code', this.#problems, ['code'])
  }

  #counter(name: string, help: string, tally: Tally, labels: readonly [string, string?]): void {
    const [first, second] = labels
    const labelNames = second === undefined ? [first] : [first, second]
    const registers = [this.#registry]
    new Counter({
      name: PREFIX + name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset()
        for (const [a, b, count] of tally.entries()) {
          this.inc(second === undefined ? { [first]: a } : { [first]: a, [second]: b }, count)
        }
      },
    })
  }

  #clusterGauges(): void {
    const perReplica = ['replica', 'role'] as const
    const replicas =
      (read: (replica: ClusterView['replicas'][number]) => number) => (gauge: Gauge) => {
        for (const one of this.#cluster.view().replicas) {
          gauge.set({ replica: one.id, role: one.role }, read(one))
        }
      }
    this.#gauge(
      'lag_versions',
      'Log entries a replica lacks',
      replicas((r) => r.lagVersions),
      perReplica,
    )
    this.#gauge(
      'lag_seconds',
      'Age of the oldest of them',
      replicas((r) => seconds(r.lagUs)),
      perReplica,
    )
    this.#gauge(
      'keys',
      'Keys a replica holds',
      replicas((r) => r.keys),
      perReplica,
    )
    const up = replicas((r) => (r.state === 'running' ? 1 : 0))
    this.#gauge('replica_running', 'Whether a replica runs', up, perReplica)
    this.#gauge('epoch', 'The newest epoch', (gauge) => gauge.set(this.#cluster.view().epoch))
    this.#gauge(
      'clock_rate',
      'Simulated seconds per second; 0 while time stands still',
      (gauge) => {
        const { mode, rate } = this.#cluster.clockView()
        gauge.set(mode === 'real' ? rate : 0)
      },
    )
    this.#gauge('clock_seconds', 'Simulated time', (gauge) =>
      gauge.set(seconds(this.#cluster.clockView().nowUs)),
    )
  }

  #houseGauges(house: HouseGauges): void {
    this.#gauge('waiting_requests', 'Requests without an answer', (g) => g.set(house.waiting()))
    this.#gauge('event_streams', 'Readers of the event stream', (g) => g.set(house.streams()))
    this.#gauge('event_streams_cut_off', 'Readers that were too slow', (g) =>
      g.set(house.streamsCutOff()),
    )
  }

  #gauge(
    name: string,
    help: string,
    collect: (gauge: Gauge) => void,
    labelNames: readonly string[] = [],
  ): void {
    const registers = [this.#registry]
    new Gauge({
      name: PREFIX + name,
      help,
      labelNames: [...labelNames],
      registers,
      collect() {
        // A replica that changed its role must not be counted under both.
        this.reset()
        collect(this)
      },
    })
  }
}

function seconds(us: number): number {
  return msFromUs(us) / 1_000
}
