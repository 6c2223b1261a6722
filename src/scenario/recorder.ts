// Notes down everything done to a cluster since its start or its last full reset, so that the session can be
// exported as a scenario. What is kept is commands and their instants, never how time was moved: a replay
// moves it by the differences. A command issued from within another one's answer is noted as if it had
// come right after; nothing in this program does that.

import { BOUNDS } from '../core/bounds.ts'
import { advise, failed, ok, type Problem, problem, type Reply } from '../core/errors.ts'
import type { ClusterEvent, Listener } from '../core/events.ts'
import type { ClusterOptions } from '../core/options.ts'
import type { StoredRecord } from '../core/record.ts'
import { RESET } from '../core/remedy.ts'
import type { Microseconds } from '../core/units.ts'
import { type Command, type CommandListener, isRequest } from '../core/verbs/table.ts'
import type { ClockView } from '../core/verbs.ts'
import { formatVersion } from '../core/version.ts'
import { writeValue } from './expectations.ts'
import { exportScenario, type SessionEntry } from './export.ts'
import type { Recording } from './replay.ts'

/** Keys and values kept, in characters of text, that no other buffer may hold any more. */
const CHARS_MAX = 16 * 1024 * 1024
/** A longer value is expected by its version. */
const VALUE_CHARS_MAX = 60

export interface RecorderBounds {
  readonly commandsMax: number
  readonly charsMax: number
}

/** @param bytesMax for keys and values, two bytes a character */
export function recorderBounds(bytesMax: number): RecorderBounds {
  const charsMax = Math.min(CHARS_MAX, Math.floor(bytesMax / 2))
  return { commandsMax: BOUNDS.commandsMax, charsMax }
}

/** What a recorder needs of a cluster. */
export interface Recorded {
  readonly options: ClusterOptions
  readonly startTimeMs: number
  recordedBy(listener: CommandListener): void
  listen(listener: Listener): () => void
  clockView(): ClockView
}

type Entry = { -readonly [K in keyof SessionEntry]: SessionEntry[K] }

export class SessionRecorder {
  readonly #cluster: Recorded
  readonly #bounds: RecorderBounds
  #entries: Entry[] = []
  #commands = 0
  #chars = 0
  /** The number of the last request: after a full reset they count from 1 again. */
  #lastRequest = 0
  /** Requests without an answer so far, by their numbers. */
  readonly #open = new Map<number, Entry>()
  /** The last command, as long as no other has come. */
  #last: Entry | undefined
  #truncated = false
  /** The id of the full reset on which the session begins. */
  #beginsAt = 0

  /** Before any other command: what was done earlier, nobody can export. */
  constructor(cluster: Recorded, bounds: RecorderBounds = recorderBounds(BOUNDS.bytesMax)) {
    this.#cluster = cluster
    this.#bounds = bounds
    cluster.recordedBy((command, atUs) => this.#note(command, atUs))
    cluster.listen((event) => this.#hear(event))
  }

  /** The session as a scenario that replays to the same events at the same instants. */
  export(): Reply<string> {
    // Looking brings the clock up to the present, and with it what happened until then.
    const { nowUs } = this.#cluster.clockView()
    if (this.#truncated) return failed(this.#tooLong())
    return ok(exportScenario(this.#cluster, this.#entries, nowUs))
  }

  /** What leads to an event, to be replayed. */
  recordingOf(event: number): Reply<Recording> {
    const { nowUs } = this.#cluster.clockView()
    if (this.#truncated) return failed(this.#tooLong())
    if (event < this.#beginsAt) {
      const detail = `Event ${event} is of before the last full reset, with which event ${this.#beginsAt} began the session anew: what led to it is no longer kept.`
      return failed(problem('scenario-truncated', detail))
    }
    const { options, startTimeMs } = this.#cluster
    const commands = [...this.#entries]
    return ok({ options: { ...options, startTimeMs }, beginsAt: this.#beginsAt, commands, nowUs })
  }

  #tooLong(): Problem {
    const { commandsMax, charsMax } = this.#bounds
    const detail = `The session is longer than the ${commandsMax} commands, or ${charsMax} characters of keys and values, that are kept; a reset begins a new one.`
    return advise(problem('scenario-truncated', detail, { commandsMax }), RESET)
  }

  #note(command: Command, atUs: Microseconds): void {
    if (this.#last?.isOpen) this.#last.goesOn = true
    this.#last = undefined
    // Time that was moved by hand is time that passed, like any other.
    if (command.verb === 'advance') return
    const entry: Entry = {
      command,
      atUs,
      endUs: atUs,
      isOpen: false,
      goesOn: false,
      answer: undefined,
    }
    if (isRequest(command)) this.#open.set(++this.#lastRequest, entry)
    else if (command.verb === 'abandon') this.#close(command.request, atUs)
    entry.isOpen = isRequest(command)
    this.#last = entry
    if (!this.#truncated) this.#keep(entry)
  }

  #keep(entry: Entry): void {
    this.#entries.push(entry)
    const { commands, chars } = sizeOf(entry.command)
    this.#commands += commands
    this.#chars += chars
    const { commandsMax, charsMax } = this.#bounds
    if (this.#commands <= commandsMax && this.#chars <= charsMax) return
    this.#truncated = true
    this.#entries = []
  }

  #hear(event: ClusterEvent): void {
    const { atUs } = event
    switch (event.type) {
      case 'write-acknowledged':
        // That a plain write was applied is what everybody expects.
        return this.#close(event.request, atUs, event.w === null ? undefined : 'applied')
      case 'write-failed':
      case 'read-failed':
        return this.#close(event.request, atUs, event.code)
      case 'read-completed':
        return this.#close(event.request, atUs, sayRecord(event.answer.record))
      case 'cluster-reset':
        return this.#begin(event)
    }
  }

  #close(request: number, atUs: Microseconds, answer?: string): void {
    const entry = this.#open.get(request)
    if (!entry) return
    this.#open.delete(request)
    entry.isOpen = false
    entry.endUs = atUs
    entry.answer = answer
  }

  /** A reset, once the requests that it ended were answered. */
  #begin({ keep, id }: Extract<ClusterEvent, { type: 'cluster-reset' }>): void {
    if (keep === 'data') return
    this.#open.clear()
    this.#lastRequest = 0
    if (keep === 'faults') return
    this.#last = undefined
    this.#entries = []
    this.#commands = 0
    this.#chars = 0
    this.#truncated = false
    this.#beginsAt = id
  }
}

/** What a read is expected to bring back, if it is replayed. */
function sayRecord(record: StoredRecord | null): string | undefined {
  if (record === null) return undefined
  const { value } = record
  return value.length > VALUE_CHARS_MAX ? `version=${formatVersion(record)}` : writeValue(value)
}

function sizeOf(command: Command): { commands: number; chars: number } {
  if (command.verb === 'restore') {
    const { records } = command.how
    const chars = records.reduce((sum, { key, value }) => sum + key.length + value.length, 0)
    return { commands: records.length + 1, chars }
  }
  const texts: { readonly key?: string; readonly value?: string } = isRequest(command)
    ? command.how
    : {}
  return { commands: 1, chars: (texts.key?.length ?? 0) + (texts.value?.length ?? 0) }
}
