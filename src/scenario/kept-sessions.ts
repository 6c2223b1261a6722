// What a recorder keeps: sessions, each from the start or a full reset to the next full reset, and their chapters, from
// any reset to the next. All sessions share one bound; the oldest go first, and a session that is too long by itself
// keeps no commands until a full reset ends it.

import { BOUNDS } from '../core/bounds.ts'
import type { ClusterEvent } from '../core/events.ts'
import type { ClusterOptions } from '../core/options.ts'
import type { Microseconds } from '../core/units.ts'
import { type Command, isRequest } from '../core/verbs/table.ts'
import type { SessionEntry } from './export.ts'

export interface RecorderBounds {
  readonly commandsMax: number
  /** Keys and values, in characters of text, that no other buffer may hold any more. */
  readonly charsMax: number
}

type Reset = Extract<ClusterEvent, { type: 'cluster-reset' }>

export type Entry = { -readonly [K in keyof SessionEntry]: SessionEntry[K] }

/** A lab's time from its start or a reset to the next reset. */
export interface Chapter {
  /** Counted from 1, those included that are no longer kept. */
  readonly number: number
  /** What the reset kept that began it; null: it was no reset, but the start. */
  readonly keep: Reset['keep'] | null
  readonly fromUs: Microseconds
  /** The present, where it has not ended. */
  readonly toUs: Microseconds
  readonly isOver: boolean
  /** Ids of events; null where none has happened. */
  readonly firstEvent: number | null
  readonly lastEvent: number | null
  /** Reads that were answered with less than clients had been told of, and the event of the first. */
  readonly staleReads: number
  readonly firstStaleRead: number | null
  /** Its own among the commands of its session: from the first to before the last. */
  readonly commands: { readonly from: number; readonly to: number }
}

/** With what it shares with the others of its session. */
export interface KeptChapter extends Chapter {
  /** When time was zero in it, in ms since 1970. */
  readonly startTimeMs: number
  /** False: its session is too long, and nothing of it can be replayed. */
  readonly isKept: boolean
}

export interface Session {
  /** Of its cluster, with the time at which it began. */
  readonly options: ClusterOptions
  /** The id of the full reset on which it begins; 0 where it is the start. */
  readonly beginsAt: number
  /** The full reset that ended it is the last of them. */
  readonly commands: readonly Entry[]
  /** The last one goes on, unless another session does. */
  readonly chapters: readonly Chapter[]
  readonly isTooLong: boolean
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }
type OpenChapter = Writable<Chapter>

interface OpenSession extends Writable<Session> {
  commands: Entry[]
  chapters: OpenChapter[]
  readonly size: Size
}

interface Size {
  commands: number
  chars: number
}

export class KeptSessions {
  readonly #bounds: RecorderBounds
  readonly #sessions: OpenSession[] = []
  /** Of all of them together. */
  readonly #size: Size = { commands: 0, chars: 0 }
  /** The present ones. */
  #session: OpenSession
  #chapter: OpenChapter

  constructor(bounds: RecorderBounds, options: ClusterOptions) {
    this.#bounds = bounds
    this.#session = this.#open(options, 0)
    this.#chapter = this.#turn(1, null, 0)
  }

  get present(): Session {
    return this.#session
  }

  /** The oldest first. */
  get all(): readonly Session[] {
    return this.#sessions
  }

  /** The one in which an event happened; undefined where it is no longer kept. */
  of(event: number): Session | undefined {
    return this.#sessions.findLast(({ beginsAt }) => beginsAt <= event)
  }

  add(entry: Entry): void {
    const session = this.#session
    if (session.isTooLong) return
    session.commands.push(entry)
    const size = sizeOf(entry.command)
    grow(session.size, size, 1)
    grow(this.#size, size, 1)
    while (this.#isTooMuch && this.#sessions.length > 1) this.#dropOldest()
    if (!this.#isTooMuch) return
    session.isTooLong = true
    session.commands = []
    grow(this.#size, session.size, -1)
  }

  heard(event: ClusterEvent): void {
    const chapter = this.#chapter
    chapter.firstEvent ??= event.id
    chapter.lastEvent = event.id
    if (!('because' in event) || event.because === null) return
    chapter.staleReads++
    chapter.firstStaleRead ??= event.id
  }

  /**
   * Any reset, which is the newest command.
   * @param untilUs when it came, by the clock before it
   * @param options of the cluster after it
   */
  reset(event: Reset, untilUs: Microseconds, options: ClusterOptions): void {
    const before = this.#session
    const { number, commands } = this.#chapter
    const to = Math.max(before.commands.length - 1, 0)
    Object.assign(this.#chapter, { toUs: untilUs, isOver: true, commands: { ...commands, to } })
    if (event.keep === 'nothing') {
      if (before.isTooLong) this.#sessions.pop()
      this.#session = this.#open(options, event.id)
    }
    this.#chapter = this.#turn(number + 1, event.keep, event.atUs)
    this.heard(event)
    this.#dropChapters()
  }

  #open(options: ClusterOptions, beginsAt: number): OpenSession {
    const size = { commands: 0, chars: 0 }
    const session = { options, beginsAt, commands: [], chapters: [], isTooLong: false, size }
    this.#sessions.push(session)
    return session
  }

  #turn(number: number, keep: Chapter['keep'], atUs: Microseconds): OpenChapter {
    const { chapters, commands } = this.#session
    const chapter = {
      ...{ number, keep, fromUs: atUs, toUs: atUs, isOver: false },
      ...{ firstEvent: null, lastEvent: null, staleReads: 0, firstStaleRead: null },
      commands: { from: commands.length, to: commands.length },
    }
    chapters.push(chapter)
    return chapter
  }

  get #isTooMuch(): boolean {
    const { commandsMax, charsMax } = this.#bounds
    return this.#size.commands > commandsMax || this.#size.chars > charsMax
  }

  #dropOldest(): void {
    const [oldest] = this.#sessions.splice(0, 1)
    if (oldest) grow(this.#size, oldest.size, -1)
  }

  /** A chapter takes memory though nothing is done in it. */
  #dropChapters(): void {
    const chapters = this.#sessions[0]?.chapters ?? []
    const [oldest] = chapters
    if (!oldest || this.#chapter.number - oldest.number < BOUNDS.chaptersMax) return
    chapters.shift()
    if (chapters.length === 0) this.#dropOldest()
  }
}

function grow(size: Size, by: Size, times: 1 | -1): void {
  size.commands += times * by.commands
  size.chars += times * by.chars
}

function sizeOf(command: Command): Size {
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
