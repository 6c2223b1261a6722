// `measure`: the columns of a forecast from what happened, in a lab that runs or in a history that was written down.

import { DEFAULT_AT, readTimes } from '../analysis/forecast/ask.ts'
import { observe, sayObserved } from '../analysis/forecast/observed.ts'
import { HistoryMistake } from '../analysis/history/mistakes.ts'
import { HistoryReader } from '../analysis/history/read.ts'
import { quote } from '../core/text/duration.ts'
import { msFromUs } from '../core/units.ts'
import type { CommandLine } from '../options/read.ts'
import { readTextLines, UnreadableFile } from '../runtime/text-lines.ts'
import { type FlagRow, pathOf, readFlags, refuse, sayFlags } from './flags.ts'
import type { ExitCode, Terminal } from './terminal.ts'

const FLAGS: Readonly<Record<string, FlagRow>> = {
  url: { placeholder: 'URL', help: 'A lab that runs: http://localhost:8080, or one of its /labs.' },
  token: { placeholder: 'TEXT', help: 'What that lab asks for.' },
  at: { placeholder: 'TIME,...', help: `Times since an acknowledgement [${DEFAULT_AT}].` },
  json: { help: 'Everything, as JSON; chances are fractions, times ms.' },
}

const HELP = `Usage: replication-lab measure --url URL [flags], or measure FILE   FILE may be -

How fresh reads were, by how many versions they were behind, and what they and the writes took: the columns of
predict, from what clients saw. FILE is a history, as GET /history has it. Exit code 0; 2: it cannot be read.

${sayFlags(FLAGS)}
`

export async function measure(line: CommandLine, terminal: Terminal): Promise<ExitCode> {
  const { given, files, problems, wantsHelp } = readFlags(line, FLAGS, 'FILE')
  if (wantsHelp) {
    terminal.out(HELP)
    return 0
  }
  const at = readTimes(given.get('at') ?? DEFAULT_AT)
  const url = given.get('url')
  const history = url === undefined ? undefined : historyUrl(url)
  const [file, ...more] = files
  const all = [
    ...problems,
    ...(at.ok ? [] : [`--at: ${at.message}`]),
    ...(history === null
      ? [`--url: ${quote(url ?? '')} is no address: write http://localhost:8080`]
      : []),
    ...((file === undefined) === (url === undefined) ? ['name a lab by --url, or one FILE'] : []),
    ...more.map((one) => `${quote(one)} is not expected here: measure takes one FILE`),
  ]
  if (all.length > 0 || !at.ok) return refuse(terminal, 'measure', all)
  const name = history?.href ?? file ?? ''
  const reader = new HistoryReader({ format: 'jsonl', failedCas: 'fact' })
  const push = (text: string, isLast: boolean) => reader.push(text, isLast)
  try {
    if (history) await fetchLines(history, given.get('token'), terminal.signal, push)
    else await readTextLines(file === '-' ? null : pathOf(name, line), push)
    const observed = observe(reader.finish(), at.value.map(msFromUs))
    terminal.out(`${given.has('json') ? JSON.stringify(observed) : sayObserved(observed)}\n`)
    return 0
  } catch (error) {
    if (error instanceof HistoryMistake) terminal.err(`${error.tell(name)}\n`)
    else if (error instanceof UnreadableFile)
      terminal.err(`Cannot read ${name}: ${error.message}.\n`)
    else throw error
    return 2
  }
}

/** Null where it is no address. */
function historyUrl(url: string): URL | null {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) return null
  return new URL(`${url.replace(/\/+$/, '')}/history`)
}

async function fetchLines(
  url: URL,
  token: string | undefined,
  signal: AbortSignal,
  push: (text: string, isLast: boolean) => void,
): Promise<void> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
  const answer = await fetch(url, { headers, signal }).catch((error: Error) => {
    throw new UnreadableFile(
      `nobody answers (${(error.cause as Error | undefined)?.message ?? error.message})`,
    )
  })
  if (!answer.ok || !answer.body) throw new UnreadableFile(await whyNot(answer))
  let rest = ''
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const text of lines) push(text, false)
  }
  if (rest !== '') push(rest, true)
}

/** A problem says it in a sentence; anything else is no lab. */
async function whyNot(answer: Response): Promise<string> {
  const body: unknown = await answer.json().catch(() => null)
  const detail = (body as { readonly detail?: unknown } | null)?.detail
  return typeof detail === 'string' ? detail.replace(/\.$/, '') : `it answers ${answer.status}`
}
