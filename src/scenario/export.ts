// A recorded session as the text of a scenario. Time between commands becomes `advance` lines, exact to the
// microsecond; a request that was still waiting when the next command came goes on with `&`. What reads and
// writes were answered is written down as what is expected of them, so that a replay proves itself.

import { BOUNDS } from '../core/bounds.ts'
import type { ClusterOptions } from '../core/options.ts'
import { type Microseconds, sayMs } from '../core/units.ts'
import type { Command } from '../core/verbs/table.ts'
import { writeHeader } from './header.ts'
import { writeDuration } from './readers.ts'
import { formatCommand } from './verbs/table.ts'

export interface SessionEntry {
  readonly command: Command
  readonly atUs: Microseconds
  /** When it was answered; the same instant for whatever is no request. */
  readonly endUs: Microseconds
  /** A request that has no answer yet. */
  readonly isOpen: boolean
  /** It had none when the next command came. */
  readonly goesOn: boolean
  /** What it was answered, as an expectation says it; undefined where there is nothing to expect. */
  readonly answer: string | undefined
}

/**
 * @param options with the time at which it began
 * @param nowUs the present: whatever happened until then is part of the session
 */
export function exportScenario(
  options: ClusterOptions,
  entries: readonly SessionEntry[],
  nowUs: Microseconds,
): string {
  const lines = [
    `# A session of ${sayMs(nowUs)}.`,
    '# To replay it: npm start -- run FILE',
    ...writeHeader(options),
    '',
  ]
  let atUs = 0
  for (const entry of entries) {
    lines.push(...advance(entry.atUs - atUs), ...linesOf(entry))
    // A line that does not go on is over when it is answered.
    atUs = entry.goesOn || entry.isOpen ? entry.atUs : entry.endUs
  }
  lines.push(...advance(nowUs - atUs), '')
  return lines.join('\n')
}

function linesOf({ command, isOpen, goesOn, answer }: SessionEntry): string[] {
  if (isAlwaysRefused(command)) return ['# partition with an empty group: refused']
  const lines = formatCommand(command)
  const last = lines.length - 1
  if (isOpen || goesOn) lines[last] += ' &'
  if (answer !== undefined) lines[last] += ` -> ${answer}`
  return lines
}

/** A group without members has no words; the cluster refuses it, and nothing happens. */
function isAlwaysRefused(command: Command): boolean {
  if (command.verb !== 'partition') return false
  return command.groups.length < 2 || command.groups.some((group) => group.length === 0)
}

/** One line, or several where more time passed than one may move. */
function advance(us: Microseconds): string[] {
  const lines: string[] = []
  let rest = us
  while (rest > 0) {
    const step = Math.min(rest, BOUNDS.advanceUsMax)
    lines.push(`advance ${writeDuration(step)}`)
    rest -= step
  }
  return lines
}
