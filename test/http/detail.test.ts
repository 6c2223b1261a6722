// The cluster with its rows, over HTTP: their shape, their bounds, and the past.

import { expect, test } from 'vitest'
import { clusterInDetail } from '../../src/http/answers-detail.ts'
import { lab } from './lab.ts'

test('rows, keys and a sentence come with the cluster where they are asked for', async () => {
  const { ask, cluster } = lab()
  await ask.post('/write').send({ key: 'long', value: 'x'.repeat(1_000) })
  await ask.post('/write').send({ key: 'user:1', value: 'Jessica' })
  const { body } = await ask.get('/cluster?records=20')
  expect(() => clusterInDetail.parse(body)).not.toThrow()
  expect(body).toMatchObject({
    leader: 0,
    keys: ['user:1', 'long'],
    lastEvent: expect.stringMatching(/^[0-9a-z]+-\d+$/),
    lostWrites: 0,
    sentence: { tone: 'busy', text: expect.stringContaining('Replicas 1 and 2 lag') },
  })
  expect(body.replicas[0].rows[1].value).toBe(`${'x'.repeat(100)}...`)
  expect(body.replicas[1].rows[0]).toEqual({
    version: null,
    value: null,
    freshness: 'missing',
    staleness: { versions: 1, ms: 0 },
    copy: { state: 'in-flight', dueInMs: 200 },
  })
  expect((await ask.get('/cluster?records=1')).body.keys).toEqual(['user:1'])
  expect((await ask.get('/cluster')).body).not.toHaveProperty('keys')
  cluster.hold(0, 1, {})
  cluster.advance({ to: 'idle' })
  const held = (await ask.get('/cluster?records=1')).body
  expect(held.links.map((link: { held: number }) => link.held)).toEqual([2, 0])
})

test.each(['0', '51', 'all', ''])('records=%s is refused', async (records) => {
  const answer = await lab().ask.get(`/cluster?records=${records}`)
  expect(answer.status).toBe(400)
  expect(answer.body.detail).toContain('must be a whole number from 1 to 50')
})

test('the past has its rows as well, and names its last event', async () => {
  const { ask } = lab()
  await ask.post('/write').send({ key: 'user:1', value: 'Jessica' })
  const { body: before } = await ask.get('/cluster?records=5')
  await ask.post('/clock/advance').send({ to: 'idle' })
  const { body: after } = await ask.get(`/cluster?records=5&event=${before.lastEvent}`)
  expect(after).toEqual(before)
})
