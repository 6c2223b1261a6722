// The command `check FILE`: reads a history as a stream, judges it and prints the report.

import { writeFile } from 'node:fs/promises'
import { HistoryMistake } from '../analysis/history/mistakes.ts'
import type { History } from '../analysis/history/operation.ts'
import { FORMATS, type Format, HistoryReader } from '../analysis/history/read.ts'
import { type JudgeOptions, judge, type Report } from '../analysis/verdicts/judge.ts'
import { drawWitnessSvg } from '../analysis/verdicts/picture.ts'
import { exitOf, printReport, renderReport } from '../analysis/verdicts/report.ts'
import {
  MODELS,
  type Model,
  VERDICT_NAMES,
  type VerdictName,
} from '../analysis/verdicts/verdict.ts'
import { readTextLines, UnreadableFile } from './text-lines.ts'

/** The words of the command line. */
export const CHECK_WORDS = { models: MODELS, formats: FORMATS, verdicts: VERDICT_NAMES }

/** As the command line names them; the words are among `CHECK_WORDS`. */
export interface CheckOptions {
  readonly file: string
  readonly path: string | null
  readonly model: string | undefined
  readonly failedCas: 'fact' | 'never'
  readonly format: string | undefined
  readonly verdicts: readonly string[]
  readonly client: string | undefined
  readonly key: string | undefined
  readonly staleVersions: number | undefined
  readonly staleMs: number | undefined
  readonly json: boolean
  readonly svg: string | undefined
}

/**
 * @param write called with each line to print
 * @param complain called with what is wrong with the file
 * @returns the exit code: 0 consistent, 1 violated, 2 it cannot be read, 3 undecided
 */
export async function check(
  options: CheckOptions,
  write: (line: string) => void,
  complain: (line: string) => void,
): Promise<0 | 1 | 2 | 3> {
  const name = options.path === null ? 'stdin' : options.file
  try {
    const history = await readHistory(options)
    const asked = askedOf(history, options)
    const report = judge(history, judgeOptions(options))
    if (options.json) write(JSON.stringify(renderReport(report)))
    else for (const line of printReport(history, report, asked)) write(line)
    if (options.svg !== undefined) await writeSvg(options.svg, history, report, asked)
    return exitOf(report, asked)
  } catch (error) {
    if (error instanceof HistoryMistake) complain(error.tell(name))
    else if (error instanceof UnreadableFile) complain(`Cannot read ${name}: ${error.message}.`)
    else throw error
    return 2
  }
}

async function readHistory({ path, format, failedCas }: CheckOptions): Promise<History> {
  const reader = new HistoryReader({ format: format as Format | undefined, failedCas })
  await readTextLines(path, (line, isLast) => reader.push(line, isLast))
  return reader.finish()
}

/** The model that was named must be one that the operations fit. */
function askedOf(history: History, { model, verdicts, key }: CheckOptions): VerdictName[] {
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
  return verdicts.length > 0 ? (verdicts as VerdictName[]) : ['linearizable']
}

function judgeOptions(options: CheckOptions): JudgeOptions {
  const { model, failedCas, client, key, staleVersions: versions, staleMs: ms } = options
  return { model: model as Model | undefined, failedCas, client, key, stale: { versions, ms } }
}

async function writeSvg(
  path: string,
  history: History,
  { verdicts }: Report,
  asked: readonly VerdictName[],
): Promise<void> {
  const name = asked.find((one) => verdicts[one].witness.length > 0)
  if (name === undefined) return
  const title = `${name} violated: ${verdicts[name].why}`
  try {
    await writeFile(path, drawWitnessSvg(history, verdicts[name].witness, title))
  } catch (error) {
    throw new UnreadableFile(`the picture cannot be written, ${(error as Error).message}`)
  }
}
