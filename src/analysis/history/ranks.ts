// Versions as numbers that sort as they do.

/** A rank is epoch and offset in one number, exact for a million epochs and eight billion offsets. */
export const EPOCH_RANKS = 8_589_934_592
const EPOCHS_MAX = 1_000_000

/** Undefined for what is no version, and beyond what a rank holds exactly. */
export function rankOfText(text: string): number | undefined {
  const dot = text.indexOf('.')
  const epoch = dot === -1 ? 0 : digitsOf(text, 0, dot)
  const offset = digitsOf(text, dot + 1, text.length)
  if (offset < 0 || epoch < 0 || (dot !== -1 && epoch === 0)) return undefined
  return epoch < EPOCHS_MAX && offset < EPOCH_RANKS ? epoch * EPOCH_RANKS + offset : undefined
}

/** No object for each of millions of versions; -1 for what is no number, or has more than 15 digits. */
function digitsOf(text: string, from: number, to: number): number {
  if (to === from || to - from > 15) return -1
  let number = 0
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return -1
    number = number * 10 + digit
  }
  return number
}
