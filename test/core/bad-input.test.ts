// What the core is asked for and cannot do: each gets its problem with what became of it, and changes nothing.
// What no door lets through (types, lengths, signs) is the doors' to refuse, and tested there.

import { describe, expect, test } from 'vitest'
import { ERRORS } from '../../src/core/errors.ts'
import { testCluster } from '../tools/cluster.ts'

describe('bounds', () => {
  test('on keys refuse a new key, and take a write of an old one', () => {
    const lab = testCluster({ keysMax: 2 })
    for (const key of ['a', 'b']) lab.write(key, '1')
    expect(lab.write('c', '1').problem).toMatchObject({
      code: 'too-many-keys',
      outcome: 'not-applied',
      facts: { keysMax: 2 },
    })
    expect(lab.write('a', '2').said).toBe('2')
    expect(lab.log(0)).toHaveLength(3)
  })

  test('on messages refuse a write, and take it when some have landed', () => {
    const lab = testCluster({ messagesMax: 10 })
    const said = Array.from({ length: 6 }, (_, i) => lab.write('a', `${i}`).said)
    expect(said).toEqual(['0', '1', '2', '3', 'too-many-messages', 'too-many-messages'])
    lab.idle()
    expect(lab.write('a', 'again').said).toBe('again')
  })

  test('on waiting requests refuse the next one, of any kind', () => {
    const lab = testCluster({ waitingMax: 2 })
    for (const value of ['1', '2']) lab.writeWithQuorum('a', value, { w: 3 })
    expect(lab.write('a', '3').said).toBe('too-many-waiting')
    expect(lab.readWithRepair('a').said).toBe('too-many-waiting')
    expect(lab.log(0)).toHaveLength(2)
    lab.idle()
    expect(lab.read('a').said).toBe('2')
  })
})

test('an answer that is refused says what became of the write', () => {
  const lab = testCluster()
  const write = lab.write('a', '1', { replica: 9 })
  expect(write.problem).toMatchObject({ code: 'invalid-request', outcome: 'not-applied' })
  lab.crash(2)
  expect(lab.write('a', '1', { replica: 2 }).problem).toMatchObject({
    code: 'replica-down',
    outcome: 'not-applied',
  })
})

test('every problem has a sentence that says how to go on', () => {
  const lab = testCluster({ keysMax: 1, waitingMax: 1, quorumTimeoutMs: 100 })
  lab.write('a', '1')
  const problems = [
    lab.write('b', '1').problem,
    lab.write('a', '2', { replica: 1 }).problem,
    lab.write('a', '2', { replica: 7 }).problem,
    lab.writeWithQuorum('a', '2', { w: 9 }).problem,
    lab.followerRead('a', 1).problem,
  ]
  for (const { code, detail } of problems) {
    expect(Object.keys(ERRORS)).toContain(code)
    expect(detail).toMatch(/^[A-Zw].{20,}\.$/)
    expect(detail).not.toMatch(/undefined|null|NaN|\[object|-1/)
  }
})

test('a listener that throws does not leave the cluster inside a command for ever', () => {
  const lab = testCluster()
  const deafen = lab.cluster.listen(() => {
    throw new Error('a bug of the listener')
  })
  expect(() => lab.cluster.crash(1, {})).toThrow('a bug of the listener')
  deafen()
  lab.write('a', '1')
  expect(lab.read('a').said).toBe('1')
})
