// What a read says of the copy it lacks must come true: if nothing else happens, the record can be read at
// that replica at the instant that was told, and not before.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { msFromUs } from '../../src/core/units.ts'
import { testCluster } from '../tools/cluster.ts'
import { pinned } from '../tools/pinned.ts'

const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ write: fc.constantFrom('a', 'b', 'c') }) },
  { weight: 3, arbitrary: fc.record({ advance: fc.nat(150) }) },
  { weight: 1, arbitrary: fc.record({ slow: fc.constantFrom('20ms', '150ms', '400ms') }) },
  { weight: 1, arbitrary: fc.record({ lose: fc.constantFrom(0, 1) }) },
  { weight: 1, arbitrary: fc.constant({ crash: true }) },
)

test('a promised landing comes true to the microsecond', () => {
  let promises = 0
  fc.assert(
    fc.property(fc.array(action, { minLength: 5, maxLength: 30 }), (actions) => {
      const lab = testCluster({ followers: 1 })
      actions.forEach((one, i) => {
        if ('write' in one) lab.write(one.write, `${i}`)
        else if ('advance' in one) lab.advance(one.advance)
        else if ('slow' in one) lab.link(0, 1, { latency: one.slow })
        else if ('lose' in one) lab.link(0, 1, { lossRatio: one.lose })
        else {
          lab.crash(1, { keepData: true })
          lab.restart(1)
        }
      })
      lab.link(0, 1, { lossRatio: 0 })
      const newest = lab.cluster.inspect().observer.newest('a')
      const answer = lab.followerRead('a', 1)
      if (!newest || answer.said === newest.value) return
      const { dueInMs } = (
        answer.said === 'key-not-found'
          ? answer.problem.facts.copy
          : { dueInMs: landing(answer.value.copy.landsUs, lab.cluster.nowUs) }
      ) as { dueInMs: number | null }
      if (dueInMs === null) return
      promises++
      lab.advance(Math.max(0, dueInMs - 0.001))
      expect(lab.followerRead('a', 1).said).not.toBe(newest.value)
      lab.advance(0.001)
      expect(lab.followerRead('a', 1).said).toBe(newest.value)
    }),
    pinned(300),
  )
  expect(promises).toBeGreaterThan(20)
})

function landing(landsUs: number | null, nowUs: number): number | null {
  return landsUs === null ? null : msFromUs(landsUs - nowUs)
}
