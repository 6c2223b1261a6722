// The core against a model of it: any sequence of commands is answered as the model says, at the instant it
// says, and leaves every store and log as the model has it.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Answer } from '../tools/answer.ts'
import { type TestCluster, testCluster } from '../tools/cluster.ts'
import { pinned } from '../tools/pinned.ts'
import { Model, type Predicted } from './model.ts'

// Commands come every 10 ms, latencies end on 0 and time-outs on 3: nothing of different kinds falls together.
const LATENCIES_MS = [200, 500, 20]
const TIMEOUT_MS = 333

/** The system under test, with every answer and what was predicted of it. */
interface Real {
  readonly lab: TestCluster
  readonly answers: { readonly answer: Answer<never>; readonly predicted: Predicted }[]
}

type Step = fc.Command<Model, Real>

/** A command that can be given at any time. */
function always(said: string, run: (model: Model, real: Real) => void): Step {
  return when(said, () => true, run)
}

function when(
  said: string,
  check: (model: Readonly<Model>) => boolean,
  run: (model: Model, real: Real) => void,
): Step {
  return {
    check,
    run: (model, real) => {
      run(model, real)
      compare(model, real)
    },
    toString: () => said,
  }
}

function expectLater(real: Real, answer: unknown, predicted: Predicted): void {
  real.answers.push({ answer: answer as Answer<never>, predicted })
}

function compare(model: Model, { lab, answers }: Real): void {
  expect(lab.nowMs).toBe(model.nowMs)
  for (const { answer, predicted } of answers) {
    const atMs = answer.atUs === undefined ? undefined : answer.atUs / 1_000
    expect({ said: answer.said, atMs }).toEqual(predicted)
    expect(answer.replies).toBe(predicted.said === 'waiting' ? 0 : 1)
  }
  const { replicas } = lab.cluster.inspect()
  for (const { id, store, appliedOffset } of replicas) {
    const expected = new Map([...model.store(id)].map(([key, i]) => [key, model.log[i]?.value]))
    const actual = new Map([...store.values()].map(({ key, value }) => [key, value]))
    expect(actual).toEqual(expected)
    expect(appliedOffset).toBe(id === 0 ? model.log.length : model.follower(id).applied)
  }
}

const key = fc.constantFrom('a', 'b', '__proto__')
const replica = fc.nat(LATENCIES_MS.length)
const follower = fc.integer({ min: 1, max: LATENCIES_MS.length })

const steps: fc.Arbitrary<Step>[] = [
  key.map((key) =>
    always(`write ${key}`, (model, real) => {
      const value = `v${model.log.length}`
      const predicted = model.write(key, value, 1, TIMEOUT_MS)
      expectLater(real, real.lab.write(key, value), predicted)
    }),
  ),
  fc.tuple(key, replica).map(([key, id]) =>
    always(`write-with-quorum ${key} w=${id + 1}`, (model, real) => {
      const value = `v${model.log.length}`
      const predicted = model.write(key, value, id + 1, TIMEOUT_MS)
      expectLater(real, real.lab.writeWithQuorum(key, value, { w: id + 1 }), predicted)
    }),
  ),
  fc.tuple(key, replica).map(([key, id]) =>
    always(`follower-read ${key} replica=${id}`, (model, real) => {
      const predicted = model.followerRead(key, id, TIMEOUT_MS)
      expectLater(real, real.lab.followerRead(key, id), predicted)
    }),
  ),
  key.map((key) =>
    always(`read ${key}`, (model, real) => {
      expectLater(real, real.lab.read(key), model.followerRead(key, 0, TIMEOUT_MS))
    }),
  ),
  key.map((key) =>
    when(
      `read-with-repair ${key}`,
      (model) => !model.somebodyIsPaused,
      (model, { lab }) => {
        const { said, repaired } = model.readWithRepair(key)
        const answer = lab.readWithRepair(key)
        expect(answer.said).toBe(said)
        if (said !== 'key-not-found') expect(answer.value.repaired).toEqual(repaired)
      },
    ),
  ),
  fc.tuple(key, replica).map(([key, id]) =>
    when(
      `forget ${id} ${key}`,
      (model) => (model as Model).store(id).has(key),
      (model, { lab }) => {
        model.store(id).delete(key)
        lab.forget(id, key)
      },
    ),
  ),
  follower.map((id) =>
    when(
      `hold 0 ${id}`,
      (model) => !(model as Model).follower(id).isHeld,
      (model, { lab }) => {
        model.hold(id)
        lab.hold(0, id)
      },
    ),
  ),
  follower.map((id) =>
    when(
      `release 0 ${id}`,
      (model) => (model as Model).follower(id).isHeld,
      (model, { lab }) => {
        model.release(id)
        lab.release(0, id)
      },
    ),
  ),
  follower.map((id) =>
    when(
      `pause ${id}`,
      (model) => !(model as Model).follower(id).isPaused,
      (model, { lab }) => {
        model.pause(id)
        lab.pause(id)
      },
    ),
  ),
  follower.map((id) =>
    when(
      `resume ${id}`,
      (model) => (model as Model).follower(id).isPaused,
      (model, { lab }) => {
        model.resume(id)
        lab.resume(id)
      },
    ),
  ),
  fc.nat(30).map((tens) =>
    always(`advance ${tens * 10}ms`, (model, { lab }) => {
      model.advance(tens * 10)
      lab.advance(tens * 10)
    }),
  ),
]

test('the core answers as the model does, whatever it is told', () => {
  fc.assert(
    fc.property(fc.commands(steps, { maxCommands: 60, size: '+1' }), (commands) => {
      const latency = LATENCIES_MS.map((ms) => `${ms}ms`).join(',')
      fc.modelRun(
        () => ({
          model: new Model(LATENCIES_MS),
          real: {
            lab: testCluster({ followers: 3, latency, quorumTimeoutMs: TIMEOUT_MS }),
            answers: [],
          },
        }),
        commands,
      )
    }),
    pinned(40),
  )
})
