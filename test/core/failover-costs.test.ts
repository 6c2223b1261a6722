// What a failover cost: told when asked, by the writes that the observer remembers.

import { describe, expect, test } from 'vitest'
import { testCluster } from '../tools/cluster.ts'

describe('the cost of a failover', () => {
  test('counts the work lost from the first lost write to itself', () => {
    const { cluster } = testCluster()
    for (const follower of [1, 2]) cluster.cut(0, follower, {})
    cluster.write({ key: 'k', value: 'lost' }, () => {})
    cluster.advance({ us: 5_000_000 })
    cluster.crash(0, {})
    cluster.failover({})
    expect(cluster.failovers()).toMatchObject([{ lost: [{}], lostWorkUs: 5_000_000 }])
  })

  test('tells an unacknowledged write that a repair saved as a survivor, once', () => {
    const { cluster } = testCluster()
    for (const follower of [1, 2]) cluster.hold(0, follower, {})
    cluster.writeWithQuorum({ key: 'k', value: 'v', w: 2, timeoutUs: 1_000 }, () => {})
    cluster.advance({ us: 5_000 })
    cluster.readWithRepair({ key: 'k' }, () => {})
    cluster.crash(0, {})
    cluster.failover({})
    cluster.advance({ us: 1_000_000 })
    cluster.failover({})
    expect(cluster.failovers().map(({ survived }) => survived.length)).toEqual([1, 0])
  })
})
