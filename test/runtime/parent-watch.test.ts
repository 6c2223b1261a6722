// Who counts as the starter of a server, and when it is gone. main.test.ts shows it with a real npm.

import { describe, expect, test } from 'vitest'
import { ParentWatch, type Processes } from '../../src/runtime/parent-watch.ts'

type Table = Record<number, { name: string; parent: number }>

const NODE = 30

function watch(table: Table): { watch: ParentWatch; table: Table } {
  const processes: Processes = {
    parent: () => table[NODE]?.parent ?? 1,
    look: (pid) => table[pid],
  }
  return { watch: new ParentWatch(processes), table }
}

const underNpm = (): Table => ({
  10: { name: 'npm start', parent: 5 },
  20: { name: 'sh', parent: 10 },
  [NODE]: { name: 'node', parent: 20 },
})

describe('npm, a shell, then this process', () => {
  test('nobody is gone while all live', () => {
    expect(watch(underNpm()).watch.isGone()).toBe(false)
  })

  test('the shell dies: gone', () => {
    const { watch: watched, table } = watch(underNpm())
    table[NODE] = { name: 'node', parent: 1 }
    expect(watched.isGone()).toBe(true)
  })

  test('npm dies and the shell lives on: gone', () => {
    const { watch: watched, table } = watch(underNpm())
    table[20] = { name: 'sh', parent: 1 }
    expect(watched.isGone()).toBe(true)
  })

  test('npm loses its own parent, as after a logout: not gone', () => {
    const { watch: watched, table } = watch(underNpm())
    table[10] = { name: 'npm start', parent: 1 }
    expect(watched.isGone()).toBe(false)
  })
})

describe('npm, then this process, because the shell stepped aside', () => {
  const direct = (): Table => ({
    10: { name: 'npm start', parent: 5 },
    [NODE]: { name: 'node', parent: 10 },
  })

  test('npm dies: gone', () => {
    const { watch: watched, table } = watch(direct())
    table[NODE] = { name: 'node', parent: 1 }
    expect(watched.isGone()).toBe(true)
  })

  test('npm loses its own parent: not gone', () => {
    const { watch: watched, table } = watch(direct())
    table[10] = { name: 'npm start', parent: 1 }
    expect(watched.isGone()).toBe(false)
  })
})

test('where processes cannot be looked at, the parent alone decides', () => {
  let parent = 20
  const watched = new ParentWatch({ parent: () => parent, look: () => undefined })
  expect(watched.isGone()).toBe(false)
  parent = 1
  expect(watched.isGone()).toBe(true)
})

test('the parent of this test is there', () => {
  expect(new ParentWatch().isGone()).toBe(false)
})
