// What the write-ahead file means at the door: an answer may not claim what a crash could undo.

import { describe, expect, test } from 'vitest'
import type { Durability } from '../../src/core/ports.ts'
import { deferred, lab } from './lab.ts'

const user = { key: 'user:1', value: 'Jessica' }

/** A file whose disk is moved by hand. */
function disk() {
  const waiting: ((error: Error | undefined) => void)[] = []
  const asked = deferred()
  const state: { failure: Error | undefined } = { failure: undefined }
  const durability: Durability = {
    whenDurable(done) {
      waiting.push(done)
      asked.resolve()
    },
    get failure() {
      return state.failure
    },
  }
  return {
    durability,
    asked: asked.promise,
    finish: (error?: Error) => {
      for (const done of waiting.splice(0)) done(error)
    },
    fail: (error: Error) => {
      state.failure = error
    },
  }
}

describe('with a write-ahead file', () => {
  test.each([
    ['/write', user],
    ['/write-with-quorum', { ...user, w: 1 }],
    ['/failover', {}],
    ['/reset', {}],
  ])('POST %s is answered once it is on disk, not before', async (path, body) => {
    const { durability, asked, finish } = disk()
    const { ask } = lab({ durability })
    let answered = false
    const answer = ask
      .post(path)
      .send(body)
      .then((it) => {
        answered = true
        return it
      })
    await asked
    expect((await ask.get('/metrics')).text).toContain('waiting_requests{lab="root"} 1')
    expect(answered).toBe(false)
    finish()
    expect((await answer).status).toBe(200)
  })

  test('reads and failed writes do not wait for it', async () => {
    const { ask } = lab({ durability: disk().durability })
    expect((await ask.get('/read?key=a')).status).toBe(404)
    expect((await ask.post('/write').send({ ...user, replica: 1 })).status).toBe(409)
    expect((await ask.post('/replicas/1/crash')).status).toBe(200)
  })

  test('when it cannot be put there, the outcome is unknown', async () => {
    const { durability, asked, finish } = disk()
    const { ask } = lab({ durability })
    const answer = ask.post('/write').send(user).then()
    await asked
    finish(new Error('no space left'))
    expect((await answer).body).toMatchObject({
      status: 500,
      code: 'write-ahead-failed',
      outcome: 'unknown',
    })
  })

  test('after that writes are refused at once, and nothing is written', async () => {
    const { durability, fail } = disk()
    const { ask, cluster } = lab({ durability })
    fail(new Error('no space left'))
    for (const path of ['/write', '/write-with-quorum']) {
      const answer = await ask.post(path).send(user)
      expect(answer.body).toMatchObject({ code: 'write-ahead-failed', outcome: 'not-applied' })
      expect(answer.body.detail).toContain('restart')
    }
    expect(cluster.view().replicas[0]?.keys).toBe(0)
    expect((await ask.get('/readyz')).status).toBe(500)
    expect((await ask.get('/read?key=a')).status).toBe(404)
  })

  test('a server that goes says of a write on its way to disk that the outcome is unknown', async () => {
    const { durability, asked, finish } = disk()
    const { app, ask } = lab({ durability })
    const answer = ask.post('/write').send(user).then()
    await asked
    app.drain()
    finish()
    expect((await answer).body).toMatchObject({ code: 'shutting-down', outcome: 'unknown' })
  })
})
