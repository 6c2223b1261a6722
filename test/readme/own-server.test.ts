// The README's example of tests over HTTP, run as it stands there.

import request from 'supertest'
import { expect, test } from 'vitest'
import { createCluster, withLab } from '../../src/index.ts'
import { createApp } from '../../src/lab/http.ts'

test(
  'a program that speaks HTTP itself gets a url',
  withLab({ followers: 1 }, async (lab) => {
    const profile = `${await lab.listen()}/follower-read?key=user:1&replica=1`
    await lab.client().write('user:1', 'Jessica')
    expect((await fetch(profile)).status).toBe(404)
    await lab.advance('idle')
    expect((await fetch(profile)).status).toBe(200)
  }),
)

test('supertest takes the routes alone', async () => {
  const store = request(createApp({ cluster: createCluster({ clock: 'instant' }) }))
  const answer = await store.post('/write-with-quorum').send({ key: 'a', value: 'b', w: 3 })
  expect(answer.body.acknowledgedBy).toEqual([0, 1, 2])
})
