// What the page keeps of what it was shown: any place of it shows the same again.

import { describe, expect, test } from 'vitest'
import { Cluster } from '../../src/core/cluster.ts'
import { renderEvent } from '../../src/core/output/render.ts'
import { ViewRenderer } from '../../src/core/output/render-views.ts'
import { eventBefore, placeOf, replay, step, Tape } from '../../src/page/live/tape.js'
import { applyMoment, createModel } from '../../src/page/model/state.js'
import type { Model, ViewJson } from '../../src/page/model/types.d.ts'

function taped() {
  const cluster = new Cluster({ seed: 1, startTimeMs: 0, clock: { mode: 'manual', rate: 1 } })
  const tape = new Tape()
  const live = createModel()
  const views = new ViewRenderer(cluster)
  const add = (moment: Parameters<typeof tape.add>[0]) => {
    tape.add(moment)
    applyMoment(live, moment)
  }
  cluster.listen((event) => {
    const json = renderEvent(event, 0)
    add({ atMs: json.atMs, event: json })
  })
  return {
    cluster,
    tape,
    live,
    chapter: () => tape.chapters.at(-1) ?? [],
    see: () =>
      add({ atMs: cluster.nowUs / 1000, view: views.detailed(cluster.detailedView(3), String) }),
  }
}

/** What there is to see of a model. */
function sights({ view, messages, log, last, history }: Model) {
  const fates = [...messages.values()].map(({ id, fate }) => `${id} ${fate}`)
  return structuredClone({
    view,
    fates,
    lines: log.map(({ id }) => id),
    last,
    items: history.items,
  })
}

const nobody = () => undefined

describe('the tape', () => {
  test('shows at any place what there was to see', () => {
    const { cluster, live, see, chapter } = taped()
    const seen = new Map<number, ReturnType<typeof sights>>()
    const commands = [
      () => cluster.write({ key: 'a', value: '1' }, nobody),
      () => cluster.followerRead({ key: 'a', replica: 1 }, nobody),
      () => cluster.hold(0, 1, {}),
      () => cluster.advance({ us: 250_000 }),
      () => cluster.writeWithQuorum({ key: 'a', value: '2', w: 2 }, nobody),
      () => cluster.advance({ to: 'idle' }),
      () => cluster.failover({ to: 2 }),
    ]
    for (const command of commands) {
      command()
      see()
      seen.set(chapter().length, sights(live))
    }
    for (const [place, sight] of seen)
      expect(sights(replay(chapter().slice(0, place)))).toEqual(sight)
  })

  test('stops between things that happened, and leaves what they sent with them', () => {
    const { cluster, chapter } = taped()
    cluster.write({ key: 'a', value: '1' }, nobody)
    const written = chapter().length
    cluster.followerRead({ key: 'a', replica: 1 }, nobody)
    const read = chapter().length
    cluster.advance({ us: 200_000 })
    const all = chapter()
    expect(step(all, written, 1)).toBeGreaterThan(written)
    expect(step(all, step(all, written, 1), -1)).toBe(written)
    expect(eventBefore(all, step(all, read, 1), 'message')?.type).toBe('copy-applied')
    expect(step(all, 1, -1)).toBe(1)
    expect(step(all, all.length, 1)).toBe(all.length)
  })

  test('keeps chapters apart, and finds times and events in them', () => {
    const { cluster, tape } = taped()
    const test = () => {
      cluster.write({ key: 'a', value: '1' }, nobody)
      cluster.advance({ us: 700_000 })
    }
    test()
    cluster.reset('nothing')
    test()
    const [first = [], second = [], ...more] = tape.chapters
    expect(more).toEqual([])
    expect(eventBefore(first, placeOf(first, 300))?.type).toBe('acknowledgement-received')
    expect(placeOf(second, 300)).toBe(1 + placeOf(first, 300))
    expect(placeOf(first, 900)).toBe(first.length)
    expect(tape.find(first.length + 1)).toEqual({ chapter: second, place: 1 })
  })

  test('is bounded, and thins views before it drops events', () => {
    const { tape, cluster, chapter } = taped()
    const view = {} as ViewJson
    cluster.write({ key: 'a', value: '1' }, nobody)
    for (let i = 0; i < 2_000; i++) tape.add({ atMs: 0, view })
    expect(chapter().filter((one) => one.view).length).toBeLessThanOrEqual(500)
    expect(tape.find(1)?.place).toBe(1)
    for (let i = 0; i < 30_000; i++) tape.add({ atMs: 0 })
    expect(chapter().length).toBeLessThanOrEqual(20_000)
    expect(tape.find(1)).toBe(undefined)
    cluster.reset('nothing')
    for (let i = 0; i < 15_000; i++) tape.add({ atMs: 0 })
    expect(tape.chapters).toHaveLength(1)
  })
})
