// Who moves time and who is answered when: no request is overtaken by an advance, and code that waits goes on at the
// simulated instant of its answer.

import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Client, type Lab, LabError, startLab } from '../../src/index.ts'

async function newLab(): Promise<Lab> {
  const lab = await startLab({ followers: 2 })
  onTestFinished(() => lab.close())
  return lab
}

test('what was called before an advance arrives before it, however many steps it takes', async () => {
  const lab = await newLab()
  const alice = lab.client('alice')
  const code = async () => {
    await alice.write('a', '1')
    await Promise.resolve()
    await alice.write('b', '2')
    return alice.writeWithQuorum('c', '3', { w: 3 })
  }
  const done = code()
  await lab.advance('500ms')
  expect(await done).toMatchObject({ acknowledgedBy: [0, 1, 2] })
  expect(lab.replica(2).records).toHaveLength(3)
})

test('two advances go one after the other, though nobody awaited the first', async () => {
  const lab = await newLab()
  const [first, second] = [lab.advance('100ms'), lab.advance('50ms')]
  expect([(await second).nowMs, (await first).nowMs]).toEqual([150, 100])
})

/** The code under test: after a time-out it asks again, and again. */
async function stubborn(client: Client, key: string, tries: number): Promise<number> {
  for (let i = 1; ; i++) {
    try {
      await client.writeWithQuorum(key, 'v', { w: 3, timeout: '1s' })
      return i
    } catch (error) {
      if (i === tries || (error as LabError).code !== 'quorum-timeout') throw error
    }
  }
}

test('code that waits goes on at the instant of its answer', async () => {
  const lab = await newLab()
  await lab.hold(0, 1)
  const done = stubborn(lab.client(), 'k', 3)
  await lab.advance('2500ms')
  await lab.release(0, 1)
  await lab.advance('1s')
  expect(await done).toBe(3)
  // The retries went out when the time-outs came, not when the advance was over.
  expect(
    lab
      .scenario()
      .match(/^(advance|write).*$/gm)
      ?.slice(0, 6),
  ).toEqual([
    'write-with-quorum k v w=3 timeout=1s -> quorum-timeout',
    'write-with-quorum k v w=3 timeout=1s -> quorum-timeout',
    'write-with-quorum k v w=3 timeout=1s & -> applied',
    'advance 500ms',
    'advance 1s',
  ])
})

test("a rejection that comes during an advance is nobody's crash, and can be awaited afterwards", async () => {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  onTestFinished(() => void process.off('unhandledRejection', unhandled))
  const lab = await newLab()
  await lab.pause(1)
  const write = lab.client().writeWithQuorum('k', 'v', { w: 3, timeoutMs: 100 })
  await lab.advance('1s')
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(unhandled).not.toHaveBeenCalled()
  await expect(write).rejects.toMatchObject({ code: 'quorum-timeout', outcome: 'unknown' })
})

test('time may move until nothing is left to happen, or until a replica has a version', async () => {
  const lab = await newLab()
  const { version } = await lab.client().write('k', 'v')
  expect(await lab.advance({ until: { replica: 1, version } })).toMatchObject({ nowMs: 200 })
  expect(await lab.advance('idle')).toMatchObject({ fromMs: 200, nowMs: 500, finished: true })
  const lost = lab.advance({ until: { replica: 1, version: '1.9' } })
  await expect(lost).rejects.toMatchObject({ code: 'not-reached' })
})

test('what an advance tells is bounded, and says what it left out', async () => {
  const lab = await newLab()
  for (let i = 0; i < 300; i++) void lab.client().write('k', String(i))
  const { events, eventsLeftOut } = await lab.advance('1s')
  expect([events.length, eventsLeftOut > 0]).toEqual([1_000, true])
})

describe('with the timers of the code under test', () => {
  /** Waits twice as long from try to try. */
  async function patient(client: Client): Promise<number[]> {
    const tries: number[] = []
    for (let waitMs = 100; ; waitMs *= 2) {
      tries.push(Date.now())
      try {
        await client.followerRead('k', { replica: 1 })
        return tries
      } catch {
        await new Promise((resolve) => setTimeout(resolve, waitMs))
      }
    }
  }

  test('both clocks move together', async () => {
    vi.useFakeTimers({ now: 0 })
    onTestFinished(() => void vi.useRealTimers())
    const lab = await newLab()
    await lab.client().write('k', 'v')
    await lab.hold(0, 1, { for: '1s' })
    const done = patient(lab.client())
    const { nowMs } = await lab.advance('2s', { timers: vi })
    expect(await done).toEqual([0, 100, 300, 700, 1_500])
    expect([nowMs, Date.now()]).toEqual([2_000, 2_000])
  })

  test("those of sinon, too; and a part of a millisecond is the lab's alone", async () => {
    const lab = await newLab()
    let ticks = 0
    const timers = { tick: (ms: number) => (ticks += ms) }
    await lab.advance('2.5ms', { timers })
    expect([ticks, lab.clock().nowMs]).toEqual([2, 2.5])
    await expect(lab.advance('idle', { timers })).rejects.toThrow('with timers')
  })

  test('a clock that goes by the wall does not stand still under fake timers', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const lab = await startLab({ clock: 'real', rate: 100 })
    onTestFinished(() => lab.close())
    expect(await lab.client().writeWithQuorum('k', 'v', { w: 3 })).toMatchObject({ w: 3 })
  })
})

describe('requests over HTTP', () => {
  test('are waited for where the test says how many', async () => {
    const lab = await newLab()
    const url = await lab.listen()
    const write = fetch(`${url}/write-with-quorum`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ key: 'a', value: 'b', w: 2 }),
    })
    await lab.advance('200ms', { whenWaiting: 1 })
    expect((await write).status).toBe(200)
  })

  test('that never come end the wait, and time has not moved', async () => {
    const lab = await newLab()
    vi.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValue(1e6)
    onTestFinished(() => void vi.restoreAllMocks())
    const late = lab.advance('200ms', { whenWaiting: 1 })
    await expect(late).rejects.toMatchObject({
      code: 'too-few-waiting',
      detail: expect.stringContaining('0 requests wait after 10000 ms of real time, not 1.'),
    })
    expect(lab.clock().nowMs).toBe(0)
    expect(await lab.advance('1ms').catch((error: LabError) => error.code)).toMatchObject({
      nowMs: 1,
    })
  })
})

test('a lab that is closed while time moves stops there', async () => {
  const lab = await startLab()
  const write = lab.client().writeWithQuorum('k', 'v', { w: 2 })
  const closing = write.then(() => lab.close())
  const moved = lab.advance('60m')
  await closing
  await expect(moved).rejects.toBeInstanceOf(LabError)
  expect(lab.clock().nowMs).toBe(200)
})
