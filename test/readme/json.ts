// JSON as the README shows it: as many members on a line as fit, and opened up where one alone does not.

const COLUMNS = 90

/** @param indent of the lines after the first, which begins at column `column` */
export function showJson(value: unknown, indent = '', column = 0): string {
  const flat = flatJson(value)
  if (column + flat.length <= COLUMNS || typeof value !== 'object' || !value) return flat
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const inner = `${indent}  `
  const pieces = Array.isArray(value)
    ? value.map((item) => showJson(item, inner, inner.length))
    : Object.entries(value).map(([name, member]) => {
        const label = `${JSON.stringify(name)}: `
        return label + showJson(member, inner, inner.length + label.length)
      })
  return `${open}\n${fill(pieces, inner)}\n${indent}${close}`
}

function fill(pieces: readonly string[], indent: string): string {
  const lines: string[] = []
  for (const [at, piece] of pieces.entries()) {
    const text = at < pieces.length - 1 ? `${piece},` : piece
    const last = lines.at(-1)
    const fits = last !== undefined && !`${last}${text}`.includes('\n')
    if (fits && last.length + 1 + text.length <= COLUMNS)
      lines[lines.length - 1] = `${last} ${text}`
    else lines.push(indent + text)
  }
  return lines.join('\n')
}

function flatJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flatJson).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}: ${flatJson(member)}`,
  )
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}
