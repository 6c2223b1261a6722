// Whatever is done to a cluster can be exported as a scenario, and its replay is the same to the last event.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Cluster } from '../../src/core/cluster.ts'
import type { ClusterEvent } from '../../src/core/events.ts'
import type { ClusterOptions } from '../../src/core/options.ts'
import type { RestoredCluster, Ticket } from '../../src/core/verbs.ts'
import type { KeptChapter } from '../../src/scenario/kept-sessions.ts'
import { parseScenario } from '../../src/scenario/parse.ts'
import { recorderBounds, SessionRecorder } from '../../src/scenario/recorder.ts'
import { type Outcome, runScenario } from '../../src/scenario/run.ts'
import { pinned } from '../tools/pinned.ts'
import { options, restored, type Step, steps, withoutId } from './sessions.ts'

const ignore = () => {}

type Trace = Omit<ClusterEvent, 'id'>[]

interface Exported {
  readonly text: string
  readonly trace: Trace
  readonly nowUs: number
}

/**
 * Does all that to a cluster.
 * @returns what is exported, and what happened since the last full reset; and the same of each chapter that is over
 */
function session(
  given: Partial<ClusterOptions>,
  before: RestoredCluster | undefined,
  done: readonly Step[],
): Exported & { readonly chapters: readonly Exported[] } {
  const cluster = new Cluster(given)
  const recorder = new SessionRecorder(cluster)
  let trace: Trace = []
  cluster.listen((event) => {
    trace.push(withoutId(event))
    if (event.type === 'cluster-reset' && event.keep === 'nothing') trace = []
  })
  const tickets: Ticket[] = []
  if (before) cluster.restore(before)
  const ends: Omit<Exported, 'text'>[] = []
  for (const step of done) {
    // What a reset itself brings is of the next chapter, though it tells it before the reset.
    const end = { trace: [...trace], nowUs: cluster.nowUs }
    step.run(cluster, tickets)
    if (recorder.chapters().length > ends.length + 1) ends.push(end)
  }
  const over = recorder.chapters().filter(({ isOver }) => isOver)
  const chapters = over.map((chapter, i) => ({
    text: textOf(recorder, chapter),
    ...(ends[i] as Omit<Exported, 'text'>),
  }))
  return { text: textOf(recorder), trace, nowUs: cluster.nowUs, chapters }
}

function textOf(recorder: SessionRecorder, chapter?: KeptChapter): string {
  const reply = recorder.export(chapter)
  if (!reply.ok) throw new Error(reply.problem.detail)
  return reply.value
}

/** What was done, without the header. */
function commandsOf(recorder: SessionRecorder): string[] {
  const [, body = ''] = textOf(recorder).split('\n\n')
  return body.split('\n').filter((line) => line !== '')
}

function replay(text: string): { trace: Trace; outcome: Outcome } {
  const parsing = parseScenario(text)
  if (!parsing.ok) throw new Error(JSON.stringify(parsing.mistakes, null, 2))
  const trace: Trace = []
  const outcome = runScenario(parsing.scenario, (item) => {
    if (item.kind === 'event') trace.push(withoutId(item.event))
  })
  return { trace, outcome }
}

describe('the export of a session', () => {
  test('replays to the same events at the same instants, and its expectations hold', () => {
    const before = fc.option(restored, { nil: undefined })
    fc.assert(
      fc.property(options, before, steps, (given, restore, done) => {
        const { chapters, ...whole } = session(given, restore, done)
        for (const { text, trace, nowUs } of [...chapters, whole]) {
          const again = replay(text)
          expect(again.trace, text).toEqual(trace)
          expect(again.outcome, text).toMatchObject({ nowUs, failedLines: [], stopped: false })
        }
      }),
      pinned(75),
    )
  })

  test('reads like something a person would write', () => {
    const cluster = new Cluster({ followers: 2, startTimeMs: Date.UTC(2025, 5, 14, 16, 5, 52) })
    const recorder = new SessionRecorder(cluster)
    cluster.write({ key: 'user:1', value: 'Jessica' }, ignore)
    cluster.followerRead({ key: 'user:1', replica: 1, client: 'alice' }, ignore)
    cluster.writeWithQuorum({ key: 'user:1', value: 'two words', w: 2 }, ignore)
    cluster.runTo(200_250, 1_000_000)
    cluster.pause(1, { forUs: 5_000_000 })
    const left = cluster.followerRead({ key: 'user:1', replica: 1 }, ignore)
    cluster.advance({ us: 1_000 })
    left.abandon()
    cluster.read({ key: 'user:1' }, ignore)
    cluster.writeWithQuorum({ key: 'user:2', value: 'late', w: 3, timeoutUs: 1_500 }, ignore)
    cluster.hold(0, 2, { key: 'user:2' })
    cluster.runTo(3_000_000, 1_000_000)
    expect(`\n${textOf(recorder)}`).toMatchInlineSnapshot(`
      "
      # A session of 3000 ms.
      # To replay it: npm start -- run FILE
      seed 1
      followers 2
      start 2025-06-14T16:05:52.000Z

      write user:1 Jessica
      as alice: follower-read user:1 replica=1 -> key-not-found
      write-with-quorum user:1 "two words" w=2 -> applied
      advance 250us
      pause 1 for=5s
      follower-read user:1 replica=1 &
      advance 1ms
      abandon 4
      read user:1 -> "two words"
      write-with-quorum user:2 late w=3 timeout=1.5ms & -> quorum-timeout
      hold 0 2 key=user:2
      advance 2.79875s
      "
    `)
  })
})

describe('where a session begins', () => {
  test('at the last full reset, however it was before', () => {
    const cluster = new Cluster()
    const recorder = new SessionRecorder(cluster)
    cluster.write({ key: 'a', value: '1' }, ignore)
    cluster.pause(1, {})
    cluster.followerRead({ key: 'a', replica: 1 }, ignore)
    cluster.reset('nothing')
    cluster.write({ key: 'b', value: '2' }, ignore)
    expect(commandsOf(recorder)).toEqual(['write b 2'])
  })

  test('a partial reset is part of it, and requests count from 1 again', () => {
    const cluster = new Cluster()
    const recorder = new SessionRecorder(cluster)
    cluster.pause(1, {})
    cluster.followerRead({ key: 'a', replica: 1 }, ignore)
    cluster.reset('faults')
    const ticket = cluster.followerRead({ key: 'b', replica: 1 }, ignore)
    cluster.advance({ us: 1_000 })
    ticket.abandon()
    expect(commandsOf(recorder)).toEqual([
      'pause 1',
      'follower-read a replica=1 & -> cluster-reset',
      'reset keep=faults',
      'follower-read b replica=1 &',
      'advance 1ms',
      'abandon 1',
    ])
  })

  test('with what an earlier run left', () => {
    const cluster = new Cluster()
    const recorder = new SessionRecorder(cluster)
    const record = { epoch: 1, offset: 7, writtenUs: -1_500_000, quorum: true }
    cluster.restore({ leader: 2, epoch: 3, records: [{ key: 'a', value: 'b c', ...record }] })
    cluster.read({ key: 'a' }, ignore)
    expect(commandsOf(recorder)).toEqual([
      'restore leader=2 epoch=3',
      'restored a "b c" version=1.7 age=1.5s quorum',
      'read a -> "b c"',
    ])
  })
})

describe('time', () => {
  test('is exact over years, however it was moved', () => {
    const cluster = new Cluster()
    const recorder = new SessionRecorder(cluster)
    const years = 40 * 365 * 86_400 * 1_000_000
    cluster.runTo(years + 1, 1_000_000)
    cluster.write({ key: 'a', value: '1' }, ignore)
    const commands = commandsOf(recorder)
    expect(commands).toHaveLength(42)
    expect(commands.at(-2)).toBe('advance 1us')
    expect(replay(textOf(recorder)).outcome.nowUs).toBe(years + 1)
  })

  test('moved by hand is time that passed', () => {
    const cluster = new Cluster()
    const recorder = new SessionRecorder(cluster)
    cluster.write({ key: 'a', value: '1' }, ignore)
    cluster.advance({ to: 'idle' })
    cluster.advance({ us: 250 })
    cluster.advance({ until: { replica: 1, version: { epoch: 1, offset: 9 } } })
    expect(commandsOf(recorder)).toEqual(['write a 1', 'advance 500.25ms'])
  })
})

describe('bounds', () => {
  const small = { commandsMax: 3, charsMax: 100 }

  test('a session that is too long cannot be exported, until a full reset', () => {
    const cluster = new Cluster()
    const recorder = new SessionRecorder(cluster, small)
    for (let i = 0; i < 4; i++) cluster.read({ key: 'a' }, ignore)
    expect(recorder.export()).toMatchObject({
      ok: false,
      problem: { code: 'scenario-truncated', outcome: 'not-applied', facts: { commandsMax: 3 } },
    })
    cluster.reset('faults')
    expect(recorder.export().ok).toBe(false)
    cluster.reset('nothing')
    expect(commandsOf(recorder)).toEqual([])
  })

  test('nor one that holds too much text', () => {
    const cluster = new Cluster()
    const recorder = new SessionRecorder(cluster, small)
    cluster.write({ key: 'a', value: 'v'.repeat(99) }, ignore)
    expect(recorder.export().ok).toBe(true)
    cluster.write({ key: 'a', value: '' }, ignore)
    expect(recorder.export().ok).toBe(false)
  })

  test('restored records count like commands', () => {
    const cluster = new Cluster()
    const recorder = new SessionRecorder(cluster, small)
    const records = [1, 2, 3].map((offset) => ({
      ...{ key: 'a', value: 'b', epoch: 1, offset, writtenUs: 0, quorum: false },
    }))
    cluster.restore({ leader: 0, epoch: 1, records })
    expect(recorder.export().ok).toBe(false)
  })

  test('advancing is no command that is kept', () => {
    const cluster = new Cluster()
    const recorder = new SessionRecorder(cluster, small)
    for (let i = 0; i < 10; i++) cluster.advance({ us: 1 })
    expect(commandsOf(recorder)).toEqual(['advance 10us'])
  })

  test('the oldest chapters go, within a session too, and their numbers stay', () => {
    const cluster = new Cluster()
    const recorder = new SessionRecorder(cluster)
    const kept = () => {
      const all = recorder.chapters()
      return [all.length, all[0]?.number, all.at(-1)?.number]
    }
    for (let i = 1; i < 1_003; i++) cluster.reset(i % 500 === 0 ? 'nothing' : 'data')
    expect(kept()).toEqual([1_000, 4, 1_003])
    for (let i = 0; i < 497; i++) cluster.reset('data')
    expect(kept()).toEqual([1_000, 501, 1_500])
    // The first session is gone with its last chapter.
    expect(recorder.recordingOf(1).ok).toBe(false)
    expect(commandsOf(recorder)).toHaveLength(499)
  })

  test('the usual ones are those of the table', () => {
    expect(recorderBounds(1_000)).toEqual({ commandsMax: 100_000, charsMax: 500 })
  })
})
