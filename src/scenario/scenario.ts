// What a scenario says once it was read: its options and its lines, in order, with the text they came from.
// parse.ts makes one, run.ts runs it, lesson.ts makes the steps of a lesson of it.

import type { ClusterOptions } from '../core/options.ts'
import type { Expectation } from './expectations.ts'
import type { ScenarioCommand } from './verbs/table.ts'

export interface CommandLine {
  readonly kind: 'command'
  /** The number of its last line, from 1; only `restore` has several. */
  readonly line: number
  readonly sources: readonly string[]
  readonly command: ScenarioCommand
  /** It ended in `&`. */
  readonly goesOn: boolean
  readonly expectation: Expectation | null
}

/** What is kept only to be shown again. */
export interface TextLine {
  readonly kind: 'comment' | 'blank' | 'option'
  readonly line: number
  readonly source: string
}

export type ScenarioLine = CommandLine | TextLine

export interface Scenario {
  readonly options: Partial<ClusterOptions>
  readonly lines: readonly ScenarioLine[]
}

export interface Mistake {
  readonly line: number
  readonly column: number
  readonly message: string
  /** The line it is in. */
  readonly source: string
}

export type Parsing =
  | { readonly ok: true; readonly scenario: Scenario }
  | { readonly ok: false; readonly mistakes: readonly Mistake[]; readonly mistakesLeftOut: number }
