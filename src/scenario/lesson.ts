// A scenario as a lesson. Its paragraphs are the steps: comments are what the teacher says, and comments of a
// special form are what the teacher asks. Questions stand before the command whose effect they ask for, the
// answer stands after it.
//
//   # Replica 1 gets its copy after 200 ms, replica 2 after 500 ms.
//   #? What does replica 1 answer right after the write?
//   #- Jessica
//   #+ That it has no such key        `+` marks the right choice
//   follower-read user:1 replica=1    -> key-not-found
//   #! The leader has answered its client, but the copy still travels.
//
// The first comment of the file is its summary, and the beginning of that, up to the first `.` or `:`, its
// title. A lesson needs no code: it is a scenario file.

import type { LineFault } from './run-to-end.ts'
import type { CommandLine, Scenario } from './scenario.ts'

export interface Choice {
  readonly text: string
  readonly isRight: boolean
}

export interface Question {
  readonly text: string
  readonly choices: readonly Choice[]
}

/** What a step consists of, in order. */
export type StepPart =
  | { readonly kind: 'sentence' | 'remark'; readonly text: string }
  | { readonly kind: 'question'; readonly question: Question }
  | { readonly kind: 'command'; readonly line: CommandLine }

export interface Lesson {
  readonly title: string
  readonly summary: string
  readonly steps: readonly (readonly StepPart[])[]
}

const SPECIAL = /^\s*#([?+!-])\s+(.*)$/

/** A question or one of its choices. */
export function isQuestion(source: string): boolean {
  const sign = SPECIAL.exec(source)?.[1]
  return sign !== undefined && sign !== '!'
}

/** What is said when the command has shown it. */
export function isRemark(source: string): boolean {
  return SPECIAL.exec(source)?.[1] === '!'
}

export function lessonOf(scenario: Scenario): Lesson {
  const [opening = [], ...paragraphs] = paragraphsOf(scenario)
  const summary = opening.flatMap((part) => (part.kind === 'sentence' ? [part.text] : [])).join(' ')
  const rest = opening.filter((part) => part.kind !== 'sentence')
  const steps = [rest, ...paragraphs].filter((parts) => parts.length > 0)
  return { title: titleOf(summary), summary, steps }
}

function paragraphsOf({ lines }: Scenario): StepPart[][] {
  const paragraphs: StepPart[][] = [[]]
  for (const line of lines) {
    const parts = paragraphs[paragraphs.length - 1] as StepPart[]
    if (line.kind === 'blank') paragraphs.push([])
    else if (line.kind === 'command') parts.push({ kind: 'command', line })
    else if (line.kind === 'comment') addComment(parts, line.source)
  }
  return paragraphs.filter((parts) => parts.length > 0)
}

function addComment(parts: StepPart[], source: string): void {
  const [, sign, special = ''] = SPECIAL.exec(source) ?? []
  if (sign === undefined) return addText(parts, 'sentence', source.replace(/^\s*#\s?/, '').trim())
  if (sign === '!') return addText(parts, 'remark', special.trim())
  const last = parts[parts.length - 1]
  if (sign === '?') {
    // A question may take several lines, up to its first choice.
    if (last?.kind === 'question' && last.question.choices.length === 0) {
      const text = `${last.question.text} ${special.trim()}`
      parts[parts.length - 1] = { kind: 'question', question: { text, choices: [] } }
    } else {
      parts.push({ kind: 'question', question: { text: special.trim(), choices: [] } })
    }
  } else if (last?.kind === 'question') {
    const choice = { text: special.trim(), isRight: sign === '+' }
    const question = { ...last.question, choices: [...last.question.choices, choice] }
    parts[parts.length - 1] = { kind: 'question', question }
  }
}

/** Questions that nobody could answer, and choices without one. A run does not mind; whoever is asked would. */
export function lessonFaults({ lines }: Scenario): LineFault[] {
  const faults: LineFault[] = []
  /** Where the question stands whose choices may follow, and those that did. */
  let asked = { line: 0, signs: '' }
  const ask = (line: number) => {
    if (asked.line > 0 && !asked.signs.includes('+')) {
      faults.push({ line: asked.line, what: 'no choice is the right one: write #+ before it' })
    }
    asked = { line, signs: '' }
  }
  for (const { kind, line, source } of textOf(lines)) {
    const sign = (kind === 'comment' && SPECIAL.exec(source)?.[1]) || ''
    const isChoice = sign === '+' || sign === '-'
    if (isChoice && asked.line === 0) {
      faults.push({ line, what: 'a choice belongs to a question: write #? above it' })
    } else if (isChoice) asked.signs += sign
    else if (sign !== '?') ask(0)
    // A question may take several lines.
    else if (asked.line === 0 || asked.signs !== '') ask(line)
  }
  ask(0)
  return faults
}

function textOf(lines: Scenario['lines']) {
  return lines.map((line) => ({ source: '', ...line }))
}

/** Comments of one kind below each other are one text. */
function addText(parts: StepPart[], kind: 'sentence' | 'remark', text: string): void {
  const last = parts[parts.length - 1]
  if (last?.kind === kind) parts[parts.length - 1] = { kind, text: `${last.text} ${text}` }
  else parts.push({ kind, text })
}

/** Up to the first end of a sentence, or the colon before its second half; a question keeps its mark. */
function titleOf(summary: string): string {
  return /^.*?(\?(?=\s|$)|(?=[.:!](\s|$)))/.exec(summary)?.[0] || summary
}
