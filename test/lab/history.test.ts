// What clients saw, judged in a test: by name, by matcher, and of a store that is none of ours.

import { describe, expect, onTestFinished, test } from 'vitest'
import { type Lab, type LabMatchers, matchers, type Operation, startLab } from '../../src/index.ts'

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: as vitest declares it
  interface Matchers<T = any> extends LabMatchers<T> {}
}

expect.extend(matchers)

async function newLab(): Promise<Lab> {
  const lab = await startLab({ followers: 2, seed: 3 })
  onTestFinished(() => lab.close())
  return lab
}

/** Alice writes twice and reads from a follower that has the first only. */
async function staleRead(lab: Lab): Promise<void> {
  const alice = lab.client('alice')
  await alice.write('user:1', 'Jessica')
  await lab.advance('idle')
  await lab.hold(0, 1)
  await alice.write('user:1', 'Maria')
  await lab.advance('10ms')
  await alice.followerRead('user:1', { replica: 1 })
}

describe('a session', () => {
  test('is judged by name, of all clients or of one', async () => {
    const lab = await newLab()
    await staleRead(lab)
    await lab.client('bob').read('user:1')
    const { verdict, why, witness } = lab.check('read-your-writes')
    expect([verdict, witness.map(({ value }) => value)]).toEqual(['violated', ['Maria', 'Jessica']])
    expect(why).toContain("alice's read of Jessica")
    expect(lab.check('read-your-writes', { client: 'bob' }).verdict).toBe('consistent')
    expect(lab.check('linearizable', { key: 'user:2' }).verdict).toBe('consistent')
    expect(lab.check('bounded-staleness', { stale: { versions: 1 } }).verdict).toBe('consistent')
    expect(() => lab.check('read-your-rites' as never)).toThrow('did you mean read-your-writes?')
    expect(lab.history().judge().k).toBe(2)
  })

  test('goes out as lines, with the faults', async () => {
    const lab = await newLab()
    await staleRead(lab)
    const kinds = lab.history().toJsonLines().trimEnd().split('\n')
    expect(kinds.map((line) => JSON.parse(line).kind)).toEqual([
      'epoch',
      'write',
      'fault',
      'write',
      'read',
    ])
  })
})

describe('a matcher', () => {
  test('passes where the guarantee held, and .not where it did not', async () => {
    const lab = await newLab()
    expect(() => expect(lab.history()).toBeLinearizable()).toThrow('no operation to be judged')
    await staleRead(lab)
    await lab.client('bob').read('user:1')
    expect(lab.history()).not.toReadItsWrites()
    expect(lab.history('alice')).not.toReadItsWrites()
    expect(lab.history('bob')).toReadItsWrites()
    expect(lab.history()).toBeMonotonic()
    expect(() => expect(lab.history('Alice')).toReadItsWrites()).toThrow('did you mean alice?')
    expect(lab.history()).not.toBeLinearizable()
  })

  test('that fails shows why, the operations, the seed and the session', async () => {
    const lab = await newLab()
    await staleRead(lab)
    const failure = () => expect(lab.history('alice')).toReadItsWrites()
    expect(failure).toThrow(
      /violated: at 510 ms, alice's read of Jessica .* misses alice's write of Maria/,
    )
    expect(failure).toThrow(/alice +├─*┤ +write user:1 Maria \(1\.2, replica 0\)/)
    expect(failure).toThrow(/Seed 3\. The session:\n.*\n.*\nseed 3/)
    for (let i = 0; i < 100; i++) await lab.client().write('k', String(i))
    expect(failure).toThrow(/# \d+ lines before these: lab\.scenario\(\) has them all/)
  })

  test('takes nothing but histories, and what nobody can tell for no proof', async () => {
    const lab = await newLab()
    expect(() => expect(7).toBeLinearizable()).toThrow('expected a history')
    expect(() => expect(undefined).not.toBeLinearizable()).toThrow('expected a history')
    // Whose write of x was read? Then it is stale, or it is not.
    const one = { key: 'k', outcome: 'ok' } as const
    const operations: Operation[] = [
      { ...one, client: 'a', kind: 'write', value: 'x', calledMs: 0, returnedMs: 1 },
      { ...one, client: 'a', kind: 'write', value: 'y', calledMs: 2, returnedMs: 3 },
      { ...one, client: 'b', kind: 'write', value: 'x', calledMs: 2, returnedMs: 9 },
      { ...one, client: 'a', kind: 'read', value: 'x', calledMs: 6, returnedMs: 7 },
    ]
    const history = { ...lab.history(), operations }
    expect(() => expect(history).toReadItsWrites()).toThrow('read-your-writes: undecided')
    expect(() => expect(history).not.toReadItsWrites()).toThrow('read-your-writes: undecided')
  })
})

describe('a store that is none of ours', () => {
  /** It answers from a copy that is behind by one write. */
  class Lazy {
    readonly #now = new Map<string, string>()
    readonly #before = new Map<string, string>()
    calls = 0

    async get(key: string): Promise<string | undefined> {
      this.calls++
      if (key === 'broken') throw new Error('out of order')
      return this.#before.get(key)
    }

    async set(key: string, value: string, options?: { readonly ttl: number }): Promise<number> {
      if (key === 'broken') throw new Error('out of order')
      const old = this.#now.get(key)
      if (old !== undefined) this.#before.set(key, old)
      this.#now.set(key, value)
      return options?.ttl ?? 0
    }

    size(): number {
      return this.#now.size
    }
  }

  test('yields the same history', async () => {
    const lab = await newLab()
    const store = lab.record(new Lazy(), 'ann')
    expect(await store.set('k', 'one', { ttl: 5 })).toBe(5)
    await store.set('k', 'two')
    expect(await store.get('k')).toBe('one')
    expect([store.size(), store.calls]).toEqual([1, 1])
    expect(lab.history('ann')).not.toReadItsWrites()
    expect(lab.check('linearizable').witness.map(({ value }) => value)).toEqual([
      'one',
      'two',
      'one',
    ])
  })

  test('whose failures are not taken for more than they are', async () => {
    const lab = await newLab()
    const store = lab.record(new Lazy())
    await expect(store.set('broken', 'x')).rejects.toThrow('out of order')
    await expect(store.get('broken')).rejects.toThrow('out of order')
    expect(await store.get('nothing')).toBe(undefined)
    const seen = lab
      .history()
      .operations.map(({ outcome, value, returnedMs }) => [outcome, value, returnedMs])
    expect(seen).toEqual([
      ['unknown', 'x', null],
      ['failed', null, 0],
      ['ok', null, 0],
    ])
  })

  test('stands in order among the operations of the lab', async () => {
    const lab = await newLab()
    const store = lab.record(new Lazy(), 'ann')
    const alice = lab.client('alice')
    await store.set('a', '1')
    await alice.write('b', '2')
    await store.get('a')
    await alice.read('b')
    const { operations } = lab.history()
    const ends = operations.flatMap(({ calledEvent = 0, returnedEvent = 0 }) => [
      calledEvent,
      returnedEvent,
    ])
    expect(operations.map(({ key }) => key)).toEqual(['a', 'b', 'a', 'b'])
    expect(ends).toEqual(ends.toSorted((a, b) => a - b))
    expect(lab.history()).not.toBeLinearizable()
    await lab.reset()
    expect(lab.history().operations).toEqual([])
  })
})
