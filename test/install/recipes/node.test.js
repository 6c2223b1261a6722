// Run by node:test, in a project of its own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withLab } from 'replication-lab'

test(
  'a follower that is held back is stale',
  withLab({ followers: 1 }, async (lab) => {
    const alice = lab.client('alice')
    await lab.hold(0, 1)
    await alice.write('user:1', 'Jessica')
    await lab.advance('idle')
    await assert.rejects(alice.followerRead('user:1', { replica: 1 }), { code: 'key-not-found' })
    await lab.release(0, 1)
    assert.equal((await alice.followerRead('user:1', { replica: 1 })).value, 'Jessica')
    assert.equal((await fetch(`${await lab.listen()}/readyz`)).status, 200)
  }),
)
