// The past again, up to any event of any session: the same events come, and the same future.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Cluster } from '../../src/core/cluster.ts'
import type { ClusterOptions } from '../../src/core/options.ts'
import type { RestoredCluster, Ticket } from '../../src/core/verbs.ts'
import { parseScenario } from '../../src/scenario/parse.ts'
import { Past } from '../../src/scenario/past.ts'
import { SessionRecorder } from '../../src/scenario/recorder.ts'
import { type Recording, Replay } from '../../src/scenario/replay.ts'
import { runScenario } from '../../src/scenario/run.ts'
import { finish } from '../../src/scenario/slices.ts'
import { pinned } from '../tools/pinned.ts'
import { options, restored, type Step, steps } from './sessions.ts'

const ignore = () => {}
const before = fc.option(restored, { nil: undefined })

/** A cluster with its recorder, and what has happened in it as text. */
function recorded(given: Partial<ClusterOptions>) {
  const cluster = new Cluster(given)
  const recorder = new SessionRecorder(cluster)
  return { cluster, recorder, heard: heardIn(cluster) }
}

/** Without ids, which count from the start of the cluster rather than of the session. */
function heardIn(cluster: Cluster): string[] {
  const heard: string[] = []
  cluster.listen(({ id: _, ...event }) => heard.push(JSON.stringify(event)))
  return heard
}

function session(
  given: Partial<ClusterOptions>,
  restore: RestoredCluster | undefined,
  done: readonly Step[],
) {
  const it = recorded(given)
  const tickets: Ticket[] = []
  if (restore) it.cluster.restore(restore)
  for (const step of done) step.run(it.cluster, tickets)
  return { ...it, tickets }
}

function recordingOf(recorder: SessionRecorder, event: number): Recording {
  const reply = recorder.recordingOf(event)
  if (!reply.ok) throw new Error(reply.problem.detail)
  return reply.value
}

/** What happens when the export is run. */
function replayed(recorder: SessionRecorder): string[] {
  const reply = recorder.export()
  if (!reply.ok) throw new Error(reply.problem.detail)
  const parsing = parseScenario(reply.value)
  if (!parsing.ok) throw new Error(reply.value)
  const heard: string[] = []
  const { failedLines } = runScenario(parsing.scenario, (item) => {
    if (item.kind !== 'event') return
    const { id: _, ...event } = item.event
    heard.push(JSON.stringify(event))
  })
  expect(failedLines, reply.value).toEqual([])
  return heard
}

/** All that there is to see, but for the number of the session's first event. */
function seen(cluster: Cluster): string {
  const pages = cluster.view().replicas.map(({ id }) => cluster.replicaRecords(id, 0, 1_000))
  return JSON.stringify([cluster.view(), pages, cluster.failovers(), cluster.startTimeMs])
}

describe('a replay', () => {
  test('up to any event of any session has had the events until then, and goes on as that did', () => {
    fc.assert(
      fc.property(options, before, steps, fc.nat(), (given, restore, done, draw) => {
        const { cluster, recorder, heard } = session(given, restore, done)
        const { beginsAt } = recordingOf(recorder, heard.length)
        const event = beginsAt + (draw % (heard.length - beginsAt + 1))
        const recording = recordingOf(recorder, event)
        const again = new Cluster(recording.options)
        const heardAgain = heardIn(again)
        const replay = new Replay(recording, again)
        finish(replay.until(event))
        expect(heardAgain.length).toBeGreaterThanOrEqual(event - beginsAt)
        expect(heardAgain).toEqual(heard.slice(beginsAt, beginsAt + heardAgain.length))
        finish(replay.until(Number.POSITIVE_INFINITY))
        expect(heardAgain).toEqual(heard.slice(beginsAt))
        expect(seen(again)).toBe(seen(cluster))
      }),
      pinned(75),
    )
  })

  test('that is left to itself does the same as the session, whatever comes, without who waited', () => {
    fc.assert(
      fc.property(options, before, steps, steps, (given, restore, done, more) => {
        const { cluster, recorder, heard, tickets } = session(given, restore, done)
        const recording = recordingOf(recorder, heard.length)
        const branch = recorded(recording.options)
        const replay = new Replay(recording, branch.cluster)
        finish(replay.until(Number.POSITIVE_INFINITY))
        replay.end()
        for (const ticket of tickets) ticket.abandon()
        expect(branch.cluster.view().waiting).toBe(0)
        const from = [heard.length, branch.heard.length]
        const later: [Ticket[], Ticket[]] = [[], []]
        for (const step of more) {
          step.run(cluster, later[0])
          step.run(branch.cluster, later[1])
        }
        expect(branch.heard.slice(from[1])).toEqual(heard.slice(from[0]))
        expect(seen(branch.cluster)).toBe(seen(cluster))
        expect(replayed(branch.recorder)).toEqual(replayed(recorder))
      }),
      pinned(75),
    )
  })

  test('ends with the due event that brought the event, not with all that is due at its instant', () => {
    const { cluster, recorder, heard } = recorded({ followers: 3 })
    cluster.write({ key: 'a', value: '1' }, ignore)
    cluster.setLink(0, 2, { latency: '200ms' })
    cluster.setLink(0, 3, { latency: '200ms' })
    cluster.write({ key: 'a', value: '2' }, ignore)
    cluster.advance({ to: 'idle' })
    const applied = (texts: string[]) => texts.filter((text) => text.includes('copy-applied'))
    const event = 1 + heard.findIndex((text) => text.includes('copy-applied'))
    const recording = recordingOf(recorder, event)
    const again = new Cluster(recording.options)
    const heardAgain = heardIn(again)
    finish(new Replay(recording, again).until(event))
    expect(applied(heardAgain)).toHaveLength(1)
  })

  test('gives others their turn, and leaves the rest undone when it is called off', () => {
    const { cluster, recorder, heard } = recorded({})
    for (let i = 0; i < 500; i++) cluster.write({ key: 'k', value: `${i}` }, ignore)
    cluster.advance({ to: 'idle' })
    const recording = recordingOf(recorder, heard.length)
    const again = new Cluster(recording.options)
    const slices = new Replay(recording, again).until(heard.length)
    expect(slices.next().done).toBe(false)
    slices.return(undefined)
    expect(again.view().replicas[0]?.appliedOffset).toBeLessThan(500)
    expect(seen(cluster)).not.toBe(seen(again))
  })

  test('of an event that a full reset brought while somebody waited shows what was after it', () => {
    const { cluster, recorder, heard } = recorded({})
    cluster.write({ key: 'a', value: '1' }, ignore)
    cluster.pause(1, {})
    const waiting = heard.length
    cluster.followerRead({ key: 'a', replica: 1 }, ignore)
    cluster.reset('nothing')
    expect(heard.at(-2)).toContain('cluster-reset')
    const shown = seen(cluster)
    const past = new Past()
    for (const event of [heard.length, heard.length - 1, heard.length]) {
      const text = finish(past.see(recordingOf(recorder, event), event, seen))
      expect(text, `event ${event}`).toBe(shown)
    }
    expect(finish(past.see(recordingOf(recorder, waiting), waiting, seen))).not.toBe(shown)
  })

  test('of a session that was too long to keep there is none, until a full reset', () => {
    const cluster = new Cluster()
    const recorder = new SessionRecorder(cluster, { commandsMax: 1, charsMax: 100 })
    for (const value of ['1', '2']) cluster.write({ key: 'a', value }, ignore)
    expect(recorder.recordingOf(1)).toMatchObject({ problem: { code: 'scenario-truncated' } })
    cluster.reset('nothing')
    expect(recorder.recordingOf(1_000).ok).toBe(true)
  })
})

describe('the past of a session', () => {
  test('is seen as it was, and in whatever order it is looked at', () => {
    fc.assert(
      fc.property(options, before, steps, fc.array(fc.nat()), (given, restore, done, draws) => {
        const { recorder, heard } = session(given, restore, done)
        const { beginsAt } = recordingOf(recorder, heard.length)
        const past = new Past()
        for (const draw of draws) {
          const event = beginsAt + (draw % (heard.length - beginsAt + 1))
          const recording = recordingOf(recorder, event)
          const fresh = new Replay(recording, new Cluster(recording.options))
          finish(fresh.until(event))
          expect(finish(past.see(recording, event, seen))).toBe(fresh.see(seen))
        }
      }),
      pinned(50),
    )
  })

  test('is what the session itself showed then', () => {
    fc.assert(
      fc.property(options, before, steps, (given, restore, done) => {
        const { cluster, recorder, heard, tickets } = session(given, restore, [])
        let newest = 0
        cluster.listen(({ atUs }) => {
          newest = atUs
        })
        const shown: { readonly event: number; readonly text: string }[] = []
        for (const step of done) {
          const had = heard.length
          step.run(cluster, tickets)
          const text = seen(cluster)
          // Without an event, and later than the last one, there is nothing by which to ask for it.
          if (heard.length > had && newest === cluster.nowUs)
            shown.push({ event: heard.length, text })
        }
        for (const { event, text } of shown) {
          const recording = recordingOf(recorder, event)
          const again = new Cluster(recording.options)
          finish(new Replay(recording, again).until(event))
          // Looking from outside lets happen what is due at this instant, as it did in the session.
          expect(seen(again)).toBe(text)
        }
      }),
      pinned(50),
    )
  })

  test('is what the session showed at any instant of any chapter, in whatever order', () => {
    fc.assert(
      fc.property(options, before, steps, fc.nat(), (given, restore, done, draw) => {
        const { cluster, recorder, tickets } = session(given, restore, [])
        const shown = new Map<string, readonly [chapter: number, atUs: number, text: string]>()
        const show = () => {
          const chapter = recorder.chapters().length
          const { nowUs } = cluster
          shown.set(`${chapter} ${nowUs}`, [chapter, nowUs, seen(cluster)])
        }
        show()
        for (const step of done) {
          step.run(cluster, tickets)
          show()
        }
        const past = new Past()
        const all = [...shown.values()]
        const turned = all.map((_, i) => all[(i * 7 + draw) % all.length] ?? all[0])
        for (const [number, atUs, text] of [...all, ...turned.filter((one) => one !== undefined)]) {
          const chapter = recorder.chapters()[number - 1]
          if (!chapter) throw new Error(`no chapter ${number}`)
          const sight = recorder.recordingUntil(chapter, atUs)
          if (!sight.ok) throw new Error(sight.problem.detail)
          const { recording, moment } = sight.value
          expect(finish(past.see(recording, moment, seen)), `${number} at ${atUs}`).toBe(text)
          // An event of just then, which may be past by now.
          const event = chapter.firstEvent && draw % 2 ? chapter.firstEvent : chapter.lastEvent
          if (event === null) continue
          const leading = recordingOf(recorder, event)
          const then = finish(new Past().see(leading, event, seen))
          expect(finish(past.see(leading, event, seen)), `event ${event}`).toBe(then)
          expect(finish(past.see(recording, moment, seen)), `${number} at ${atUs}`).toBe(text)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('grows with the session, and going on in it takes up where the last look was', () => {
    const { cluster, recorder, heard } = recorded({})
    const past = new Past()
    const clusters = ['1', '2', '3'].map((value) => {
      cluster.write({ key: 'a', value }, ignore)
      const event = heard.length
      return finish(past.see(recordingOf(recorder, event), event, (one) => one))
    })
    expect(new Set(clusters).size).toBe(1)
    expect(clusters[0]?.view().replicas[0]?.appliedOffset).toBe(3)
    const back = finish(past.see(recordingOf(recorder, 1), 1, (one) => one))
    expect(back).not.toBe(clusters[0])
    expect(finish(past.see(recordingOf(recorder, 1), 1, (one) => one))).toBe(back)
  })
})
