// A witness as a picture: a row for each operation, from its call to its return, and the faults meanwhile. Instants
// stand at even distances, in their order, for what matters is which comes first. For terminals, and as SVG.

import { escapeActing, sayText } from '../../core/text/say.ts'
import type { History, Operation } from '../history/operation.ts'
import { sayInstant } from './verdict.ts'

const FAULTS_MAX = 5
/** Columns of a terminal from instant to instant. */
const STEP_MIN = 3
const STEP_MAX = 12
const COLUMNS = 72
const NAME_MAX = 16

interface Bar {
  readonly name: string
  readonly label: string
  readonly from: number
  /** Null where it has no end. */
  readonly to: number | null
  readonly isFault: boolean
}

interface Layout {
  readonly bars: readonly Bar[]
  /** What is written above each place. */
  readonly instants: readonly string[]
}

function layout(history: History, witness: readonly Operation[]): Layout {
  const first = Math.min(...witness.map(({ calledMs }) => calledMs))
  const last = Math.max(...witness.map(({ calledMs, returnedMs }) => returnedMs ?? calledMs))
  const faults = history.faults.filter(({ atMs }) => atMs >= first && atMs <= last)
  const shown = faults.slice(0, FAULTS_MAX)
  const times = [
    ...witness.flatMap(({ calledMs, returnedMs }) => [calledMs, returnedMs ?? last]),
    ...shown.map(({ atMs }) => atMs),
  ]
  const instants = [...new Set(times)].sort((a, b) => a - b)
  const place = (ms: number) => instants.indexOf(ms)
  const clients = [...new Set(witness.map(({ client }) => client))]
  const rows = clients.flatMap((client) => witness.filter((one) => one.client === client))
  return {
    bars: [
      ...rows.map((one) => ({
        name: sayText(one.client),
        label: labelOf(one),
        from: place(one.calledMs),
        to: one.returnedMs === null ? null : place(one.returnedMs),
        isFault: false,
      })),
      ...shown.map(({ atMs, text }) => ({
        name: 'fault',
        label: escapeActing(text),
        from: place(atMs),
        to: place(atMs),
        isFault: true,
      })),
    ],
    instants: instants.map((ms) => sayInstant(history, ms)),
  }
}

function labelOf({ kind, key, value, from, version, replica }: Operation): string {
  const say = (text: string | null | undefined) => (text == null ? 'nothing' : sayText(text))
  const what =
    kind === 'cas' ? `${say(from)} to ${say(value)}` : kind === 'delete' ? '' : say(value)
  const facts = [version, replica === undefined ? undefined : `replica ${replica}`]
  const said = facts.filter((fact) => fact !== undefined).join(', ')
  return `${kind} ${key === '' ? '' : sayText(key)} ${what}${said === '' ? '' : ` (${said})`}`.replace(
    / +/g,
    ' ',
  )
}

/** Lines for a terminal. */
export function drawWitness(history: History, witness: readonly Operation[]): string[] {
  if (witness.length === 0) return []
  const { bars, instants } = layout(history, witness)
  const widest = Math.max(...instants.map((said) => said.length)) + 1
  const room = Math.floor(COLUMNS / Math.max(1, instants.length))
  const step = Math.max(STEP_MIN, Math.min(STEP_MAX, widest, room))
  const nameWidth = Math.min(NAME_MAX, Math.max(...bars.map(({ name }) => name.length)))
  const width = (instants.length - 1) * step + 3
  // Where not every instant has room, the first and the last are enough.
  const isCrowded = step < widest
  let axis = ''
  for (const [i, said] of instants.entries()) {
    const isLast = i === instants.length - 1
    if (!isCrowded || i === 0 || (isLast && axis.length < i * step))
      axis = axis.padEnd(i * step) + said
  }
  const lines = bars.map(({ name, label, from, to, isFault }) => {
    const end = to ?? instants.length - 1
    const length = (end - from) * step
    const ended = to === null ? '╌?' : '┤'
    const bar = isFault ? '×' : `├${'─'.repeat(Math.max(0, length - 1))}${ended}`
    const head = name.slice(0, nameWidth).padEnd(nameWidth)
    return `${head}  ${(' '.repeat(from * step) + bar).padEnd(width)}  ${label}`
  })
  return [`${' '.repeat(nameWidth)}  ${axis}`, ...lines]
}

const SVG = { left: 120, step: 90, row: 44, top: 46, bar: 18 }

/** A file of its own: no script, no font, readable on light and dark. */
export function drawWitnessSvg(
  history: History,
  witness: readonly Operation[],
  title: string,
): string {
  const { bars, instants } = layout(history, witness)
  const x = (place: number) => SVG.left + place * SVG.step
  const longest = Math.max(0, ...bars.map(({ from, label }) => x(from) + label.length * 7 + 10))
  const width = Math.max(x(instants.length), longest, title.length * 7 + 20)
  const height = SVG.top + bars.length * SVG.row + 20
  const axis = instants.map(
    (said, i) =>
      `<line x1="${x(i)}" y1="${SVG.top - 8}" x2="${x(i)}" y2="${height - 10}" stroke="#8884"/>` +
      `<text x="${x(i)}" y="${SVG.top - 12}" text-anchor="middle">${xml(said)}</text>`,
  )
  const rows = bars.map(({ name, label, from, to, isFault }, i) => {
    const y = SVG.top + i * SVG.row
    const span = Math.max(4, x(to ?? instants.length - 1) - x(from))
    const open = to === null ? ' stroke-dasharray="4 3"' : ''
    const shape = isFault
      ? `<text x="${x(from)}" y="${y + 15}" text-anchor="middle" fill="#c33">✕</text>`
      : `<rect x="${x(from)}" y="${y}" width="${span}" height="${SVG.bar}" rx="4" fill="#48c6" stroke="#48c"${open}/>`
    return (
      `<text x="10" y="${y + 14}" font-weight="bold">${xml(name)}</text>${shape}` +
      `<text x="${x(from)}" y="${y + SVG.bar + 14}">${xml(label)}</text>`
    )
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#888">`,
    `<title>${xml(title)}</title>`,
    `<text x="10" y="16" font-size="14">${xml(title)}</text>`,
    ...axis,
    ...rows,
    '</svg>',
    '',
  ].join('\n')
}

function xml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)
}
