// `check FILE`: reads a history as a stream, judges it and prints the report. Its flags are check-request.ts's.

import { writeFile } from 'node:fs/promises'
import { getHeapStatistics } from 'node:v8'
import { HistoryMistake } from '../analysis/history/mistakes.ts'
import type { History } from '../analysis/history/operation.ts'
import { HistoryReader } from '../analysis/history/read.ts'
import { judge } from '../analysis/verdicts/judge.ts'
import { drawWitnessSvg } from '../analysis/verdicts/picture.ts'
import { exitOf, printReport, renderReport } from '../analysis/verdicts/report.ts'
import type { CommandLine } from '../options/read.ts'
import { readTextLines, UnreadableFile } from '../runtime/text-lines.ts'
import { replayOf } from '../scenario/from-witness.ts'
import { CHECK_HELP, type CheckRequest, readCheck } from './check-request.ts'
import { refuse } from './flags.ts'
import type { ExitCode, Terminal } from './terminal.ts'

/** @returns the exit code: 0 consistent, 1 violated, 2 it cannot be read, 3 undecided */
export async function check(line: CommandLine, terminal: Terminal): Promise<ExitCode> {
  const request = readCheck(line)
  if (request === 'help') {
    terminal.out(CHECK_HELP)
    return 0
  }
  if ('problems' in request) return refuse(terminal, 'check', request.problems)
  const name = request.path === null ? 'stdin' : request.file
  try {
    return await report(request, terminal)
  } catch (error) {
    if (error instanceof HistoryMistake) terminal.err(`${error.tell(name)}\n`)
    else if (error instanceof UnreadableFile) {
      terminal.err(`Cannot read ${name}: ${error.message}.\n`)
    } else throw error
    return 2
  }
}

async function report(request: CheckRequest, { out, err }: Terminal): Promise<ExitCode> {
  const { verdicts, json, svg, scenario, model, failedCas, client, key } = request
  const history = await readHistory(request)
  refuseMisfits(history, request)
  const stale = { versions: request.staleVersions, ms: request.staleMs }
  const report = judge(history, { model, failedCas, client, key, stale })
  const lines = json
    ? [JSON.stringify(renderReport(report))]
    : printReport(history, report, verdicts)
  for (const text of lines) out(`${text}\n`)
  const name = verdicts.find((one) => report.verdicts[one].witness.length > 0)
  if (name === undefined) {
    if (svg !== undefined) err('Nothing is violated, so nothing is drawn.\n')
    if (scenario !== undefined) err('Nothing is violated, so there is no scenario of it.\n')
    return exitOf(report, verdicts)
  }
  const { witness, why } = report.verdicts[name]
  if (svg !== undefined)
    await write(svg, drawWitnessSvg(history, witness, `${name} violated: ${why}`))
  if (scenario !== undefined) {
    const replay = replayOf(history, name, report.verdicts[name])
    if ('text' in replay) await write(scenario, replay.text)
    else err(`No scenario shows this witness of ${name}: ${replay.whyNot}.\n`)
  }
  return exitOf(report, verdicts)
}

async function readHistory({ path, format, failedCas }: CheckRequest): Promise<History> {
  // What is kept of a line needs about as much as the line, and the verdicts need some room too.
  const charsMax = getHeapStatistics().heap_size_limit / 2
  const reader = new HistoryReader({ format, failedCas, charsMax })
  await readTextLines(path, (line, isLast) => reader.push(line, isLast))
  return reader.finish()
}

/** Operations must fit the model that was named, and some be on the key. */
function refuseMisfits(history: History, { model, key }: CheckRequest): void {
  const misfit = history.operations.find(
    ({ kind }) =>
      (kind === 'cas' && model !== undefined && model !== 'cas-register') ||
      (kind === 'append' && model !== undefined && model !== 'append'),
  )
  if (misfit) {
    const { kind, client, calledMs } = misfit
    const place = history.timed ? null : Math.floor(calledMs)
    const message = `client ${client} makes a ${kind}, which is no operation of a ${model}`
    const fits = kind === 'cas' ? 'cas-register' : 'append'
    throw new HistoryMistake(place, message, `Use --model ${fits}, or leave --model away`)
  }
  if (key !== undefined && !history.operations.some((one) => one.key === key)) {
    const keys = [...new Set(history.operations.map((one) => one.key))].slice(0, 10)
    const message = `no operation is on the key ${JSON.stringify(key)}`
    throw new HistoryMistake(
      null,
      message,
      `Some keys are ${keys.map((one) => JSON.stringify(one)).join(', ')}`,
    )
  }
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (error) {
    throw new UnreadableFile(`${path} cannot be written, ${(error as Error).message}`)
  }
}
