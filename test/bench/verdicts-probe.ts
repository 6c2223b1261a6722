// A large file of JSON lines in a process of its own, so that its time and memory are nobody else's: node
// verdicts-probe.ts FILE parse|read|judge. `parse` is what there is to beat: JSON.parse for each line.

import { readFileSync } from 'node:fs'
import { HistoryReader } from '../../src/analysis/history/read.ts'
import { judge } from '../../src/analysis/verdicts/judge.ts'
import { readTextLines } from '../../src/runtime/text-lines.ts'

export interface Found {
  readonly readMs: number
  /** With all verdicts, from the history to the report. */
  readonly judgeMs: number
  readonly peakBytes: number
}

const [file = '', mode] = process.argv.slice(2)
let kept: unknown
const began = performance.now()
if (mode === 'parse') kept = parsed()
else {
  const reader = new HistoryReader({ failedCas: 'fact' })
  await readTextLines(file, (line, isLast) => reader.push(line, isLast))
  kept = reader.finish()
}
const readMs = performance.now() - began
if (mode === 'judge') {
  const { verdicts } = judge(kept as ReturnType<HistoryReader['finish']>)
  if (verdicts.linearizable.verdict !== 'consistent')
    throw new Error(verdicts.linearizable.why ?? '')
}
const found: Found = {
  readMs,
  judgeMs: performance.now() - began - readMs,
  peakBytes: process.resourceUsage().maxRSS * 1024,
}
process.stdout.write(JSON.stringify(found))

function parsed(): unknown[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  lines.pop()
  return lines.map((line) => JSON.parse(line))
}
