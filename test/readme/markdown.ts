// Cuts the README into fenced blocks, tables and what stands between them, and puts it together again
// without changing a character. An HTML comment above a block, which no reader sees, says how it is
// checked; document.test.ts knows what the comments mean.

export interface Piece {
  /** `table`: lines that begin with a bar. */
  readonly kind: 'text' | 'heading' | 'fence' | 'table'
  /** A fence's language. */
  readonly language: string
  /** Without the lines of the fence itself. */
  readonly body: string
  /** What the comments directly above say. */
  readonly notes: readonly string[]
  /** From 1. */
  readonly line: number
}

export function cut(markdown: string): Piece[] {
  const lines = markdown.split('\n')
  const pieces: Piece[] = []
  let notes: string[] = []
  let at = 0
  while (at < lines.length) {
    const piece = takePiece(lines, at)
    const note = /^<!-- (.*) -->$/.exec(lines[at] ?? '')
    pieces.push({ ...piece, notes, line: at + 1 })
    at += lengthOf(piece)
    if (note) notes = [...notes, note[1] as string]
    else if (piece.body !== '') notes = []
  }
  return pieces
}

export function join(pieces: readonly Piece[]): string {
  return pieces
    .map(({ kind, language, body }) =>
      kind === 'fence' ? `\`\`\`${language}\n${body}${body && '\n'}\`\`\`` : body,
    )
    .join('\n')
}

type Bare = Pick<Piece, 'kind' | 'language' | 'body'>

function takePiece(lines: readonly string[], at: number): Bare {
  const line = lines[at] ?? ''
  const fence = /^```(\w*)$/.exec(line)
  if (fence) {
    const end = lines.indexOf('```', at + 1)
    if (end < 0) throw new Error(`the block that begins in line ${at + 1} has no end`)
    const body = lines.slice(at + 1, end).join('\n')
    return { kind: 'fence', language: fence[1] as string, body }
  }
  if (line.startsWith('|')) {
    let end = at
    while (lines[end]?.startsWith('|')) end++
    return { kind: 'table', language: '', body: lines.slice(at, end).join('\n') }
  }
  return { kind: line.startsWith('#') ? 'heading' : 'text', language: '', body: line }
}

function lengthOf({ kind, body }: Bare): number {
  const lines = body.split('\n').length
  if (kind !== 'fence') return lines
  return body === '' ? 2 : lines + 2
}
