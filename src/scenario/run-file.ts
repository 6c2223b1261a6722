// `run FILE` without the file: from a scenario's text to what is printed and the exit code. 0: every expectation
// holds. 1: one fails, or the run was cut short. 2: the file is no scenario.

import { renderEvent } from '../core/output/render.ts'
import { escapeActing } from '../core/text/say.ts'
import { msFromUs } from '../core/units.ts'
import { START_TIME_MS } from './header.ts'
import { parseScenario } from './parse.ts'
import { printItem, printMistakes, printOutcome } from './print.ts'
import { adviceJson } from './remedies.ts'
import { type Outcome, runScenario, type TraceItem } from './run.ts'
import type { Parsing } from './scenario.ts'

export type ExitCode = 0 | 1 | 2

export interface RunOptions {
  /** One JSON object a line, for machines, instead of text for people. */
  readonly json: boolean
}

/** @param name how the file is called in messages */
export function runFile(
  name: string,
  text: string,
  options: RunOptions,
): { readonly output: string; readonly exitCode: ExitCode } {
  const lines: string[] = []
  const exitCode = runFileTo(name, text, options, (line) => lines.push(line))
  return { output: lines.map((line) => `${line}\n`).join(''), exitCode }
}

/** No text in it can act on the terminal. */
function jsonLine(object: unknown): string {
  return escapeActing(JSON.stringify(object))
}

/** The same, line by line: a long run needs no memory for what it prints. */
export function runFileTo(
  name: string,
  text: string,
  { json }: RunOptions,
  write: (line: string) => void,
): ExitCode {
  const parsing = parseScenario(text)
  if (!parsing.ok) {
    const lines = json ? mistakesJson(name, parsing) : printMistakes(name, parsing)
    for (const line of lines) write(line)
    return 2
  }
  const { startTimeMs = START_TIME_MS } = parsing.scenario.options
  const outcome = runScenario(parsing.scenario, (item) => {
    if (json) {
      const object = jsonOf(item, startTimeMs)
      if (object) write(jsonLine(object))
    } else for (const line of printItem(item)) write(line)
  })
  const exitCode = outcome.failedLines.length > 0 || outcome.stopped ? 1 : 0
  if (json) write(jsonLine({ type: 'end', ...endOf(outcome), exitCode }))
  else for (const line of ['', ...printOutcome(outcome)]) write(line)
  return exitCode
}

function mistakesJson(
  file: string,
  { mistakes, mistakesLeftOut }: Extract<Parsing, { ok: false }>,
): string[] {
  const lines = mistakes.map(({ line, column, message }) =>
    jsonLine({ type: 'mistake', file, line, column, message }),
  )
  if (mistakesLeftOut > 0)
    lines.push(jsonLine({ type: 'mistakes-left-out', count: mistakesLeftOut }))
  return lines
}

function jsonOf(item: TraceItem, startTimeMs: number): object | undefined {
  switch (item.kind) {
    case 'text':
      return undefined
    case 'command': {
      const { line, sources } = item.line
      return { type: 'command', line, atMs: msFromUs(item.atUs), text: sources.join('\n') }
    }
    case 'event':
      return { type: 'event', event: renderEvent(item.event, startTimeMs) }
    case 'answer': {
      const { answer } = item
      const { line } = item.line
      const atMs = msFromUs(item.atUs)
      const fields = answer.ok ? answer.fields : { ...answer.fields, ...adviceJson(answer.problem) }
      return { type: 'answer', line, atMs, ok: answer.ok, answer: fields, ...item.verdict }
    }
    case 'unanswered':
      return { type: 'unanswered', line: item.line.line, ...item.verdict }
    case 'stopped': {
      const { line } = item.line
      return { type: 'stopped', line, atMs: msFromUs(item.atUs), reason: item.reason }
    }
  }
}

function endOf({ nowUs, expectations, failedLines }: Outcome) {
  return { nowMs: msFromUs(nowUs), expectations, failedLines }
}
