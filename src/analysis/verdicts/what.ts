// What an operation is, as bits. Neither ok nor failed is unknown.

import type { Operation } from '../history/operation.ts'

export const READ = 1
export const OK = 2
export const FAILED = 4
export const CAS = 8
export const APPEND = 16
export const DELETE = 32
/** Its value is "nothing there". */
export const NOTHING = 64

export function whatIs({ kind, outcome, value }: Operation): number {
  let what = value === null ? NOTHING : 0
  if (kind === 'read') what |= READ
  else if (kind === 'cas') what |= CAS
  else if (kind === 'append') what |= APPEND
  else if (kind === 'delete') what |= DELETE
  if (outcome === 'ok') return what | OK
  return outcome === 'failed' ? what | FAILED : what
}
