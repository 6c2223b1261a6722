// Bounds that take a million steps to reach are lowered for the test that reaches them: what happens there is the
// same, and costs a hundredth.

import { onTestFinished } from 'vitest'
import { BOUNDS } from '../../src/core/bounds.ts'

/** Until the test ends. */
export function lowered(name: keyof typeof BOUNDS, value: number): void {
  const bounds = BOUNDS as Record<keyof typeof BOUNDS, number>
  const before = bounds[name]
  bounds[name] = value
  onTestFinished(() => {
    bounds[name] = before
  })
}
