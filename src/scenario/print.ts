// A run as a person reads it: the scenario's own lines, and below each what happened, in the words of the log
// with simulated time in front. At most 80 columns wide, unless a word or a line of the file is wider.

import { describeEvent } from '../core/output/describe.ts'
import { count, escapeActing } from '../core/text/say.ts'
import { type Microseconds, sayMs } from '../core/units.ts'
import { isQuestion, isRemark } from './lesson.ts'
import type { Outcome, TraceItem, Verdict } from './run.ts'
import { sayAnswer } from './say-answer.ts'
import type { Mistake, Parsing } from './scenario.ts'

const COLUMNS = 80
/** Where the words begin: behind the mark and the time. */
const INDENT = 17
const LINES_SHOWN_MAX = 20

/** The lines of one item of a run. */
export function printItem(item: TraceItem): string[] {
  switch (item.kind) {
    case 'text':
      return printText(item.line.source)
    case 'command':
      return item.line.sources.map(escapeActing)
    case 'event': {
      const { level, text } = describeEvent(item.event)
      return level === 'debug' ? [] : printLine('', item.event.atUs, text)
    }
    case 'answer':
      return printAnswer(item)
    case 'unanswered':
      return printLine(
        item.verdict ? 'FAIL' : '',
        undefined,
        `<- line ${item.line.line}: no answer${item.verdict ? `, expected ${item.verdict.expected}` : ''}`,
      )
    case 'stopped':
      return printLine('FAIL', item.atUs, `Stopped at line ${item.line.line}: ${item.reason}`)
  }
}

/** Questions are for lessons; what is remarked afterwards reads well as a comment. */
function printText(source: string): string[] {
  if (isQuestion(source)) return []
  return [escapeActing(isRemark(source) ? source.replace('#!', '#') : source)]
}

function printAnswer(item: Extract<TraceItem, { kind: 'answer' }>): string[] {
  const { line, answer, verdict, late, atUs } = item
  const [first = '', ...more] = sayAnswer(line.command, answer, line.expectation)
  if (first === '') return []
  const whose = late ? `line ${line.line}: ` : ''
  return printVerdict(verdict, atUs, [`<- ${whose}${first}`, ...more.map((text) => `   ${text}`)])
}

function printVerdict(
  verdict: Verdict | null,
  atUs: Microseconds | undefined,
  texts: readonly string[],
): string[] {
  const mark = verdict === null ? '' : verdict.holds ? 'ok' : 'FAIL'
  const lines = texts.flatMap((text, i) =>
    printLine(i === 0 ? mark : '', i === 0 ? atUs : undefined, text),
  )
  if (verdict?.why) lines.push(...printLine('', undefined, `   ${verdict.why}`))
  return lines
}

function printLine(mark: string, atUs: Microseconds | undefined, text: string): string[] {
  const time = atUs === undefined ? '' : `+${sayMs(atUs)}`
  const head = `${mark.padStart(4)} ${time.padStart(INDENT - 7)}  `
  return wrap(escapeActing(text), COLUMNS - head.length).map((piece, i) =>
    i === 0 ? head + piece : ' '.repeat(head.length) + piece,
  )
}

/** Fills lines up to `columns`. A continued line is indented like the one it continues. */
function wrap(text: string, columns: number): string[] {
  const indent = /^ *(<- )?/.exec(text)?.[0].length ?? 0
  const lines: string[] = []
  let line = text.slice(0, indent)
  let isEmpty = true
  for (const word of text.slice(indent).split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = ' '.repeat(indent)
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  lines.push(line)
  return lines
}

/** How it ended. */
export function printOutcome(outcome: Outcome): string[] {
  return [...wrap(sayOutcome(outcome), COLUMNS), `Simulated time: ${sayMs(outcome.nowUs)}.`]
}

function sayOutcome({ expectations, failedLines, stopped }: Outcome): string {
  const failed = failedLines.length
  if (failed > 0) {
    const shown = failedLines.slice(0, LINES_SHOWN_MAX).join(', ')
    const more = failed > LINES_SHOWN_MAX ? ', ...' : ''
    const lines = `${failed === 1 ? 'line' : 'lines'} ${shown}${more}`
    const verb = failed === 1 ? 'does' : 'do'
    return `FAIL: ${failed} of ${count(expectations, 'expectation')} ${verb} not hold: ${lines}.`
  }
  if (stopped) return 'FAIL: stopped before the end.'
  if (expectations === 0) return 'Nothing was expected.'
  if (expectations === 1) return 'The expectation holds.'
  return `All ${expectations} expectations hold.`
}

/** What is wrong with a file, mistake by mistake. */
export function printMistakes(
  file: string,
  { mistakes, mistakesLeftOut }: Extract<Parsing, { ok: false }>,
): string[] {
  const lines = mistakes.flatMap((mistake) => printMistake(file, mistake))
  return mistakesLeftOut > 0 ? [...lines, `... and ${mistakesLeftOut} more`] : lines
}

/** Where, what, and the line itself with a mark under the place. */
function printMistake(file: string, { line, column, message, source }: Mistake): string[] {
  const [first = '', ...more] = message.split('\n')
  const shown = source.length > 200 ? `${source.slice(0, 200)}…` : source
  const lines = [`${file}:${line}:${column}: ${first}`, ...more.map((text) => `    ${text}`)]
  if (shown.trim() !== '' && column <= 200) {
    const gap = source.slice(0, column - 1).replace(/[^\t]/g, ' ')
    lines.push(`    | ${shown}`, `    | ${gap}^`)
  }
  return lines.map((text) => escapeActing(text))
}
