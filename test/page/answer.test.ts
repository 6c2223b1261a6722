// What the server answered, in one line: whoever does something is told in words what came of it.

import { expect, test } from 'vitest'
import { startLab } from '../../src/index.ts'
import { sayAnswer } from '../../src/page/model/answer.js'

test('each kind of answer has its own words', async () => {
  const lab = await startLab({ followers: 2 })
  const url = await lab.listen()
  const tell = async (method: string, path: string, body?: object) => {
    const answer = await fetch(url + path, {
      method,
      headers: { 'Content-Type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    return sayAnswer({ ok: answer.ok, status: answer.status, body: await answer.json() })
  }
  expect(await tell('POST', '/links/0/1/hold')).toBe('200: link 0 to 1, held, 0 messages')
  expect(await tell('POST', '/write', { key: 'k', value: 'v' })).toContain('acknowledged by 0')
  expect(await tell('GET', '/follower-read?key=k&replica=1')).toMatch(/^404: Follower 1 has no/)
  expect(await tell('POST', '/links/0/1/release')).toBe('200: link 0 to 1, up, 1 message')
  expect(await tell('POST', '/partition', { groups: [[0], [1, 2]] })).toBe(
    '200: replica 0 leads, epoch 1, 4 links are cut',
  )
  expect(await tell('POST', '/heal')).toBe('200: replica 0 leads, epoch 1')
  expect(await tell('POST', '/replicas/1/pause')).toMatch(/^200: replica 1, follower, paused/)
  expect(await tell('POST', '/failover', { to: 1 })).toBe(
    '200: replica 1 is to lead epoch 2 once it resumes',
  )
  expect(await tell('GET', '/cluster')).toBe('200: nobody leads, epoch 2')
  expect(await tell('POST', '/replicas/1/resume')).toContain('leader, running')
  expect(await tell('GET', '/failovers')).toBe('200: 1 failover, 1 write lost')
  expect(await tell('GET', '/verdicts')).toMatch(/^200: (violated: linearizable|no guarantee)/)
  expect(await tell('POST', '/clock/advance', { ms: 5 })).toBe('200: the time is 5 ms')
  await lab.close()
})
