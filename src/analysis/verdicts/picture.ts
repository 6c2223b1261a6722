// A witness as a picture: a row for each operation, from its call to its return, and the faults meanwhile. Instants
// stand at even distances, in their order, for what matters is which comes first. For terminals, and as SVG.

import { escapeActing, sayText } from '../../core/text/say.ts'
import type { FaultNote, History, Operation } from '../history/operation.ts'
import { sayInstant } from './verdict.ts'

const FAULTS_MAX = 5
/** Of those that came before: what they did may last. */
const FAULTS_BEFORE_MAX = 2
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
  readonly is: 'read' | 'write' | 'fault'
}

interface Layout {
  readonly bars: readonly Bar[]
  /** What is written above each place; nothing where the instant is that of the place before. */
  readonly instants: readonly string[]
}

interface Point {
  readonly ms: number
  /** What shares an instant is told apart by the lab's events. */
  readonly event: number
}

function layout(history: History, witness: readonly Operation[]): Layout {
  const called = witness.map(({ calledMs: ms, calledEvent: event = 0 }): Point => ({ ms, event }))
  const returned = witness.map(({ returnedMs: ms, returnedEvent: event = 0 }): Point | null =>
    ms === null ? null : { ms, event },
  )
  const ends = returned.filter((point) => point !== null)
  const times = [...called, ...ends].map(({ ms }) => ms)
  const { shown, more } = faultsIn(history, Math.min(...times), Math.max(...times))
  const points = [...called, ...ends, ...shown.map(pointOf)]
    .sort((a, b) => a.ms - b.ms || a.event - b.event)
    .filter((point, i, all) => i === 0 || !isSame(point, all[i - 1] as Point))
  const place = (point: Point) => points.findIndex((one) => isSame(one, point))
  const clients = [...new Set(witness.map(({ client }) => client))]
  const operations = witness.map((one, i): Bar & { readonly client: string } => {
    const end = returned[i] ?? null
    return {
      client: one.client,
      name: sayText(one.client),
      label: labelOf(one),
      from: place(called[i] as Point),
      to: end && place(end),
      is: one.kind === 'read' ? 'read' : 'write',
    }
  })
  return {
    bars: [
      ...clients.flatMap((client) => operations.filter((one) => one.client === client)),
      ...shown.map((fault, i): Bar => {
        const at = place(pointOf(fault))
        const others = i === shown.length - 1 && more > 0 ? `, and ${more} more` : ''
        const label = escapeActing(fault.text) + others
        return { name: 'fault', label, from: at, to: at, is: 'fault' }
      }),
    ],
    instants: points.map(({ ms }, i) => (points[i - 1]?.ms === ms ? '' : sayInstant(history, ms))),
  }
}

function pointOf({ atMs: ms, event = 0 }: FaultNote): Point {
  return { ms, event }
}

function isSame(a: Point, b: Point): boolean {
  return a.ms === b.ms && a.event === b.event
}

/** Those meanwhile, and the last ones before. */
function faultsIn({ faults }: History, first: number, last: number) {
  const before = faults.filter(({ atMs }) => atMs < first).slice(-FAULTS_BEFORE_MAX)
  const meanwhile = faults.filter(({ atMs }) => atMs >= first && atMs <= last)
  const shown = [...before, ...meanwhile.slice(0, FAULTS_MAX - before.length)]
  return { shown, more: before.length + meanwhile.length - shown.length }
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
  let axis = ''
  for (const [i, said] of instants.entries()) {
    // Where there is no room, the instants around it are enough.
    if (said !== '' && (i === 0 || axis.length < i * step)) axis = axis.padEnd(i * step) + said
  }
  const lines = bars.map(({ name, label, from, to, is }) => {
    const end = to ?? instants.length - 1
    const length = (end - from) * step
    const ended = to === null ? '╌?' : '┤'
    const bar = is === 'fault' ? '×' : `├${'─'.repeat(Math.max(0, length - 1))}${ended}`
    const head = name.slice(0, nameWidth).padEnd(nameWidth)
    return `${head}  ${(' '.repeat(from * step) + bar).padEnd(width)}  ${label}`
  })
  return [`${' '.repeat(nameWidth)}  ${axis}`, ...lines]
}

const SVG = { left: 20, step: 90, row: 44, bar: 18, titleWidth: 640, titleLine: 18 }
const COLOURS = { read: '#b0600a', write: '#2b6cb0', fault: '#c22' } as const

/** A file of its own: no script, no font, and a ground of its own, so that it can be read wherever it is shown. */
export function drawWitnessSvg(
  history: History,
  witness: readonly Operation[],
  title: string,
): string {
  const { bars, instants } = layout(history, witness)
  const step = Math.max(SVG.step, ...instants.map((said) => widthOf(said) + 12))
  const left = SVG.left + Math.max(...bars.map(({ name }) => widthOf(name))) + step / 2
  const x = (place: number) => left + place * step
  const ends = bars.map(({ from, label }) => x(from) + widthOf(label) + 10)
  const width = Math.max(x(instants.length - 1) + step / 2, SVG.titleWidth, ...ends)
  const titles = wrap(title, width - 20)
  const top = titles.length * SVG.titleLine + 40
  const height = top + bars.length * SVG.row + 10
  const axis = instants.map(
    (said, i) =>
      `<line x1="${x(i)}" y1="${top - 10}" x2="${x(i)}" y2="${height - 10}" stroke="#ddd"/>` +
      `<text x="${x(i)}" y="${top - 16}" text-anchor="middle" fill="#555">${xml(said)}</text>`,
  )
  const rows = bars.map(({ name, label, from, to, is }, i) => {
    const y = top + i * SVG.row
    const span = Math.max(4, x(to ?? instants.length - 1) - x(from))
    const colour = COLOURS[is]
    const open = to === null ? ' stroke-dasharray="4 3"' : ''
    const shape =
      is === 'fault'
        ? `<text x="${x(from)}" y="${y + 15}" text-anchor="middle" fill="${colour}">✕</text>`
        : `<rect x="${x(from)}" y="${y}" width="${span}" height="${SVG.bar}" rx="4" fill="${colour}" fill-opacity=".3" stroke="${colour}"${open}/>`
    return (
      `<text x="10" y="${y + 14}" font-weight="bold">${xml(name)}</text>${shape}` +
      `<text x="${x(from)}" y="${y + SVG.bar + 14}">${xml(label)}</text>`
    )
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<title>${xml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...titles.map(
      (line, i) => `<text x="10" y="${(i + 1) * SVG.titleLine}" font-size="14">${xml(line)}</text>`,
    ),
    ...axis,
    ...rows,
    '</svg>',
    '',
  ].join('\n')
}

/** About, in pixels: no font is known here. */
function widthOf(text: string): number {
  let width = 0
  for (const char of text) width += (char.codePointAt(0) ?? 0) > 0x2e7f ? 13 : 7
  return width
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`
    // A title is larger than other text.
    if (lines.length > 0 && widthOf(longer) * (14 / 12) <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

function xml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)
}
