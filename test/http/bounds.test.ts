// Memory does not grow without end, and says so; and the numbers that tell.

import { describe, expect, test } from 'vitest'
import { API } from '../../src/core/nodes.ts'
import { lab } from './lab.ts'

const put = (key: string) => ({ key, value: 'x' })

describe('bounds', () => {
  test('keys over the bound are refused, those that are there can be written', async () => {
    const { ask } = lab({ cluster: { keysMax: 1 } })
    await ask.post('/write').send(put('a'))
    const answer = await ask.post('/write').send(put('b'))
    expect(answer.body).toMatchObject({
      status: 507,
      code: 'too-many-keys',
      outcome: 'not-applied',
    })
    expect((await ask.post('/write').send(put('a'))).status).toBe(200)
  })

  test('copies over the bound are refused for now', async () => {
    const { ask } = lab({ cluster: { messagesMax: 2 } })
    await ask.post('/write').send(put('a'))
    const answer = await ask.post('/write').send(put('b'))
    expect(answer.body).toMatchObject({ status: 429, code: 'too-many-messages' })
    expect(answer.headers['retry-after']).toBe('1')
  })

  test('waiting requests over the bound are refused for now', async () => {
    const { ask, cluster } = lab({ cluster: { waitingMax: 1 } })
    cluster.writeWithQuorum({ ...put('a'), w: 3 }, () => undefined)
    const answer = await ask.post('/write-with-quorum').send({ ...put('b'), w: 3 })
    expect(answer.body).toMatchObject({ status: 429, code: 'too-many-waiting' })
    expect(answer.headers['retry-after']).toBe('1')
  })
})

describe('GET /metrics', () => {
  test('counts what happens, by closed sets of labels', async () => {
    const { ask } = lab()
    await ask.post('/write').send(put('a secret key'))
    await ask.get('/read?key=a secret key')
    await ask.get('/follower-read?key=a secret key&replica=1')
    await ask.get('/read-with-repair?key=a secret key')
    await ask.post('/links/0/1/cut')
    await ask.post('/replicas/2/pause')
    const { text, type } = await ask.get('/metrics')
    expect(type).toBe('text/plain')
    for (const line of [
      'writes_total{lab="root",kind="plain",end="acknowledged"} 1',
      'reads_total{lab="root",kind="read",staleness="fresh"} 1',
      'reads_failed_total{lab="root",kind="follower-read",code="key-not-found"} 1',
      'copies_total{lab="root",fate="sent"} 2',
      'repairs_total{lab="root",role="follower"} 2',
      'faults_total{lab="root",fault="cut"} 1',
      'faults_total{lab="root",fault="pause"} 1',
      'problems_total{lab="root",code="key-not-found"} 1',
      'lag_versions{lab="root",replica="1",role="follower"} 1',
      'keys{lab="root",replica="0",role="leader"} 1',
      'clock_rate{lab="root"} 0',
      'epoch{lab="root"} 1',
    ]) {
      expect(text).toContain(`replication_lab_${line}\n`)
    }
    expect(text).not.toContain('secret')
  })

  test('counts a setting of a link as a fault, but not its return to the default', async () => {
    const { ask, cluster } = lab()
    await ask.put('/links/0/1').send({ latency: '1s' })
    await ask.put('/links/0/1').send({ lossRatio: 0.5, latency: null })
    await ask.put('/links/0/1').send({ duplicateRatio: 0.5, lossRatio: 0, forMs: 10 })
    cluster.advance({ us: 20_000 })
    await ask.put('/links/0/1').send({ latency: null, lossRatio: 0, duplicateRatio: 0 })
    const { text } = await ask.get('/metrics')
    expect(text).toContain('faults_total{lab="root",fault="set"} 3\n')
  })

  test('measures writes and reads in simulated time, and requests in real time', async () => {
    const { ask, cluster } = lab()
    await ask.post('/write').send(put('a'))
    cluster.writeWithQuorum({ ...put('a'), w: 2 }, () => undefined)
    cluster.setLink(API, 1, { latency: '400ms' })
    cluster.followerRead({ key: 'a', replica: 1 }, () => undefined)
    cluster.advance({ to: 'idle' })
    await ask.get('/read?key=a')
    await ask.get('/read?key=b')
    const { text } = await ask.get('/metrics')
    for (const line of [
      'write_seconds_bucket{lab="root",kind="plain",le="0.001"} 1',
      'write_seconds_bucket{lab="root",kind="quorum",le="0.1"} 0',
      'write_seconds_bucket{lab="root",kind="quorum",le="0.2"} 1',
      'write_seconds_sum{lab="root",kind="quorum"} 0.2',
      'read_seconds_bucket{lab="root",kind="follower-read",le="0.3"} 0',
      'read_seconds_bucket{lab="root",kind="follower-read",le="0.5"} 1',
      'read_seconds_count{lab="root",kind="follower-read"} 1',
      'request_seconds_count{lab="root",method="GET",route="/read",status="200"} 1',
      'request_seconds_bucket{lab="root",method="GET",route="/read",status="404",le="+Inf"} 1',
    ]) {
      expect(text).toContain(`replication_lab_${line}\n`)
    }
    expect(text).toContain('# TYPE replication_lab_request_seconds histogram\n')
  })

  test('counts failovers, and stale reads', async () => {
    const { ask, cluster } = lab()
    await ask.post('/write').send(put('a'))
    cluster.advance({ to: 'idle' })
    await ask.post('/write').send(put('a'))
    await ask.get('/follower-read?key=a&replica=1')
    await ask.post('/failover')
    const { text } = await ask.get('/metrics')
    expect(text).toContain('reads_total{lab="root",kind="follower-read",staleness="stale"} 1')
    expect(text).toContain('failovers_total{lab="root",reason="asked"} 1')
  })

  test('two apps do not add up', async () => {
    const [one, other] = [lab(), lab()]
    await one.ask.post('/write').send(put('a'))
    expect((await other.ask.get('/metrics')).text).not.toContain('writes_total{lab="root",')
  })
})
