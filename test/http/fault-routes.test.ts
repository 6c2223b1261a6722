// Faults, leadership and the clock over HTTP: what the routes add to the verbs behind them.

import { describe, expect, test } from 'vitest'
import { lab } from './lab.ts'

describe('faults', () => {
  test('forMs undoes a fault after so much simulated time', async () => {
    const { ask } = lab()
    expect((await ask.post('/replicas/1/pause').send({ forMs: 1.5 })).body.state).toBe('paused')
    await ask.post('/clock/advance').send({ ms: 1.499 })
    expect((await ask.get('/replicas/1')).body.state).toBe('paused')
    await ask.post('/clock/advance').send({ ms: 0.001 })
    expect((await ask.get('/replicas/1')).body.state).toBe('running')
  })

  test.each([0, -1, 0.0001, 1.2345, 1e300, 31_536_000_001, '5', null])(
    'forMs: %j is refused at the door',
    async (forMs) => {
      const answer = await lab().ask.post('/replicas/1/pause').send({ forMs })
      expect(answer.body).toMatchObject({ status: 400, outcome: 'not-applied' })
      expect(answer.body.errors).toMatchObject([{ in: 'body', field: 'forMs' }])
    },
  )

  test('a year of simulated time is taken', async () => {
    const { ask } = lab()
    expect((await ask.post('/replicas/1/pause').send({ forMs: 31_536_000_000 })).status).toBe(200)
    expect((await ask.post('/clock/advance').send({ ms: 31_536_000_000 })).status).toBe(200)
    expect((await ask.get('/replicas/1')).body.state).toBe('running')
  })

  test('a held copy is shown as held, with all that waits on its link', async () => {
    const { ask } = lab()
    await ask.post('/links/0/1/hold').send({ key: 'user:1' })
    await ask.post('/write').send({ key: 'user:1', value: 'Jessica' })
    await ask.post('/clock/advance').send({ ms: 300 })
    const link = await ask.get('/links/0/1')
    expect(link.body).toMatchObject({ from: 0, to: 1, messages: 1 })
    expect(link.body.onTheirWay).toMatchObject([
      { kind: 'copy', state: 'held', record: { key: 'user:1' }, dueMs: 200, dueInMs: 0 },
    ])
    const read = await ask.get('/follower-read?key=user:1&replica=1')
    expect(read.body.copy.state).toBe('held')
    await ask.post('/links/0/1/release')
    expect((await ask.get('/follower-read?key=user:1&replica=1')).status).toBe(200)
  })

  test('hold takes copies or a key, not both', async () => {
    const answer = await lab().ask.post('/links/0/1/hold').send({ copies: 1, key: 'a' })
    expect(answer.status).toBe(400)
    expect(answer.body.detail).toContain('exclude each other')
  })

  test('the server’s own end of a link is called api', async () => {
    const { ask } = lab()
    const cut = await ask.post('/links/api/1/cut')
    expect(cut.body).toMatchObject({ from: 'api', to: 1, state: 'cut' })
    const partition = await ask.post('/partition').send({
      groups: [
        ['api', 0],
        [1, 2],
      ],
    })
    expect(partition.status).toBe(200)
    const { links } = (await ask.post('/heal')).body
    expect(links.every((link: { state: string }) => link.state === 'up')).toBe(true)
  })

  test.each([
    [{}, 'Field "groups" is required'],
    [{ groups: [[0], ['apu']] }, 'Field "groups.1.0" must be a replica\'s number or "api"'],
    [{ groups: [[0], [9]] }, '0 to 2'],
    [{ groups: [0, 1] }, 'Field "groups.0" must be an array'],
  ])('POST /partition %j is refused, and says why', async (body, why) => {
    const answer = await lab().ask.post('/partition').send(body)
    expect(answer.body.detail).toContain(why)
    expect([400, 404]).toContain(answer.status)
  })

  test('a latency that cannot be read is refused in the words of --latency', async () => {
    const { ask } = lab()
    const answer = await ask.put('/links/0/1').send({ latency: '200' })
    expect(answer.body).toMatchObject({ status: 400, code: 'invalid-request' })
    const set = await ask.put('/links/0/1').send({ latency: '50ms', lossRatio: 0.5 })
    expect(set.body).toMatchObject({ latency: '50ms', lossRatio: 0.5 })
    expect((await ask.put('/links/0/1').send({ latency: null })).body.latency).toBe('200ms')
  })
})

describe('records of a replica', () => {
  test('come page by page, in the order of their arrival', async () => {
    const { ask } = lab()
    for (const key of ['c', 'a', 'b']) await ask.post('/write').send({ key, value: key })
    const page = await ask.get('/replicas/0?from=1&limit=1')
    expect(page.body.records).toMatchObject([{ key: 'a' }])
    expect(page.body.page).toEqual({ from: 1, limit: 1, total: 3 })
    expect((await ask.get('/replicas/0')).body.page).toEqual({ from: 0, limit: 100, total: 3 })
    expect((await ask.get('/replicas/0?limit=1001')).body.detail).toContain('1 to 1000')
  })
})

describe('failover', () => {
  test('tells what it cost when asked', async () => {
    const { ask } = lab()
    await ask.post('/write').send({ key: 'user:1', value: 'Jessica' })
    await ask.post('/replicas/0/crash').send({ keepData: true })
    expect((await ask.get('/cluster')).body.leader).toBeNull()
    await ask.post('/clock/advance').send({ ms: 1_000 })
    const failover = await ask.post('/failover')
    expect(failover.body).toEqual({ epoch: 2, from: 0, to: 1 })
    expect((await ask.get('/failovers')).body.failovers).toMatchObject([
      { fromEpoch: 1, epoch: 2, from: 0, to: 1, reason: 'asked', leaderlessMs: 1_000 },
    ])
  })

  test('to a replica that is none is refused with those that are', async () => {
    const answer = await lab().ask.post('/failover').send({ to: 7 })
    expect(answer.body.detail).toContain('0 to 2')
    expect(answer.body.status).toBe(400)
  })
})

describe('the clock', () => {
  test('is set, paused, resumed and advanced', async () => {
    const { ask } = lab()
    expect((await ask.put('/clock').send({ mode: 'real', rate: 10 })).body).toEqual({
      mode: 'real',
      rate: 10,
      nowMs: 0,
    })
    expect((await ask.post('/clock/pause')).body.mode).toBe('manual')
    expect((await ask.post('/clock/resume')).body).toMatchObject({ mode: 'real', rate: 10 })
    expect((await ask.put('/clock').send({ mode: 'manual' })).body).toMatchObject({ rate: 10 })
    expect((await ask.post('/clock/advance').send({ ms: 2.5 })).body).toEqual({
      fromMs: 0,
      nowMs: 2.5,
      finished: true,
      events: [],
      eventsLeftOut: 0,
    })
  })

  test('advances until a replica has a version', async () => {
    const { ask } = lab()
    await ask.post('/write').send({ key: 'user:1', value: 'Jessica' })
    const until = { replica: 2, version: '1.1' }
    const answer = await ask.post('/clock/advance').send({ until })
    expect(answer.body).toMatchObject({ fromMs: 0, nowMs: 500, finished: true })
    expect(answer.body.events.at(-1)).toMatchObject({ atMs: 500, text: expect.any(String) })
  })

  test.each([
    [{}, 'in exactly one way'],
    [{ ms: 1, to: 'idle' }, 'in exactly one way'],
    [{ to: 'the end' }, 'Field "to" must be "idle"'],
    [{ until: { replica: 1 } }, 'Field "until.version" is required'],
    [{ until: { replica: 1, version: '7' } }, 'epoch.offset'],
    [{ until: { replica: 1, version: '1.1', by: 1 } }, 'Field "by" is not known'],
    [{ ms: -1 }, 'at least 0'],
    [{ ms: 31_536_000_001 }, 'at most 31536000000'],
  ])('POST /clock/advance %j is refused, and says why', async (body, why) => {
    const answer = await lab().ask.post('/clock/advance').send(body)
    expect(answer.body).toMatchObject({ status: 400, code: 'invalid-request' })
    expect(answer.body.detail).toContain(why)
  })

  test.each([{}, { mode: 'fast' }, { rate: 0 }, { rate: 1_001 }, { mode: 'real', rate: -1 }])(
    'PUT /clock %j is refused',
    async (body) => {
      expect((await lab().ask.put('/clock').send(body)).status).toBe(400)
    },
  )
})
