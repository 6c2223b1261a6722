// Notes down everything done to a cluster, so that the session since its start or its last full reset can be exported
// as a scenario, and earlier ones be looked at again. What is kept is commands and their instants, never how time was moved: a replay
// moves it by the differences. A command issued from within another one's answer is noted as if it had
// come right after; nothing in this program does that.

import { BOUNDS } from '../core/bounds.ts'
import {
  advise,
  type ErrorCode,
  failed,
  ok,
  type Problem,
  problem,
  type Reply,
} from '../core/errors.ts'
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
import {
  type Chapter,
  type Entry,
  type KeptChapter,
  KeptSessions,
  type RecorderBounds,
  type Session,
} from './kept-sessions.ts'
import type { Recording, Sight } from './replay.ts'

/** Keys and values kept, in characters of text, that no other buffer may hold any more. */
const CHARS_MAX = 16 * 1024 * 1024
/** What a request is answered that a reset ends; a value of these letters is written in quotes. */
const RESET_CODE: ErrorCode = 'cluster-reset'
/** A longer value is expected by its version. */
const VALUE_CHARS_MAX = 60

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

export class SessionRecorder {
  readonly #cluster: Recorded
  readonly #bounds: RecorderBounds
  readonly #kept: KeptSessions
  /** The number of the last request: after a full reset they count from 1 again. */
  #lastRequest = 0
  /** Requests without an answer so far, by their numbers. */
  readonly #open = new Map<number, Entry>()
  /** The last command, as long as no other has come. */
  #last: Entry | undefined

  /** Before any other command: what was done earlier, nobody can export. */
  constructor(cluster: Recorded, bounds: RecorderBounds = recorderBounds(BOUNDS.bytesMax)) {
    this.#cluster = cluster
    this.#bounds = bounds
    this.#kept = new KeptSessions(bounds, this.#options)
    cluster.recordedBy((command, atUs) => this.#note(command, atUs))
    cluster.listen((event) => this.#hear(event))
  }

  /** The chapters that are kept, the oldest first; the last is the present one. */
  chapters(): readonly KeptChapter[] {
    const { nowUs } = this.#cluster.clockView()
    const to = this.#kept.present.commands.length
    return this.#kept.all.flatMap(({ chapters, options: { startTimeMs }, isTooLong }) =>
      chapters.map((one) => ({
        ...one,
        startTimeMs,
        isKept: !isTooLong,
        ...(!one.isOver && { toUs: nowUs, commands: { ...one.commands, to } }),
      })),
    )
  }

  /**
   * A session as a scenario that replays to the same events at the same instants.
   * @param chapter to whose end; the present unless said
   */
  export(chapter?: Chapter): Reply<string> {
    // Looking brings the clock up to the present, and with it what happened until then.
    const { nowUs } = this.#cluster.clockView()
    const session = this.#sessionOf(chapter)
    if (!session || session.isTooLong) return failed(session ? this.#tooLong() : this.#dropped())
    if (!chapter?.isOver) return ok(exportScenario(session.options, session.commands, nowUs))
    return ok(exportScenario(session.options, commandsUntil(chapter, session), chapter.toUs))
  }

  /** What leads to an event, to be replayed. */
  recordingOf(event: number): Reply<Recording> {
    const { nowUs } = this.#cluster.clockView()
    return this.#recordingOf(this.#kept.of(event), nowUs)
  }

  /** What leads to an instant of a chapter, after all that was done and due by then. */
  recordingUntil(chapter: Chapter, atUs: Microseconds): Reply<Sight> {
    const recording = this.#recordingOf(this.#sessionOf(chapter), chapter.toUs)
    if (!recording.ok) return recording
    const { from, to } = chapter.commands
    const done = countUntil(recording.value.commands, from, to, atUs)
    return ok({ recording: recording.value, moment: { commands: done, atUs } })
  }

  #recordingOf(session: Session | undefined, nowUs: Microseconds): Reply<Recording> {
    if (!session || session.isTooLong) return failed(session ? this.#tooLong() : this.#dropped())
    const { options, beginsAt, commands } = session
    // After a full reset, which is the last of the commands, time begins anew.
    return ok({ options, beginsAt, commands, nowUs: session === this.#kept.present ? nowUs : 0 })
  }

  get #options(): ClusterOptions {
    return { ...this.#cluster.options, startTimeMs: this.#cluster.startTimeMs }
  }

  #sessionOf(chapter: Chapter | undefined): Session | undefined {
    if (!chapter) return this.#kept.present
    return this.#kept.all.find(({ chapters }) =>
      chapters.some((one) => one.number === chapter.number),
    )
  }

  #tooLong(): Problem {
    const { commandsMax, charsMax } = this.#bounds
    const detail = `The session is longer than the ${commandsMax} commands, or ${charsMax} characters of keys and values, that are kept; a reset begins a new one.`
    return advise(problem('scenario-truncated', detail, { commandsMax }), RESET)
  }

  #dropped(): Problem {
    const { commandsMax, charsMax } = this.#bounds
    const [oldest] = this.#kept.all[0]?.chapters ?? []
    const detail = `What led to it is no longer kept: of all chapters together there is room for ${commandsMax} commands, and ${charsMax} characters of keys and values, and the oldest that is left is chapter ${oldest?.number}.`
    return problem('scenario-truncated', detail, { commandsMax })
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
    this.#kept.add(entry)
  }

  #hear(event: ClusterEvent): void {
    const { atUs } = event
    if (event.type === 'cluster-reset') return this.#begin(event)
    this.#kept.heard(event)
    switch (event.type) {
      case 'write-acknowledged':
        // That a plain write was applied is what everybody expects.
        return this.#close(event.request, atUs, event.w === null ? undefined : 'applied')
      case 'write-failed':
      case 'read-failed':
        return this.#close(event.request, atUs, event.code)
      case 'read-completed':
        return this.#close(event.request, atUs, sayRecord(event.answer.record))
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
  #begin(event: Extract<ClusterEvent, { type: 'cluster-reset' }>): void {
    this.#kept.reset(event, this.#last?.atUs ?? event.atUs, this.#options)
    if (event.keep === 'data') return
    this.#open.clear()
    this.#lastRequest = 0
    if (event.keep === 'nothing') this.#last = undefined
  }
}

/** How many commands there are before the first of a chapter's own that is later. */
function countUntil(
  commands: Recording['commands'],
  from: number,
  to: number,
  atUs: Microseconds,
): number {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((commands[middle]?.atUs ?? 0) <= atUs) low = middle + 1
    else high = middle
  }
  return low
}

/** Those until the reset that ended it, before whose answer nobody had another. */
function commandsUntil({ commands: { from, to } }: Chapter, session: Session): SessionEntry[] {
  return session.commands.slice(0, to).map((entry, i) => {
    const isEndedByIt = i >= from && entry.answer === RESET_CODE
    return isEndedByIt ? { ...entry, isOpen: true, answer: undefined } : entry
  })
}

/** What a read is expected to bring back, if it is replayed. */
function sayRecord(record: StoredRecord | null): string | undefined {
  if (record === null) return undefined
  const { value } = record
  return value.length > VALUE_CHARS_MAX ? `version=${formatVersion(record)}` : writeValue(value)
}
