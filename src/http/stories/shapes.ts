// What a story is once it can be told, and what a server's shelf of them holds.

import type { StepPart } from '../../scenario/lesson.ts'
import type { LineFault } from '../../scenario/run-to-end.ts'
import type { Call } from '../call.ts'

export interface StorySummary {
  /** Empty where it is on no shelf. */
  readonly name: string
  readonly title: string
  readonly summary: string
  readonly followers: number
  /** Options beyond seed and followers, as the file writes them; a server has to be started with them. */
  readonly options: readonly string[]
  /** All of them: the head of a scenario that begins a lab of its own for the story. */
  readonly head: string
}

export type PartJson =
  | Exclude<StepPart, { kind: 'command' }>
  | {
      readonly kind: 'command'
      readonly source: string
      readonly call: Call | null
      readonly goesOn: boolean
      readonly expected: string | null
      /** What the answer holds where nothing else moves the cluster. */
      readonly told: Readonly<Record<string, unknown>>
      /** Moves time to where the story goes on, once the call waits; null where it is answered at once. */
      readonly meanwhile: Call | null
    }

export interface Story extends StorySummary {
  /** As it was written. */
  readonly scenario: string
  readonly steps: readonly (readonly PartJson[])[]
}

/** What went wrong with its lines, if anything did. */
export type Telling = Story | readonly LineFault[]

export function isStory(telling: Telling): telling is Story {
  return 'steps' in telling
}

export function summaryOf({ name, title, summary, followers, options, head }: Story): StorySummary {
  return { name, title, summary, followers, options, head }
}

/** A file that is no lesson yet. */
export interface BrokenStory {
  readonly file: string
  /** Where it goes wrong, and what to do about it. */
  readonly message: string
}

/** As it goes out. */
export interface ShelfJson {
  readonly stories: readonly StorySummary[]
  readonly broken: readonly BrokenStory[]
}

export interface Shelf {
  /** One's own first: the server was started for them. */
  readonly stories: ReadonlyMap<string, Story>
  readonly broken: readonly BrokenStory[]
}
