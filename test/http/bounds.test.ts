// The table of hazards, row 29: memory does not grow without end, and says so; and the numbers that tell.

import { describe, expect, test } from 'vitest'
import { lab } from './lab.ts'

const put = (key: string) => ({ key, value: 'x' })

describe('row 29: bounds', () => {
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
      'writes_total{kind="plain",end="acknowledged"} 1',
      'reads_total{kind="read",staleness="fresh"} 1',
      'reads_failed_total{kind="follower-read",code="key-not-found"} 1',
      'copies_total{fate="sent"} 2',
      'repairs_total{role="follower"} 2',
      'faults_total{fault="cut"} 1',
      'faults_total{fault="pause"} 1',
      'problems_total{code="key-not-found"} 1',
      'lag_versions{replica="1",role="follower"} 1',
      'keys{replica="0",role="leader"} 1',
      'clock_rate 0',
      'epoch 1',
    ]) {
      expect(text).toContain(`replication_lab_${line}\n`)
    }
    expect(text).not.toContain('secret')
  })

  test('counts failovers, and stale reads', async () => {
    const { ask, cluster } = lab()
    await ask.post('/write').send(put('a'))
    cluster.advance({ to: 'idle' })
    await ask.post('/write').send(put('a'))
    await ask.get('/follower-read?key=a&replica=1')
    await ask.post('/failover')
    const { text } = await ask.get('/metrics')
    expect(text).toContain('reads_total{kind="follower-read",staleness="stale"} 1')
    expect(text).toContain('failovers_total{reason="asked"} 1')
  })

  test('two apps do not add up', async () => {
    const [one, other] = [lab(), lab()]
    await one.ask.post('/write').send(put('a'))
    expect((await other.ask.get('/metrics')).text).not.toContain('writes_total{')
  })
})
