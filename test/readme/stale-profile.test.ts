// The README's example of an integration test, run as it stands there.

import request from 'supertest'
import { expect, test } from 'vitest'
import { createApp, createCluster } from '../../src/index.ts'

type Store = ReturnType<typeof request>

/** The code under test: it reads from a follower, to spare the leader. */
async function nameOf(store: Store, user: string): Promise<string> {
  const answer = await store.get('/follower-read').query({ key: user, replica: 1 })
  return answer.status === 404 ? 'nobody' : answer.body.value
}

test('a new name is not shown before the follower has it', async () => {
  const cluster = createCluster({ followers: 2 })
  const store = request(createApp({ cluster }))

  const written = await store.post('/write').send({ key: 'user:1', value: 'Jessica' })
  // Time stands still, so this is stale on every machine, on every run.
  expect(await nameOf(store, 'user:1')).toBe('nobody')

  const { version } = written.body
  await store.post('/clock/advance').send({ until: { replica: 1, version } })
  expect(await nameOf(store, 'user:1')).toBe('Jessica')
})
