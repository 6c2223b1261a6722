// The README's example of a test whose program speaks HTTP itself, run as it stands there.

import { expect, onTestFinished, test } from 'vitest'
import { startLab } from '../../src/index.ts'

test('the profile is stale for as long as the follower is held back', async () => {
  const lab = await startLab({ followers: 1 })
  onTestFinished(() => lab.close())
  const profile = `${lab.url}/follower-read?key=user:1&replica=1`

  lab.cluster.hold(0, 1, {})
  lab.cluster.write({ key: 'user:1', value: 'Jessica' }, () => {})
  lab.cluster.advance({ to: 'idle' })
  expect((await fetch(profile)).status).toBe(404)

  lab.cluster.release(0, 1)
  expect((await fetch(profile)).status).toBe(200)
})
