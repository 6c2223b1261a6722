// The library's face: what a test of another program gets without saying much, and what it is told when it
// says something wrong. That the package can be imported at all is test/readme/package.test.ts's affair.

import request from 'supertest'
import { describe, expect, test } from 'vitest'
import { type ClusterSettings, createCluster } from '../../src/index.ts'
import { createApp } from '../../src/lab/http.ts'

describe('createCluster', () => {
  test('without settings, time stands still and nothing is left to chance', () => {
    const cluster = createCluster()
    expect(cluster.view()).toMatchObject({
      seed: 1,
      leader: 0,
      clock: { mode: 'manual', rate: 1, nowUs: 0 },
      replicas: [{ id: 0 }, { id: 1 }, { id: 2 }],
    })
    expect(cluster.startTimeMs).toBe(0)
  })

  test('takes the options of the command line by their names', () => {
    const cluster = createCluster({
      followers: 1,
      latency: 'replicate=50ms;acknowledge=5ms',
      seed: 7,
      quorumTimeout: '500ms',
      autoFailover: 'off',
      maxKeys: 3,
      startTime: new Date('2025-06-14T16:06:47Z'),
    })
    expect(cluster.options).toMatchObject({
      followers: 1,
      seed: 7,
      latency: { replicate: [{ kind: 'constant', us: 50_000 }] },
      quorumTimeoutUs: 500_000,
      autoFailoverUs: null,
      keysMax: 3,
      startTimeMs: Date.UTC(2025, 5, 14, 16, 6, 47),
    })
  })

  test.each<[object, string]>([
    [{ folowers: 2 }, 'there is no setting folowers'],
    [{ port: 8080 }, 'there is no setting port'],
    [{ 'max-keys': 3 }, 'there is no setting max-keys'],
    [{ followers: 0 }, 'followers: must be a whole number from 1 to 100, not "0"'],
    [{ seed: -1 }, 'seed: must be a whole number from 0 to 4294967295, not "-1"'],
    [{ quorumTimeout: '2' }, 'quorumTimeout: must be a duration'],
    [{ clock: 'manual', rate: 2 }, 'rate needs clock real'],
    [{ startTime: new Date('soon') }, 'startTime: must be a valid Date'],
  ])('refuses %o in words', (settings, words) => {
    expect(() => createCluster(settings as ClusterSettings)).toThrow(words)
  })

  test('with an instant clock nobody waits', async () => {
    const store = request(createApp({ cluster: createCluster({ clock: 'instant' }) }))
    const answer = await store.post('/write-with-quorum').send({ key: 'a', value: 'b', w: 3 })
    expect(answer.body).toMatchObject({ w: 3, acknowledgedBy: [0, 1, 2] })
  })
})
