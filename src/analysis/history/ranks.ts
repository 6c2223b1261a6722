// Versions as numbers that sort as they do.

import { parseAnyVersion } from './operation.ts'

/** A rank is epoch and offset in one number, exact for a million epochs and eight billion offsets. */
export const EPOCH_RANKS = 8_589_934_592
const EPOCHS_MAX = 1_000_000

/** Undefined for what is no version, and beyond what a rank holds exactly. */
export function rankOfText(text: string): number | undefined {
  const version = text === '' ? undefined : parseAnyVersion(text)
  if (!version) return undefined
  const { epoch, offset } = version
  return epoch < EPOCHS_MAX && offset < EPOCH_RANKS ? epoch * EPOCH_RANKS + offset : undefined
}
