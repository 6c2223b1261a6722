// What problems advise, in the words of each side. The advice is taken: whatever is sent, written or called as it
// says must be accepted, and help.

import request from 'supertest'
import { expect, test } from 'vitest'
import { advise, problem } from '../../src/core/errors.ts'
import { API } from '../../src/core/nodes.ts'
import { describeProblem } from '../../src/core/output/describe-problem.ts'
import { FAILOVER, HEAL_ALL, RESET, type Remedy } from '../../src/core/remedy.ts'
import type { Call } from '../../src/http/call.ts'
import { inHttp } from '../../src/http/remedies.ts'
import { storyCall } from '../../src/http/stories/story-call.ts'
import { createCluster } from '../../src/index.ts'
import { createApp } from '../../src/lab/http.ts'
import { parseScenario } from '../../src/scenario/parse.ts'
import { sayDetail } from '../../src/scenario/remedies.ts'

/** One of each that problems advise, with a key that needs care in every dialect. */
const KEY = "it's a/b & c"
const ADVICE: readonly [remedy: Remedy, http: string, line: string, call: string][] = [
  [{ verb: 'restart', replica: 1 }, 'POST /replicas/1/restart', 'restart 1', 'lab.restart(1)'],
  [{ verb: 'resume', replica: 2 }, 'POST /replicas/2/resume', 'resume 2', 'lab.resume(2)'],
  [
    { verb: 'heal', from: API, to: 1 },
    'POST /links/api/1/heal',
    'heal api 1',
    "lab.heal('api', 1)",
  ],
  [
    { verb: 'release', from: 0, to: 1 },
    'POST /links/0/1/release',
    'release 0 1',
    'lab.release(0, 1)',
  ],
  [HEAL_ALL, 'POST /heal', 'heal', 'lab.healAll()'],
  [FAILOVER, 'POST /failover', 'failover', 'lab.failover()'],
  [
    { verb: 'failover', how: { to: 2, force: true } },
    'POST /failover {"to":2,"force":true}',
    'failover to=2 force',
    'lab.failover({ to: 2, force: true })',
  ],
  [RESET, 'POST /reset', 'reset', 'lab.reset()'],
  [
    { verb: 'follower-read', how: { key: KEY, replica: 1 } },
    "GET /follower-read?key=it's%20a/b%20%26%20c&replica=1",
    `follower-read "${KEY}" replica=1`,
    "client.followerRead('it\\'s a/b & c', { replica: 1 })",
  ],
  [
    { verb: 'read-with-repair', how: { key: 'user:1' } },
    'GET /read-with-repair?key=user:1',
    'read-with-repair user:1',
    "client.readWithRepair('user:1')",
  ],
]

test.each(ADVICE)('%j is said as a request, a line and a call', (remedy, http, line, call) => {
  const advised = advise(problem('wrong-state', 'It is so.'), remedy)
  expect(inHttp(advised).detail).toBe(`It is so. Try ${http}.`)
  expect(sayDetail(advised)).toBe(`It is so. Try \`${line}\`.`)
  expect(describeProblem(advised)).toBe(`It is so. Try ${call}.`)
  const parsing = parseScenario(line)
  expect(parsing.ok && parsing.scenario.lines[0]).toMatchObject({ command: remedy })
})

test('several are a list, and a setting comes in the words of where it is set', () => {
  const raise: Remedy = { setting: 'max-keys', change: 'raise' }
  const full = advise(problem('too-many-keys', 'It is full.'), RESET, raise)
  expect(inHttp(full)).toMatchObject({
    detail: 'It is full. Try POST /reset or start with a higher --max-keys.',
    remedies: [{ method: 'POST', path: '/reset' }, raise],
  })
  expect(sayDetail(full)).toBe(
    'It is full. Try `reset` or set a higher max-keys at the head of the file.',
  )
  expect(describeProblem(advise(full, { ...raise, change: 'lower' }))).toBe(
    'It is full. Or start the lab with a lower maxKeys.',
  )
  expect(describeProblem(advise(full, RESET, HEAL_ALL, raise))).toBe(
    'It is full. Try lab.reset(), lab.healAll() or start the lab with a higher maxKeys.',
  )
})

/** What was done, what is asked then, and how that is refused. */
const CASES: readonly [code: string, before: string, asked: string][] = [
  ['wrong-state', 'crash 1', 'crash 1'],
  ['wrong-state', 'crash 1', 'pause 1'],
  ['wrong-state', 'crash 1', 'forget 1 k'],
  ['wrong-state', 'pause 1', 'pause 1'],
  ['wrong-state', 'hold 0 1', 'hold 0 1'],
  ['wrong-state', 'cut 0 1', 'hold 0 1'],
  ['replica-timeout', 'hold 1 api', 'follower-read k replica=1'],
  ['replica-timeout', 'cut api 1', 'follower-read k replica=1'],
  ['replica-timeout', 'pause 0', 'write k w'],
  ['replica-down', 'crash 1 keep-data', 'follower-read k replica=1'],
  ['replica-down', 'crash 1 keep-data', 'write k w replica=1'],
  ['not-leader', 'crash 0', 'write k w replica=1'],
  ['key-not-found', 'forget 1 k', 'follower-read k replica=1'],
  ['no-leader', 'crash 0', 'read k'],
  ['no-leader', 'crash 0', 'write k w'],
  ['quorum-unavailable', 'crash 1', 'write-with-quorum k w w=3'],
  ['quorum-unavailable', 'crash 1', 'read-with-quorum k r=3'],
  ['quorum-timeout', 'pause 2', 'read-with-quorum k r=3'],
  ['quorum-timeout', 'hold 0 1', 'write-with-quorum k w w=3'],
  ['candidate-unreachable', 'cut api 1', 'failover to=1'],
  ['candidate-unreachable', 'crash 1', 'failover to=1 force'],
  ['no-candidate', 'crash 1\ncrash 2', 'failover'],
  ['not-reached', 'hold 0 1\nwrite k w', 'advance until 1 1.2'],
]

test.each(CASES)(
  'whoever is told %s takes the advice, and is told so no more',
  async (code, before, asked) => {
    const cluster = createCluster({ clock: 'instant', autoFailover: 'off' })
    const app = createApp({ cluster })
    for (const call of callsOf(`write k v\nadvance idle\n${before}`)) await send(app, call)
    const call = callsOf(asked)[0] as Call
    const refusal = await send(app, call)
    expect([code, refusal.body.detail]).toEqual([
      refusal.body.code,
      expect.stringContaining('. Try '),
    ])
    const [remedy] = refusal.body.remedies
    expect((await send(app, remedy)).body).not.toHaveProperty('code')
    expect((await send(app, call)).body.code).not.toBe(code)
  },
)

function callsOf(text: string): Call[] {
  const parsing = parseScenario(text)
  if (!parsing.ok) throw new Error(JSON.stringify(parsing))
  return parsing.scenario.lines.flatMap((line) => {
    const call = line.kind === 'command' && storyCall(line.command)
    return call ? [call] : []
  })
}

function send(app: ReturnType<typeof createApp>, { method, path, query = {}, body }: Call) {
  const verb = method.toLowerCase() as 'get' | 'post' | 'put'
  return request(app)
    [verb](path)
    .query(query)
    .send(body as object | undefined)
}
