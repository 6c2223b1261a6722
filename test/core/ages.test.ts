// Stories of ages across restarts and overflowing logs: one clock for lag, staleness and lost work, and a sign where
// a number is only a lower bound.

import { expect, test } from 'vitest'
import { testCluster } from '../tools/cluster.ts'

const HOUR_US = 3_600_000_000

/** A cluster whose leader was restored with one record, written so long before (or after) the restart. */
function restored(writtenUs: number) {
  const lab = testCluster({ followers: 1 })
  lab.cut(0, 1)
  const record = { key: 'a', value: 'old', epoch: 1, offset: 1, writtenUs, quorum: false }
  lab.cluster.restore({ leader: 0, epoch: 1, records: [record] })
  lab.advance(HOUR_US / 1_000)
  return lab
}

test.each([
  ['before the restart', -HOUR_US, 2 * HOUR_US],
  ['in the future, which counts from the restart', 1_000 * HOUR_US, HOUR_US],
])('lag and staleness agree on a record dated %s', (_, writtenUs, ageUs) => {
  const lab = restored(writtenUs)
  expect(lab.view(1)).toMatchObject({ lagVersions: 1, lagUs: ageUs })
  const { staleness } = lab.followerRead('a', 1).problem.facts
  expect(staleness).toMatchObject({ versions: 1, ms: ageUs / 1_000 })
})

test('lost work is never negative, whatever the date of the file', () => {
  const lab = restored(1_000 * HOUR_US)
  lab.failover({ to: 1, force: true })
  expect(lab.cluster.failovers()).toMatchObject([{ lost: [{}], lostWorkUs: HOUR_US }])
})

test('lag is marked as a lower bound where the log no longer has the oldest entry that is missed', () => {
  const lab = testCluster({ followers: 1, logEntriesMax: 4 })
  lab.cut(0, 1)
  for (let i = 0; i < 4; i++) lab.write('a', `${i}`)
  lab.advance(3_000)
  expect(lab.view(1)).toMatchObject({ lagUs: 3_000_000 })
  expect(lab.view(1)).not.toHaveProperty('lagAtLeast')
  lab.write('a', 'one too many')
  expect(lab.view(1)).toMatchObject({ lagVersions: 5, lagAtLeast: true })
})

test('a write that was acknowledged only after it was forgotten counts as missed', () => {
  const lab = testCluster({ logEntriesMax: 4 })
  lab.cut(0, 1)
  lab.writeWithQuorum('a', 'missed', { w: 2, timeoutMs: 5_000 })
  for (let i = 0; i < 4; i++) lab.write('pad', `${i}`)
  lab.advance(1_000)
  const { staleness } = lab.followerRead('a', 1).problem.facts
  expect(staleness).toEqual({ versions: 1, ms: 500 })
})
