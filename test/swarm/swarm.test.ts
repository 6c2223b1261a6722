// The swarm: a hundred seeds, always the same ones; `npm run test:long` has some hundred more, and `npm run swarm` as
// many as wanted.

import { describe, expect, test } from 'vitest'
import { times } from '../tools/pinned.ts'
import { Batch, runBatch } from './batch.ts'
import { drawPlan } from './draw.ts'
import { runPlan, SwarmFailure } from './session.ts'
import { summarize } from './trace.ts'

const BATCHES = 10
const SEEDS_PER_BATCH = times(12)
const COMMANDS = 100

describe('random clusters under faults and load keep every promise and converge', () => {
  // In batches, so that a failure is told before all of them have run.
  const batches = Array.from({ length: BATCHES }, (_, i) => 1 + i * SEEDS_PER_BATCH)
  test.each(batches)('from seed %i on', (from) => {
    runBatch(from, from + SEEDS_PER_BATCH - 1, COMMANDS).demandNotEmpty()
  })
})

describe('a swarm run', () => {
  test('emits the same events again for the same seed, byte by byte', () => {
    const trace = (seed: number) => {
      const events: string[] = []
      runPlan(drawPlan(seed, COMMANDS), { event: (event) => events.push(JSON.stringify(event)) })
      return events
    }
    // Seed 3 draws its latencies from a distribution.
    expect(JSON.stringify(drawPlan(3, COMMANDS).cluster.latency)).toMatch(/pareto|exponential/)
    const first = trace(3)
    expect(first.length).toBeGreaterThan(COMMANDS)
    expect(trace(3)).toEqual(first)
    expect(trace(4)).not.toEqual(first)
  })

  test('comes to the same hash twice, as it must on two versions of Node', () => {
    const { sha256, events } = summarize(1, 10, COMMANDS)
    expect(events).toBeGreaterThan(4_000)
    expect(summarize(1, 10, COMMANDS).sha256).toBe(sha256)
    expect(summarize(2, 10, COMMANDS).sha256).not.toBe(sha256)
  })

  test('that fails tells its seed, what it drew, the last commands and how to replay it', () => {
    const plan = drawPlan(7, COMMANDS)
    // Without a key nothing can be written, so this breaks at the first command.
    const hopeless = { ...plan, keys: 0 }
    let told = ''
    try {
      runPlan(hopeless)
    } catch (error) {
      expect(error).toBeInstanceOf(SwarmFailure)
      told = error instanceof Error ? error.message : ''
    }
    expect(told).toContain('Seed 7: ')
    expect(told).toContain('npm run swarm -- --seed 7 --commands 100')
    expect(told).toContain('"keys":0')
  })

  test('that does nothing does not count', () => {
    const batch = runBatch(1, 3, 1)
    expect(() => batch.demandNotEmpty()).toThrow('Empty: 3 of 3 runs wrote next to nothing')
  })

  test('elsewhere adds up: parts merge to what all of it comes to, and no seed counts twice', () => {
    const sent = (batch: Batch) => JSON.parse(JSON.stringify(batch))
    const whole = runBatch(1, 6, COMMANDS)
    const low = Batch.fromJSON(sent(runBatch(1, 2, COMMANDS)))
    low.merge(sent(runBatch(3, 6, COMMANDS)))
    expect({ ...sent(low), ranges: [[1, 6]] }).toEqual(sent(whole))
    expect(() => low.merge(sent(runBatch(2, 2, COMMANDS)))).toThrow('2..2 and 1..2 hold the same')
    expect(() => low.merge(sent(runBatch(7, 7, 1)))).toThrow('Only equal --commands')
    expect(() => Batch.fromJSON({})).toThrow()
  })
})
