// Labs that cannot be, or never were: each with its problem, and nothing left behind.

import { get } from 'node:http'
import { describe, expect, test } from 'vitest'
import { deferred, lab, listening, startBeside } from './lab.ts'

const write = (key: string, value = 'v') => ({ key, value })

describe('bad input', () => {
  test.each([
    ['get', '/labs/never-was/cluster', undefined, 404, 'There never was a lab "never-was"'],
    ['get', '/labs/amber-fox-0/cluster', undefined, 404, 'There never was'],
    ['get', '/labs/zesty-finch/cluster', undefined, 404, 'There never was'],
    ['get', '/labs/never-was', undefined, 404, 'There never was'],
    ['delete', '/labs/never-was', undefined, 404, 'There never was'],
    ['get', '/labs/__proto__/cluster', undefined, 404, 'There never was'],
    ['get', '/labs/%2e%2e/cluster', undefined, 404, 'There never was'],
    ['get', '/labs/a%2Fb%00%E2%80%AE/cluster', undefined, 404, 'There never was'],
    ['get', '/labs/%ff/cluster', undefined, 400, 'The path is not well-formed'],
    ['get', '/labs//cluster', undefined, 404, 'There is no'],
    ['get', '/labs/root/labs', undefined, 404, 'A lab has no labs of its own'],
    ['get', '/labs/root/labs/root/cluster', undefined, 404, 'A lab has no labs of its own'],
    ['get', '/labs/root/nothing', undefined, 404, 'There is no "/nothing"'],
    ['delete', '/labs/root', undefined, 409, 'Try POST /reset'],
    ['post', '/labs', { followers: 0 }, 400, '"followers" must be at least 1'],
    ['post', '/labs', { followers: 1.5 }, 400, '"followers" must be a whole number'],
    ['post', '/labs', { seed: -1 }, 400, '"seed" must be at least 0'],
    ['post', '/labs', { latency: 'replicate=fast' }, 400, 'Field "latency"'],
    ['post', '/labs', { followers: 3, latency: 'replicate=1ms,2ms' }, 400, '2 replicate latencies'],
    ['post', '/labs', { followers: 1, minFollowersToWrite: 2 }, 400, '"minFollowersToWrite"'],
    ['post', '/labs', { quorumTimeoutMs: 0 }, 400, '"quorumTimeoutMs" must be at least 1'],
    ['post', '/labs', { clock: 'fast' }, 400, '"clock" must be one of'],
    ['post', '/labs', { rate: 0 }, 400, '"rate" must be at least'],
    ['post', '/labs', { follower: 2 }, 400, 'did you mean "followers"?'],
    ['post', '/labs', { wal: 'x.jsonl' }, 400, '"wal" is not for a lab'],
    ['post', '/labs', [], 400, 'The body must be a JSON object'],
  ] as const)('%s %s %j is refused: %i, %s', async (method, path, body, status, detail) => {
    const { ask, bugs } = lab()
    const answer = await ask[method](path).send(body)
    expect(answer.body).toMatchObject({ status, detail: expect.stringContaining(detail) })
    expect((await ask.get('/labs')).body.labs).toHaveLength(1)
    expect(bugs).toEqual([])
  })

  test('the bytes of all labs together are bounded, and what a lab asks for counts', async () => {
    const { ask } = lab({ labs: { bytesMax: 10_000_000 } })
    await startBeside(ask, { maxBytes: 6_000_000 })
    const refused = await ask.post('/labs').send({ maxBytes: 6_000_000 })
    expect(refused.body).toMatchObject({
      status: 429,
      code: 'too-many-labs',
      detail: expect.stringContaining('6000000 of 10000000 bytes'),
    })
    await startBeside(ask, { maxBytes: 4_000_000 })
    await ask.delete('/labs/amber-fox')
    await startBeside(ask, { maxBytes: 6_000_000 })
  })

  test('more labs than there may be are refused, and fit again once one has ended', async () => {
    const { ask } = lab({ labs: { labsMax: 2 } })
    const [url] = [await startBeside(ask), await startBeside(ask)]
    const refused = await ask.post('/labs')
    expect(refused.body).toMatchObject({ status: 429, code: 'too-many-labs' })
    expect(refused.body.detail).toContain('DELETE /labs/{lab}')
    await ask.delete(url)
    await startBeside(ask)
  })

  test('an event of another lab does not resume a stream', async () => {
    const { app, ask } = lab()
    const { port } = await listening(app)
    const [one, other] = [await startBeside(ask), await startBeside(ask)]
    for (const url of [one, other]) await ask.post(`${url}/write`).send(write('k'))
    const id = await firstChunk(`http://127.0.0.1:${port}${one}/events?lastEventId=0`, /id: (\S+)/)
    const there = `http://127.0.0.1:${port}${other}/events?lastEventId=${id}`
    expect(await firstChunk(there, /event: (\w+)/)).toBe('missed')
  })
})

/** What a stream says first that matches. */
function firstChunk(url: string, pattern: RegExp): Promise<string> {
  const { promise, resolve } = deferred<string>()
  get(url, async (stream) => {
    let text = ''
    for await (const chunk of stream) {
      text += chunk
      const [, found] = pattern.exec(text) ?? []
      if (found !== undefined) return resolve(found)
    }
  })
  return promise
}
