// The promise port as a test of an application uses it: the verbs, their dialect, refusals, and the end of a lab.

import { describe, expect, onTestFinished, test } from 'vitest'
import { compareVersions, type Lab, LabError, type LabSettings, startLab } from '../../src/index.ts'

async function newLab(settings?: LabSettings): Promise<Lab> {
  const lab = await startLab(settings)
  onTestFinished(() => lab.close())
  return lab
}

/** What a call is refused with. */
async function refusal(call: Promise<unknown>): Promise<LabError> {
  const outcome = await call.then(
    (value) => value,
    (error: unknown) => error,
  )
  expect(outcome).toBeInstanceOf(LabError)
  return outcome as LabError
}

test('a quorum write of a test is answered when time has brought its acknowledgement', async () => {
  await using lab = await startLab({ followers: 2 })
  const alice = lab.client('alice')
  expect(await alice.write('user:1', 'Jessica')).toEqual({
    key: 'user:1',
    value: 'Jessica',
    version: '1.1',
    timestamp: '1970-01-01T00:00:00.000Z',
    acknowledgedBy: [0],
  })
  await lab.hold(0, 1)
  const order = alice.writeWithQuorum('order:7', 'paid', { w: 2, timeout: '1s' })
  const { nowMs, events } = await lab.advance('500ms')
  expect([nowMs, events.at(-1)?.text]).toEqual([
    500,
    'Acknowledged key=order:7 version=1.2 by replicas 0, 2',
  ])
  await expect(order).resolves.toMatchObject({ acknowledgedBy: [0, 2], w: 2 })
})

test('every verb of a client answers as its route does', async () => {
  const lab = await newLab({ clock: 'instant', latency: '10ms' })
  const bob = lab.client('bob')
  await bob.write('k', 'v')
  expect(await bob.read('k')).toMatchObject({ value: 'v', replica: 0, role: 'leader' })
  expect((await refusal(bob.followerRead('k', { replica: 1 }))).facts).toMatchObject({
    replica: 1,
    staleness: { versions: 1 },
    copy: { state: 'in-flight', dueInMs: 10 },
  })
  expect(await bob.readWithRepair('k')).toMatchObject({ repaired: [1, 2] })
  expect(await bob.readWithQuorum('k', { r: 1, replicas: [1], repair: 'async' })).toMatchObject({
    r: 1,
    answers: [{ replica: 1 }],
  })
  expect(await bob.followerRead('k', { replica: 1 })).toMatchObject({ version: '1.1' })
  expect(lab.scenario()).toContain('as bob: read k -> v')
})

test('the clock, faults and failovers are there under the names of the routes', async () => {
  const lab = await newLab({ followers: 2, minFollowersMaxLagMs: 500, minFollowersToWrite: 1 })
  expect(lab.cluster.options.minFollowersMaxLagUs).toBe(500_000)
  expect(await lab.crash(1, { keepData: true, for: '1s' })).toMatchObject({ state: 'crashed' })
  expect(await lab.pause(2, { forMs: 0.5 })).toMatchObject({ state: 'paused' })
  await lab.advance({ ms: 1_000 })
  expect(lab.view().replicas.map(({ state }) => state)).toEqual(['running', 'running', 'running'])
  expect(await lab.cut('api', 1)).toMatchObject({ from: 'api', state: 'cut' })
  expect(await lab.heal('api', 1)).toMatchObject({ state: 'up' })
  expect(await lab.hold(0, 1, { copies: 2 })).toMatchObject({ holding: { copies: 2 } })
  await lab.release(0, 1)
  await lab.setLink(0, 1, { latency: 'exponential(5ms)', lossRatio: 0.5, forMs: 3 })
  expect(lab.link(0, 1)).toMatchObject({ latency: 'exponential(5ms)', lossRatio: 0.5 })
  await lab.partition([[0, 1], [2]], { for: '1m' })
  await lab.healAll()
  await lab.client().write('k', 'v')
  await lab.forget(0, 'k')
  expect(lab.replica(0)).toMatchObject({ keys: 0, records: [] })
  await lab.advance({ until: { replica: 2, version: '1.1' } })
  expect(lab.replica(2).records).toMatchObject([{ key: 'k', value: 'v' }])
  expect(await lab.failover({ to: 2 })).toEqual({ epoch: 2, from: 0, to: 2 })
  expect(lab.failovers()).toMatchObject([{ reason: 'asked', from: 0, to: 2 }])
  await lab.crash(1)
  await lab.restart(1)
  await lab.pause(1)
  await lab.resume(1)
  expect(await lab.setClock({ mode: 'real', rate: 2 })).toMatchObject({ mode: 'real', rate: 2 })
  await lab.setClock({ mode: 'manual' })
  expect(await lab.reset({ keep: 'data' })).toMatchObject({ leader: 2 })
  expect(await lab.reset()).toMatchObject({ epoch: 1, leader: 0 })
  expect(lab.clock()).toMatchObject({ nowMs: 0 })
})

describe('a refusal rejects', () => {
  test('with all that an answer over HTTP would say', async () => {
    const lab = await newLab({ seed: 7 })
    await lab.crash(1)
    expect(await refusal(lab.client().followerRead("it's", { replica: 1 }))).toMatchObject({
      code: 'replica-down',
      outcome: 'unknown',
      detail: expect.stringContaining('Try lab.restart(1).'),
      remedies: ['lab.restart(1)'],
      facts: { replica: 1 },
      seed: 7,
      message: expect.stringMatching(
        /^replica-down: .* \(seed 7; lab\.scenario\(\) has the session\)$/,
      ),
    })
  })

  test.each<[string, (lab: Lab) => Promise<unknown>, string]>([
    ['a fourth replica', (lab) => lab.crash(3), 'There is no replica 3'],
    ['a field with a slip', (lab) => lab.hold(0, 1, { forMS: 5 } as never), 'did you mean forMs?'],
    ['another one', (lab) => lab.failover({ too: 1 } as never), 'did you mean to?'],
    ['a duration twice', (lab) => lab.cut(0, 1, { for: '1s', forMs: 1 } as never), 'exclude each'],
    ['one without a unit', (lab) => lab.pause(1, { for: '5' }), 'write 5ms'],
    ['one that is a number', (lab) => lab.pause(1, { for: 5 } as never), "as in '200ms', not 5"],
    ['one with too many decimals', (lab) => lab.pause(1, { forMs: 0.0001 }), 'three decimals'],
    ['one out of bounds', (lab) => lab.pause(1, { forMs: 0 }), 'must be from 1us to'],
    ['no number', (lab) => lab.crash('1' as never), "must be a replica's number, such as 1, not"],
    ['no node', (lab) => lab.cut('apii' as never, 1), 'or \'api\', not "apii"'],
    ['no groups', (lab) => lab.partition('0' as never), 'groups must be a list'],
    ['no flag', (lab) => lab.crash(1, { keepData: 1 } as never), 'must be true or false, not 1'],
    ['no such word', (lab) => lab.setClock({ mode: 'reel' as never }), 'one of real, manual'],
    ['nothing to set', (lab) => lab.setLink(0, 1, {}), 'name a latency'],
    ['two ways to hold', (lab) => lab.hold(0, 1, { copies: 1, key: 'k' }), 'exclude each other'],
    [
      'options that are none',
      (lab) => lab.pause(1, 5 as never),
      'the options are 5, not an object',
    ],
    ['no way to advance', (lab) => lab.advance({} as never), 'in one way'],
    ['two ways', (lab) => lab.advance({ ms: 1, to: 'idle' } as never), 'in one way'],
    ['a bare number', (lab) => lab.advance(500 as never), 'there are also { ms: 500 }'],
    ['half a position', (lab) => lab.advance({ until: { version: '1.1' } } as never), 'name both'],
    ['more than a year', (lab) => lab.advance({ ms: 1e12 }), 'must be a time from 0ms to'],
    ['an empty key', (lab) => lab.client().write('', 'v'), 'key must not be empty'],
    [
      'a value that is none',
      (lab) => lab.client().write('k', 7 as never),
      'must be a string, not 7',
    ],
    ['an option of another verb', (lab) => lab.client().write('k', 'v', { w: 2 } as never), '"w"'],
    ['timers that are none', (lab) => lab.advance('1s', { timers: {} as never }), 'vi, jest'],
    [
      'a plain write with w',
      (lab) => lab.client().write('k', 'v', { w: 2 } as never),
      'writeWithQuorum waits',
    ],
    [
      'groups without brackets',
      (lab) => lab.partition([0] as never, [1, 2] as never),
      'one list, as in [[0], [1, 2]]',
    ],
    ['a path for a scenario', () => startLab({ scenario: 'a.scenario' }), 'give what stands in it'],
    ['a port that is none', (lab) => lab.listen({ port: 70_000 }), 'port must be a whole number'],
    ['a bare port', (lab) => lab.listen(8080 as never), 'write { port: 8080 }, not 8080'],
    ['time going back', (lab) => lab.advance({ ms: -1 }), 'advance: ms must be a time from 0ms'],
    ['no settings', () => startLab(2 as never), 'the settings are 2, not an object'],
  ])('%s', async (_, call, words) => {
    const lab = await newLab()
    expect((await refusal(call(lab))).detail).toContain(words)
    // Nothing has happened, time included.
    expect(lab.clock().nowMs).toBe(0)
    expect(lab.view().replicas.every(({ state }) => state === 'running')).toBe(true)
  })

  test('at once like any other promise, so that nobody can overlook it', async () => {
    const unhandled: unknown[] = []
    const hear = (error: unknown) => unhandled.push(error)
    const others = process.rawListeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', hear)
    onTestFinished(() => {
      process.off('unhandledRejection', hear)
      for (const other of others) process.on('unhandledRejection', other as never)
    })
    const lab = await newLab()
    void lab.hold(0, 1, { copy: 1 } as never)
    void lab.withFault(
      (f) => f.crash(1),
      () => Promise.reject(new Error('mine')),
    )
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(unhandled.map(String)).toEqual([
      expect.stringContaining('hold: there is no field "copy" here'),
      'Error: mine',
    ])
  })

  test('and its stack begins where the call was made', async () => {
    const lab = await newLab()
    const late = refusal(lab.client().writeWithQuorum('k', 'v', { w: 3, timeout: '1ms' }))
    await lab.advance('1s')
    for (const error of [await late, await refusal(lab.crash(9))]) {
      expect(error.stack?.split('\n')[1]).toMatch(/lab\.test\.ts/)
    }
  })

  test('and looking for what is not there throws', async () => {
    const lab = await newLab()
    expect(() => lab.replica(9)).toThrow('replica-not-found')
    expect(() => lab.link(0, 0)).toThrow('two different ends')
    expect(() => lab.link(0, undefined as never)).toThrow('link: the node must be')
    expect(() => lab.client('')).toThrow('client: the name must be 1 to 64 characters')
    expect(() => lab.client(5 as never)).toThrow('must be a text, not 5')
    expect(() => lab.check('ryw' as never)).toThrow('there are linearizable, ')
    expect(() => lab.check('causal', { client: 'nobody' })).toThrow('nothing is known of a client')
    expect(() => lab.record({ read: 1 } as never)).toThrow('needs a get(key) and a set(key, value)')
    expect(() => lab.url).toThrow('before `await lab.listen()`')
  })
})

describe('a fault for as long as some code runs', () => {
  test('is undone, and what the code returns is handed on', async () => {
    const lab = await newLab({ followers: 3 })
    await lab.setLink(0, 2, { lossRatio: 0.25, latency: '7ms' })
    await lab.cut(0, 3)
    const before = lab.view()
    const seen = await lab.withFault(
      async (f) => {
        await f.crash(1, { keepData: true })
        await f.pause(2)
        await f.hold(2, 0)
        await f.setLink(0, 2, { lossRatio: 1 })
        await f.partition([
          [0, 1],
          [2, 3],
        ])
      },
      () => lab.view(),
    )
    expect(seen.replicas.map(({ state }) => state)).toEqual([
      'running',
      'crashed',
      'paused',
      'running',
    ])
    expect(seen.links.filter(({ state }) => state === 'cut').length).toBeGreaterThan(3)
    const { links, replicas } = lab.view()
    expect(links).toEqual(before.links)
    expect(replicas.every(({ state }) => state === 'running')).toBe(true)
  })

  test('also when the code throws, or a later fault is refused', async () => {
    const lab = await newLab()
    const bad = lab.withFault(
      (f) => f.crash(2),
      () => Promise.reject(new Error('mine')),
    )
    await expect(bad).rejects.toThrow('mine')
    const refused = lab.withFault(
      (f) => {
        void f.pause(1)
        void f.crash(9)
      },
      () => expect.unreachable(),
    )
    expect((await refusal(refused)).code).toBe('replica-not-found')
    expect(lab.view().replicas.every(({ state }) => state === 'running')).toBe(true)
  })

  test('that is none is refused', async () => {
    const lab = await newLab()
    const code = () => expect.unreachable()
    expect((await refusal(lab.withFault((f) => f.crash, code))).detail).toContain('no fault was')
    expect((await refusal(lab.withFault('crash' as never, code))).detail).toContain('two functions')
  })

  test('unless it was undone meanwhile', async () => {
    const lab = await newLab()
    await lab.withFault(
      (f) => f.hold(0, 1, { for: '1s' }),
      () => lab.advance('2s'),
    )
    await lab.withFault(
      (f) => f.crash(1),
      () => lab.restart(1),
    )
    expect(lab.scenario().match(/^(release|restart)/gm)).toEqual(['restart'])
  })
})

describe('a lab that is closed', () => {
  test('answers those who wait, begins nothing, and can be looked at', async () => {
    const lab = await startLab()
    const refused = refusal(lab.client().writeWithQuorum('k', 'v', { w: 3 }))
    await lab.close()
    await lab.close()
    expect(await refused).toMatchObject({ code: 'lab-closed', outcome: 'unknown' })
    for (const call of [lab.client().read('k'), lab.crash(1), lab.advance('1s'), lab.listen()]) {
      expect(await refusal(call)).toMatchObject({ code: 'lab-closed', outcome: 'not-applied' })
    }
    expect(lab.replica(0).records).toHaveLength(1)
    expect(lab.scenario()).toContain('write-with-quorum k v w=3 &')
  })

  test('tells which calls failed though nobody awaited them', async () => {
    const told: string[] = []
    const hear = (warning: Error) => told.push(warning.message)
    process.on('warning', hear)
    onTestFinished(() => void process.off('warning', hear))
    const lab = await startLab()
    const seen = lab.client().read('nothing')
    void lab.client().writeWithQuorum('k', 'v', { w: 3 })
    await lab.advance('1ms')
    await refusal(seen)
    await lab.close()
    await new Promise(setImmediate)
    expect(told).toEqual([
      'Calls of a lab failed, and nobody awaited them: writeWithQuorum "k" (lab-closed). ' +
        'Await each, or catch what it rejects with.',
    ])
  })
})

describe('over HTTP', () => {
  test('a lab serves the routes and the page, and what was done before is in the export', async () => {
    const lab = await newLab({ followers: 1 })
    await lab.client('ann').write('before', 'x')
    const url = await lab.listen()
    expect(lab.url).toBe(url)
    expect((await fetch(`${url}/`)).status).toBe(200)
    const scenario = await (await fetch(`${url}/scenario`)).text()
    expect(scenario).toContain('as ann: write before x')
    expect(scenario).toBe(lab.scenario())
    expect(await (await fetch(`${url}/history`)).text()).toContain('"client":"ann"')
    expect((await refusal(lab.listen())).detail).toContain('listens already')
  })

  test('two labs cannot have one port', async () => {
    const [one, two] = [await newLab(), await newLab()]
    const port = Number(new URL(await one.listen()).port)
    expect(await refusal(two.listen({ port }))).toMatchObject({
      code: 'port-unavailable',
      detail: expect.stringContaining('leave `port` out'),
    })
    await two.listen()
  })

  test('closing answers whoever waits', async () => {
    const lab = await startLab({ followers: 1 })
    const url = await lab.listen()
    const waiting = fetch(`${url}/write-with-quorum`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ key: 'a', value: 'b', w: 2 }),
    })
    await lab.advance({ ms: 1 }, { whenWaiting: 1 })
    await lab.close()
    expect((await waiting).status).toBe(503)
    await expect(fetch(url)).rejects.toThrow()
  })
})

describe('from a scenario', () => {
  test('a lab goes on from its end, as it was', async () => {
    const lab = await newLab({
      scenario: 'seed 5\nfollowers 1\nwrite k v\nadvance 150ms\nclock real',
    })
    expect(lab.view()).toMatchObject({ seed: 5, clock: { mode: 'manual', nowMs: 150 } })
    await lab.advance('50ms')
    expect(await lab.client().followerRead('k', { replica: 1 })).toMatchObject({
      value: 'v',
      timestamp: '2025-01-01T00:00:00.000Z',
    })
    const again = await newLab({ scenario: lab.scenario() })
    expect(again.view()).toEqual(lab.view())
    expect(again.scenario()).toBe(lab.scenario())
  })

  test.each<[string, LabSettings, string, string]>([
    [
      'cannot be read',
      { scenario: 'wriet a b' },
      'invalid-request',
      'line 1, column 1: there is no',
    ],
    ['fails', { scenario: 'write a b\nread a -> c' }, 'scenario-failed', 'line 2: expected c'],
    [
      'is not alone',
      { scenario: 'write a b', followers: 2 } as never,
      'invalid-request',
      "followers is the scenario's",
    ],
  ])('one that %s is refused', async (_, settings, code, words) => {
    const error = await refusal(startLab(settings))
    expect([error.code, error.seed]).toEqual([code, null])
    expect(error.message).toContain(words)
  })
})

test('versions are compared by their numbers', () => {
  expect(['2.1', '1.10', '1.9'].toSorted(compareVersions)).toEqual(['1.9', '1.10', '2.1'])
  expect(compareVersions('1.7', '1.7')).toBe(0)
  expect(() => compareVersions('1.7', 'seven')).toThrow('"seven" is no version')
})
