// A lab in the hands of a test: its clients, its clock, what befalls it, and how it looks. What happens is a promise;
// looking answers at once.

/// <reference lib="esnext.disposable" preserve="true" />

import { type Observed, observe } from '../analysis/forecast/observed.ts'
import type { Verdict, VerdictName } from '../analysis/verdicts/verdict.ts'
import type { Cluster } from '../core/cluster.ts'
import { clientFault } from '../core/text/legal.ts'
import { Client } from './client.ts'
import { Faults } from './faults.ts'
import { isGiven, nodeOf, say, unknownFields, WrongCall } from './given.ts'
import { type CheckOptions, LabHistory } from './history.ts'
import { Port } from './port.ts'
import { type KeyValueClient, recorded } from './record.ts'
import { type Recordings, recordingsOf } from './recordings.ts'
import { advance, readMove, turn } from './time.ts'
import type {
  AdvanceAnswer,
  AdvanceOptions,
  AdvanceTarget,
  ClockAnswer,
  ClockOptions,
  ClusterAnswer,
  FailoverAnswer,
  FailoverOptions,
  LinkAnswer,
  ListenOptions,
  Node,
  PastFailover,
  ReplicaAnswer,
  ReplicaRecordsAnswer,
  ResetOptions,
} from './types.ts'
import { withFault } from './undo.ts'

const ANY_PORT = { port: 0, host: '127.0.0.1' }

/** What ends when a lab does. */
interface Server {
  readonly url: string
  close(): Promise<void>
}

/**
 * A leader, its followers and the time between them. Every call that is refused rejects with a `LabError`; those of the
 * same lab take effect in the order in which they were made.
 */
export class Lab extends Faults {
  /** For listeners and callbacks at the simulated instant: the library's own verbs. */
  readonly cluster: Cluster
  readonly #port: Port
  readonly #recordings: Recordings
  readonly #stopPacing: () => void
  #server: Promise<Server> | undefined
  #url: string | undefined
  #lastMove: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  /** @internal Use `startLab`. */
  constructor(cluster: Cluster, stopPacing: () => void) {
    const port = new Port(cluster)
    super(port)
    this.cluster = cluster
    this.#port = port
    this.#recordings = recordingsOf(cluster)
    this.#stopPacing = stopPacing
  }

  /** Its requests carry the name, 1 to 64 characters. */
  client(name = 'default'): Client {
    const fault = typeof name === 'string' ? clientFault(name) : `must be a text, not ${say(name)}`
    if (fault) throw this.#port.wrong('client', new WrongCall([`the name ${fault}`]))
    return new Client(this.#port, name)
  }

  // Time.

  /**
   * Moves simulated time: `'500ms'`, `'idle'`, `{ ms }` or `{ until: { replica, version } }`. WatchedPromise requests are
   * answered on the way, each at its instant. At most a year, or a million events: then `finished` is false.
   */
  advance(target: AdvanceTarget, options?: AdvanceOptions): Promise<AdvanceAnswer> {
    return this.#port.promise('advance', (resolve) => {
      const move = readMove(target, options)
      const moved = this.#lastMove.then(() => advance(this.#port, move))
      this.#lastMove = moved.catch(() => undefined)
      resolve(moved)
    })
  }

  setClock(options: ClockOptions): Promise<ClockAnswer> {
    return this.#port.act('clock', [{}, options], this.#port.render.clock)
  }

  clock(): ClockAnswer {
    return this.#port.render.clock(this.cluster.clockView())
  }

  // What ends a fault, and what has no counterpart.

  restart(replica: number): Promise<ReplicaAnswer> {
    return this.#port.act('restart', [{ replica }], this.#port.render.replica)
  }

  resume(replica: number): Promise<ReplicaAnswer> {
    return this.#port.act('resume', [{ replica }], this.#port.render.replica)
  }

  /** A replica silently loses one record. */
  forget(replica: number, key: string): Promise<ReplicaAnswer> {
    return this.#port.act('forget', [{ replica, key }], this.#port.render.replica)
  }

  heal(from: Node, to: Node): Promise<LinkAnswer> {
    return this.#port.act('heal', [{ from, to }], this.#port.render.link)
  }

  release(from: Node, to: Node): Promise<LinkAnswer> {
    return this.#port.act('release', [{ from, to }], this.#port.render.link)
  }

  /** Ends all cuts; holds, losses and latencies stay. */
  healAll(): Promise<ClusterAnswer> {
    return this.#port.act('heal-all', [{}], this.#port.render.cluster)
  }

  /** Brings faults about, runs the code, and undoes them, also when it throws. Resolves to what the code does. */
  async withFault<T>(faults: (f: Faults) => unknown, code: () => T | PromiseLike<T>): Promise<T> {
    // A plain promise: what the code throws must not go unseen, awaited or not.
    this.#port.mustBeOpen()
    if (typeof faults !== 'function' || typeof code !== 'function') {
      const how = 'withFault((f) => f.crash(1), async () => { … })'
      throw this.#port.wrong('withFault', new WrongCall([`it takes two functions, as in ${how}`]))
    }
    return withFault(this.#port, faults, code)
  }

  /** Makes a follower the leader of a new epoch. */
  failover(options?: FailoverOptions): Promise<FailoverAnswer> {
    return this.#port.act('failover', [{}, options], this.#port.render.failover)
  }

  reset(options?: ResetOptions): Promise<ClusterAnswer> {
    return this.#port.act('reset', [{}, options], this.#port.render.cluster)
  }

  // Looking.

  view(): ClusterAnswer {
    return this.#port.render.cluster(this.cluster.view())
  }

  /** One replica, with all its records in the order of their keys' first writes. */
  replica(id: number): ReplicaRecordsAnswer {
    const view = this.#port.valueOf(this.cluster.replicaView(id))
    const page = this.#port.valueOf(this.cluster.replicaRecords(id, 0, view.keys))
    const { render } = this.#port
    return { ...render.replica(view), records: page.records.map(render.record) }
  }

  link(from: Node, to: Node): LinkAnswer {
    const view = this.#port.look('link', () => this.cluster.linkView(nodeOf(from), nodeOf(to)))
    return this.#port.render.link(this.#port.valueOf(view))
  }

  /** Every failover so far, and the writes it lost. */
  failovers(): readonly PastFailover[] {
    return this.cluster.failovers().map(this.#port.render.pastFailover)
  }

  /** The whole session as a scenario: it replays to the same events. */
  scenario(): string {
    return this.#port.valueOf(this.#recordings.recorder.export())
  }

  // What clients saw.

  /** All operations so far; the sessions of one client are judged, where it is named. */
  history(client?: string): LabHistory {
    const { seed } = this.#port
    const whole = this.#recordings.history.history()
    return new LabHistory(whole, { client, seed, scenario: () => this.scenario() })
  }

  /** Whether they had a guarantee, and the operations that prove that they had not. */
  check(name: VerdictName, options?: CheckOptions): Verdict {
    return this.#port.look('check', () => this.history().check(name, options))
  }

  /**
   * How fresh reads were so long after the newest acknowledgement of their key, by how many versions they were behind,
   * and what they and the writes took: the columns of a forecast, from what happened.
   * @param atMs ascending; reads from each of these times to the next are counted together
   */
  measure(atMs: readonly number[] = [0, 10, 50, 100, 500]): Observed {
    return observe(this.history(), atMs)
  }

  /**
   * Notes what a client of some other store does, with its `get` and `set`, among the operations of this lab. Instants
   * are those of the lab's clock: start it with `clock: 'real'` to know how stale reads were.
   */
  record<T extends KeyValueClient>(client: T, name = 'default'): T {
    if (typeof client?.get !== 'function' || typeof client.set !== 'function') {
      throw this.#port.wrong(
        'record',
        new WrongCall(['the client needs a get(key) and a set(key, value)']),
      )
    }
    const { history } = this.#recordings
    return recorded(client, { name, history, nowMs: () => this.clock().nowMs })
  }

  // Over HTTP.

  /**
   * Serves the routes and the page, on a free port of this machine unless said.
   * @returns where, as in `http://127.0.0.1:49152`
   */
  listen(options: ListenOptions = {}): Promise<string> {
    return this.#port.promise('listen', (resolve) => {
      const where = readListening(options)
      if (this.#server) throw new WrongCall(['the lab listens already: its url says where'])
      this.#server = this.#serve(where)
      resolve(this.#server.then(({ url }) => url))
    })
  }

  /** @throws LabError unless it listens */
  get url(): string {
    if (this.#url !== undefined) return this.#url
    throw this.#port.wrong('url', new WrongCall(['there is none before `await lab.listen()`']))
  }

  async #serve(where: Required<ListenOptions>): Promise<Server> {
    const { serveLab } = await import('./http.ts')
    try {
      const server = await serveLab(this.cluster, where)
      this.#url = server.url
      return server
    } catch (error) {
      this.#server = undefined
      throw this.#port.cannotListen((error as Error).message)
    }
  }

  get isClosed(): boolean {
    return this.#port.isClosed
  }

  /** Whoever waits is answered, and no handle stays open. Looking is still possible. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#stopPacing()
    this.#port.close()
    // Whoever comes to an `await` only now has looked as well.
    await turn()
    const unseen = this.#port.unseen()
    if (unseen.length > 0) {
      const told = `Calls of a lab failed, and nobody awaited them: ${unseen.join(', ')}.`
      process.emitWarning(`${told} Await each, or catch what it rejects with.`, {
        code: 'LAB_CALLS_NOT_AWAITED',
      })
    }
    await (await this.#server?.catch(() => undefined))?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function readListening(options: ListenOptions): Required<ListenOptions> {
  if (!isGiven(options as unknown))
    throw new WrongCall([`write { port: 8080 }, not ${say(options)}`])
  const { port = ANY_PORT.port, host = ANY_PORT.host, ...rest } = options
  const faults = unknownFields(rest, Object.keys(ANY_PORT))
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    faults.push(`port must be a whole number from 0 to 65535, not ${say(port)}`)
  }
  if (typeof host !== 'string' || host === '') faults.push(`host must be a name, not ${say(host)}`)
  if (faults.length > 0) throw new WrongCall(faults)
  return { port, host }
}
