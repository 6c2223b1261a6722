// Every checker agrees with its twin, which tries all orders.

import { describe, test } from 'vitest'
import { times } from '../../tools/pinned.ts'
import { TWINS, tryTwin } from './twins.ts'

const RUNS = times(300)

describe('a checker agrees with the definition on small random histories', () => {
  test.each(TWINS.map((twin) => [twin.claim, twin] as const))('%s', (_, twin) => {
    tryTwin(twin, RUNS, 1)
  })
})
