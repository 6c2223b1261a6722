// The past again: the commands of a recorded session at their instants, on a cluster of its own, until an event has
// happened. It goes in slices, so that others have their turn and whoever has left can call it off. Nothing of the
// session's own cluster is touched, and no file.

import type { Cluster } from '../core/cluster.ts'
import type { ClusterOptions } from '../core/options.ts'
import type { Microseconds } from '../core/units.ts'
import { type Command, isRequest, type Request } from '../core/verbs/table.ts'
import type { Ticket } from '../core/verbs.ts'
import type { Slices } from './slices.ts'

export interface Recording {
  /** Of its cluster, with the time at which the session began. */
  readonly options: ClusterOptions
  /** The id of the full reset on which it begins; 0 where it is the start. */
  readonly beginsAt: number
  readonly commands: readonly { readonly command: Command; readonly atUs: Microseconds }[]
  /** The present when it was taken: nothing of it is later. */
  readonly nowUs: Microseconds
}

/** After so many of the commands, and all that is due until then. */
export interface Instant {
  readonly commands: number
  readonly atUs: Microseconds
}

/** The id of an event, or an instant. */
export type Moment = number | Instant

/** What leads to a moment, and which one it is. */
export interface Sight {
  readonly recording: Recording
  readonly moment: Moment
}

/** Commands and due events between two turns of others: well under a millisecond. */
const SLICE_STEPS = 100

export class Replay {
  readonly #cluster: Cluster
  #recording: Recording
  /** Requests without an answer so far, by their numbers. */
  readonly #waiting = new Map<number, Ticket>()
  #nextCommand = 0
  #lastEvent: number
  /** The last before the newest step: what there was to see after it is past. */
  #before: number
  readonly #unlisten: () => void

  /** @param cluster nothing has happened in it, and nobody moves its time */
  constructor(recording: Recording, cluster: Cluster) {
    this.#recording = recording
    this.#cluster = cluster
    this.#lastEvent = recording.beginsAt
    this.#before = recording.beginsAt - 1
    this.#unlisten = cluster.listen((event) => {
      this.#lastEvent = recording.beginsAt + event.id
    })
  }

  /** Up to the end of the command, or of the due event, from which the event of this id came; or up to an instant. */
  *until(moment: Moment): Slices<void> {
    const isInstant = typeof moment === 'object'
    const goOn = () =>
      isInstant ? this.#step(moment) : this.#lastEvent < moment && this.#step(this.#end)
    for (let steps = 1; goOn(); steps++) if (steps % SLICE_STEPS === 0) yield
  }

  /** Whether it can go on to a moment of this recording, which may have become longer. */
  leadsTo(moment: Moment, recording: Recording): boolean {
    if (recording.beginsAt !== this.#recording.beginsAt) return false
    const isAhead =
      typeof moment === 'object'
        ? this.#nextCommand <= moment.commands && this.#cluster.nowUs <= moment.atUs
        : moment > this.#before
    if (isAhead) this.#recording = recording
    return isAhead
  }

  /** What there is to see, without what is still due at this instant. */
  see<T>(look: (cluster: Cluster) => T): T {
    return this.#cluster.apart(() => look(this.#cluster))
  }

  get #end(): Instant {
    const { commands, nowUs } = this.#recording
    return { commands: commands.length, atUs: nowUs }
  }

  #step(end: Instant): boolean {
    this.#before = this.#lastEvent
    return this.#goOn(end)
  }

  /** The next due event or command, whichever was first. @returns false at the end */
  #goOn({ commands, atUs }: Instant): boolean {
    const next =
      this.#nextCommand < commands ? this.#recording.commands[this.#nextCommand] : undefined
    const toUs = next?.atUs ?? atUs
    const dueUs = this.#cluster.nextDueUs() ?? Number.POSITIVE_INFINITY
    this.#cluster.runTo(Math.min(dueUs, toUs), 1)
    if (dueUs <= toUs) return true
    if (!next) return false
    this.#nextCommand++
    this.#cluster.apart(() => this.#perform(next.command))
    return true
  }

  /** From here on the cluster goes its own way. Whoever waited there is not here, and nobody would answer them. */
  end(): void {
    this.#unlisten()
    for (const request of [...this.#waiting.keys()]) this.#abandon(request)
  }

  #perform(command: Command): void {
    if (isRequest(command)) this.#ask(command)
    else if (command.verb === 'abandon') this.#abandon(command.request)
    else this.#cluster.act(command)
  }

  #abandon(request: number): void {
    this.#waiting.get(request)?.abandon()
    this.#waiting.delete(request)
  }

  #ask(command: Request): void {
    let request: number | undefined
    let isOver = false
    const ticket = this.#cluster.ask(command, () => {
      isOver = true
      if (request !== undefined) this.#waiting.delete(request)
    })
    if (isOver) return
    request = ticket.request
    this.#waiting.set(request, ticket)
  }
}
