// What failovers cost, as users read it: counted, in a sentence, and as lines to write again.

import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/core/cluster.ts'
import { type Lab, lab } from './lab.ts'

function write(cluster: Cluster, key: string, value: string, replica?: number): void {
  const to = replica === undefined ? {} : { replica }
  cluster.write({ key, value, ...to }, (reply) => expect(reply.ok).toBe(true))
}

/** Replica 0 is alone with its last writes when replica 1 takes over; it hears of it in the end. */
function withLosses(): Lab {
  const one = lab()
  const { cluster } = one
  write(cluster, 'kept', 'x')
  cluster.advance({ us: 500_000 })
  cluster.partition([[0], [1, 2]], {})
  write(cluster, 'a', 'old')
  cluster.advance({ us: 200_000 })
  write(cluster, 'b', 'with "quotes",\na line break and \u2028')
  cluster.failover({ to: 1 })
  write(cluster, 'c', 'new')
  write(cluster, 'a', 'newer', 0)
  cluster.advance({ us: 100_000 })
  cluster.healAll()
  cluster.advance({ to: 'idle' })
  return one
}

async function lostLines({ ask }: Lab, query = ''): Promise<string[]> {
  const answer = await ask.get(`/failovers/lost${query}`).buffer(true).parse(asText)
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/x-ndjson'])
  return String(answer.body).split('\n').slice(0, -1)
}

type Parser = Parameters<ReturnType<Lab['ask']['get']>['parse']>[0]

const asText: Parser = (res, done) => {
  let text = ''
  res.setEncoding('utf8')
  res.on('data', (chunk: string) => {
    text += chunk
  })
  res.on('end', () => done(null, text))
}

describe('what a failover cost', () => {
  test('is counted, and said in a sentence', async () => {
    const { body } = await withLosses().ask.get('/failovers')
    expect(body.failovers).toMatchObject([
      { lostWrites: 3, survivedWrites: 0, lostWorkMs: 200, leaderlessMs: 0 },
    ])
    expect(body.failovers[0].text).toBe(
      'Failover 1 → 2 at 700 ms: replica 1 took over from replica 0 (asked); nobody led for 0 ms; ' +
        '3 acknowledged writes lost (200 ms of work); 0 unacknowledged writes survived.',
    )
  })

  test('may be nothing but time', async () => {
    const { cluster, ask } = lab()
    cluster.crash(0, {})
    cluster.advance({ us: 1_500 })
    cluster.restart(0)
    cluster.failover({ to: 0 })
    const { body } = await ask.get('/failovers')
    expect(body.failovers[0].text).toBe(
      'Failover 1 → 2 at 1.5 ms: replica 0 leads again (asked); nobody led for 1.5 ms; ' +
        '0 acknowledged writes lost; 0 unacknowledged writes survived.',
    )
  })
})

describe('what failovers lost, in lines', () => {
  test('is nothing where nothing was lost', async () => {
    expect(await lostLines(lab())).toEqual([])
  })

  test('are bodies for POST /write, oldest first', async () => {
    const lost = withLosses()
    const bodies = (await lostLines(lost)).map((line) => JSON.parse(line))
    expect(bodies).toEqual([
      { key: 'a', value: 'old' },
      { key: 'b', value: 'with "quotes",\na line break and \u2028' },
      { key: 'a', value: 'newer' },
    ])
    for (const body of bodies) expect((await lost.ask.post('/write').send(body)).status).toBe(200)
    for (const { key, value } of bodies.slice(1)) {
      expect((await lost.ask.get(`/read?key=${key}`)).body.value).toBe(value)
    }
    // What was written again is not lost any more than it was.
    expect(await lostLines(lost)).toHaveLength(3)
  })

  test('ends with what replicas took for the newest, whoever lost it', async () => {
    const one = lab()
    const { cluster } = one
    cluster.partition([[0], [1], [2]], {})
    cluster.failover({ to: 1 })
    write(cluster, 'a', 'of the newer leader')
    cluster.advance({ us: 1_000 })
    write(cluster, 'a', 'of the deposed leader, later', 0)
    cluster.failover({ to: 2, force: true })
    cluster.healAll()
    cluster.advance({ to: 'idle' })
    const lines = await lostLines(one)
    expect(lines.map((line) => JSON.parse(line).value)).toEqual([
      'of the deposed leader, later',
      'of the newer leader',
    ])
    const ofEach = [...(await lostLines(one, '?epoch=2')), ...(await lostLines(one, '?epoch=3'))]
    expect(ofEach).toEqual(lines)
  })

  test('of one failover are asked for by its epoch', async () => {
    const lost = withLosses()
    expect(await lostLines(lost, '?epoch=2')).toEqual(await lostLines(lost))
    const { body } = await lost.ask.get('/failovers/lost?epoch=7')
    expect(body).toMatchObject({ status: 400, code: 'invalid-request' })
    expect(body.detail).toContain('the only one began epoch 2')
    expect((await lab().ask.get('/failovers/lost?epoch=1')).body.detail).toContain('there was none')
  })
})
