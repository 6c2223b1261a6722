// The options table as people read it: --help, 80 columns wide.

import { FLAGS, type Flag, GROUPS, type OptionRow, SWITCHES, TABLE } from './table.ts'

const COLUMNS = 80
/** Where the second column begins. */
const INDENT = 33

export function renderHelp(): string {
  return [
    'Usage: replication-lab [serve] [options]    or in its folder: npm start -- ...',
    '       replication-lab wait            waits until a server is ready',
    '       replication-lab run FILE        runs a scenario; run --help says how',
    '       replication-lab check FILE      judges a history; check --help says how',
    '       replication-lab predict, recommend   forecast staleness; --help says how',
    '       replication-lab measure --url URL   the same of what happened',
    '       replication-lab compare FILE --with KNOB   what one change does',
    '       replication-lab shrink FILE     a smaller scenario that fails',
    '',
    ...wrap(
      'A leader, its followers and the time between them: replication lag you can see, hold and ' +
        'prove your code against.',
      0,
    ),
    ...GROUPS.flatMap((group) => ['', group, ...rowsOf(group).flatMap(helpLines)]),
    '',
    'Help',
    ...Object.entries(SWITCHES).map(([name, { short, help }]) =>
      `  --${name}, -${short}`.padEnd(INDENT).concat(help),
    ),
    '',
    ...wrap(
      'TIME is written 250us, 200ms, 1.5s or 2m. Each option has a twin in the environment, ' +
        'which a flag overrules: --wal-fsync is REPLICATION_LAB_WAL_FSYNC. A bare PORT or HOST ' +
        'counts too, last.',
      0,
    ),
    '',
    'Examples',
    '  npm start -- --followers 4 --clock manual',
    "  npm start -- --latency 'replicate=exponential(50ms)' --seed 7",
    '  npm start -- --latency replicate=10ms,2s --latency acknowledge=5ms',
    '  npm start -- run src/scenario/stories/too-early-read.scenario',
    '',
  ].join('\n')
}

function rowsOf(group: (typeof GROUPS)[number]): Flag[] {
  return FLAGS.filter((flag) => TABLE[flag].group === group)
}

function helpLines(flag: Flag): string[] {
  const { placeholder, help, shown }: OptionRow<unknown> = TABLE[flag]
  const left = `  --${flag} ${placeholder}`
  const right = wrap(`${help} [${shown}]`, INDENT)
  if (left.length > INDENT - 2) return [left, ...right]
  return [left + (right[0] ?? '').slice(left.length), ...right.slice(1)]
}

/** Fills lines up to the last column, each indented by so many spaces. */
function wrap(text: string, indent: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > COLUMNS) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? word : ` ${word}`
  }
  lines.push(line)
  return lines.map((filled) => ' '.repeat(indent) + filled)
}
