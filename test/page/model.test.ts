// The page's pure parts without a browser: the picture of the cluster that events paint, the stories told of it,
// the places of the diagram, and the curl lines.

import { describe, expect, test } from 'vitest'
import { Cluster } from '../../src/core/cluster.ts'
import { renderEvent } from '../../src/core/output/render.ts'
import { ViewRenderer } from '../../src/core/output/render-views.ts'
import { lagMsOf, lookOfLink, replicasOf, rowsOf } from '../../src/page/model/cards.js'
import { layoutCluster, pointAt, wayOf } from '../../src/page/model/cluster-layout.js'
import { curlOf } from '../../src/page/model/curl.js'
import { layoutArrows, layoutBands, layoutLanes } from '../../src/page/model/diagram-layout.js'
import { causeOf } from '../../src/page/model/history.js'
import { narrate } from '../../src/page/model/narrate.js'
import { applyEvent, applyView, createModel } from '../../src/page/model/state.js'
import { storyOf } from '../../src/page/model/story.js'
import {
  layoutTicks,
  niceStep,
  openedAt,
  place,
  type View,
} from '../../src/page/model/time-axis.js'
import type { Model } from '../../src/page/model/types.d.ts'
import { callOf, DATA } from '../../src/page/model/verbs.js'

const US = 1000
const nobody = () => undefined

/** A cluster whose time stands still, and what the page makes of its events and views. */
function watched() {
  const cluster = new Cluster({ seed: 1, startTimeMs: 0, clock: { mode: 'manual', rate: 1 } })
  const model: Model = createModel()
  cluster.listen((event) => applyEvent(model, renderEvent(event, 0)))
  const views = new ViewRenderer(cluster)
  const see = () => applyView(model, views.detailed(cluster.detailedView(12), String))
  see()
  return {
    cluster,
    model,
    see,
    write: (key: string, value: string) => cluster.write({ key, value }, nobody),
    read: (key: string, replica: number) => cluster.followerRead({ key, replica }, nobody),
    step(ms: number) {
      cluster.advance({ us: ms * US })
      model.nowMs = cluster.nowUs / US
      see()
    },
  }
}

describe('the picture of the cluster', () => {
  test('keeps the seat of the last leader while an order to lead waits, and says so', () => {
    const { cluster, model, write, step, see } = watched()
    write('a', '1')
    step(500)
    cluster.failover({ to: 2 })
    step(500)
    cluster.pause(1, {})
    cluster.failover({ to: 1 })
    see()
    expect(model.leader).toBe(2)
    expect(narrate(model).text).toMatch(/^Replica 1 was ordered to lead and is paused/)
    cluster.resume(1)
    see()
    expect(model.leader).toBe(1)
    cluster.crash(1, { keepData: true })
    see()
    expect(model.leader).toBe(1)
  })

  test('has the same keys on every card, each row as the server says it', () => {
    const { cluster, model, write, step, see } = watched()
    write('a', '1')
    step(200)
    write('a', '2')
    write('b', '1')
    see()
    const rows = replicasOf(model).map((one) =>
      rowsOf(model, one, 3).map(({ key, freshness }) => `${key} ${freshness}`),
    )
    expect(rows).toEqual([
      ['b fresh', 'a fresh'],
      ['b missing', 'a stale'],
      ['b missing', 'a missing'],
    ])
    expect(rowsOf(model, replicasOf(model)[0] as never, 1)).toHaveLength(1)
    cluster.crash(1, {})
    see()
    expect(replicasOf(model)[1]).toMatchObject({ state: 'crashed', keys: 0 })
  })

  test('lets what is lacked grow older between two views', () => {
    const { model, write, step } = watched()
    write('a', '1')
    step(150)
    model.nowMs += 30
    const lags = replicasOf(model).map((one) => lagMsOf(model, one))
    expect(lags).toEqual([0, 180, 180])
  })

  test('has lifelines and lags from its views', () => {
    const { cluster, model, write, step } = watched()
    write('a', '1')
    step(100)
    cluster.pause(1, {})
    step(300)
    expect(model.history.spans.map(({ replica, state, atMs }) => [replica, state, atMs])).toEqual([
      [0, 'running', 0],
      [1, 'running', 0],
      [2, 'running', 0],
      [1, 'paused', 400],
    ])
    expect(model.history.lag.get(2)).toEqual([{ atMs: 0, slot: 0, versions: 1 }])
  })

  test('has lags from events alone, so that who comes late sees those of before', () => {
    const { cluster, model, write } = watched()
    cluster.advance({ us: 100 * US })
    write('a', '1')
    write('b', '1')
    cluster.advance({ us: 150 * US })
    write('c', '1')
    cluster.advance({ us: 1_000 * US })
    const lag = (id: number) =>
      model.history.lag.get(id)?.map(({ atMs, versions }) => [atMs, versions])
    expect(lag(1)).toEqual([
      [100, 1],
      [100, 2],
      [250, 3],
      [300, 2],
      [300, 1],
      [450, 0],
    ])
  })

  test('counts what is held on a link apart from what travels', () => {
    const { cluster, model, write, see } = watched()
    cluster.hold(0, 1, {})
    write('a', '1')
    cluster.advance({ us: 300 * US })
    see()
    expect(lookOfLink(model, 0, 1)).toMatchObject({ state: 'held', waiting: 1, travelling: 0 })
    expect(lookOfLink(model, 0, 2)).toMatchObject({ state: 'up', waiting: 0, travelling: 1 })
  })

  test('begins again with time when the cluster is reset', () => {
    const { cluster, model, write, step } = watched()
    write('a', '1')
    step(600)
    cluster.reset('nothing')
    write('b', '1')
    expect(model.nowMs).toBe(0)
    expect(model.history.items.every(({ atMs }) => atMs === 0)).toBe(true)
  })

  test('stays bounded, however much happens', () => {
    const { model, write, step } = watched()
    for (let i = 0; i < 6000; i++) {
      write(`key:${i}`, 'x')
      if (i % 50 === 0) step(10)
    }
    expect(model.history.items.length).toBeLessThan(7300)
    expect(model.messages.size).toBeLessThanOrEqual(5000)
    expect(model.log.length).toBeLessThanOrEqual(3000)
    expect(model.history.dropped).toBeGreaterThan(0)
  })
})

describe('stories', () => {
  const last = (model: Model) => {
    if (!model.last) throw new Error('nothing was read or written')
    return model.last
  }

  test('a stale read says why, in the words of the log', () => {
    const { model, write, read } = watched()
    write('a', '1')
    read('a', 1)
    const answer =
      'Follower 1 answered follower-read of key=a with key-not-found, stale by 1 version and 0 ms, ' +
      'because the copy of 1.1 is on its way to replica 1 and lands in 200 ms.'
    expect(storyOf(last(model))).toBe(
      `Client default. At 0 ms: Started follower-read of key=a at replica 1. ${answer}`,
    )
    expect(narrate(model)).toEqual({ tone: 'stale', text: answer })
    expect(causeOf(model.history, last(model))).toMatchObject({ kind: 'copy', to: 1 })
  })

  test('each arrow and fault tells what became of it', () => {
    const { cluster, model, write, step } = watched()
    cluster.hold(0, 1, {})
    write('a', '1')
    step(300)
    cluster.release(0, 1)
    step(300)
    cluster.crash(1, {})
    const stories = model.history.items.map(storyOf)
    expect(stories).toContain(
      'At 0 ms: Sent copy 1 of key=a version=1.1 from replica 0 to replica 1, due at 200 ms. ' +
        'At 200 ms: Held message 1 from replica 0 to replica 1. ' +
        'At 300 ms: Released message 1 from replica 0 to replica 1. Replicated key=a to follower 1.',
    )
    expect(stories).toContain(
      'Client default. At 0 ms: Leader wrote key=a value=1. Acknowledged key=a version=1.1 by replica 0.',
    )
    expect(stories).toContain('At 600 ms: Crashed replica 1, losing its data.')
    for (const story of stories) expect(story).toMatch(/^[A-Z].*\.$/)
  })

  test('what a reset sweeps away has ended, unless the data is kept: then it travels on', () => {
    const { cluster, model, write } = watched()
    write('a', '1')
    cluster.reset('data')
    expect(model.messages.size).toBe(2)
    cluster.reset('faults')
    expect(model.messages.size).toBe(0)
    const [copy] = model.history.items.filter(({ item }) => item === 'message')
    expect(copy).toMatchObject({ fate: 'lost', endMs: 0 })
  })
})

describe('the space-time diagram', () => {
  const view: View = { pxPerMs: 0.5, right: 1000, width: 1000, opened: null }

  test('time is to scale, but for the instant that is opened: there things stand side by side', () => {
    const { model, write, read, step } = watched()
    step(100)
    write('a', '1')
    read('a', 1)
    write('a', '2')
    step(400)
    const places = (scale: View) =>
      model.history.items.flatMap((item) =>
        item.item === 'operation' ? [place(item.atMs, item.slot, scale)] : [],
      )
    expect(places(view)).toEqual([50, 50, 50])
    const open = { ...view, opened: openedAt(model.history, 100) }
    const [first = 0, ...later] = places(open)
    expect([first, new Set(later).size]).toEqual([50, 2])
    expect(later).toEqual(later.toSorted((a, b) => a - b))
    const shut = layoutTicks(model.history, view, model.nowMs)
    expect(shut).toMatchObject({ knots: [{ ms: 100, x: 50, count: 4 }], open: null, endX: 250 })
    const wide = layoutTicks(model.history, open, model.nowMs)
    expect(wide.knots).toEqual([])
    expect(wide.endX - shut.endX).toBe(wide.open?.w)
    expect(openedAt(model.history, 400)).toBe(null)
  })

  test('how far behind a replica is lies as a band along its lifeline', () => {
    const { model, write, step } = watched()
    write('a', '1')
    write('b', '1')
    step(50)
    step(250)
    write('c', '1')
    step(100)
    const lanes = layoutLanes(model.history, [0, 1, 2])
    const bands = layoutBands(model.history, 200, view, lanes)
    const one = bands.filter(({ id }) => id === 1)
    expect(one.map(({ versions, x, w }) => [versions, x, x + w])).toEqual([
      [2, 0, 100],
      [1, 150, 200],
    ])
    expect(one[0]?.h).toBeGreaterThan(one[1]?.h ?? 0)
    expect(bands.some(({ id }) => id === 0)).toBe(false)
  })

  test('a hundred replicas have a lane each', () => {
    const ids = Array.from({ length: 101 }, (_, id) => id)
    const { lanes, laneOf } = layoutLanes(watched().model.history, ids)
    expect(lanes).toHaveLength(102)
    expect(laneOf(100, null)?.y).toBeLessThan(800)
  })

  test('arrows lead from the sender at its time to the receiver at its time', () => {
    const { model, write, step } = watched()
    step(100)
    write('a', '1')
    step(1000)
    const lanes = layoutLanes(model.history, [0, 1, 2])
    const { arrows } = layoutArrows(model.history, model.nowMs, view, lanes)
    const [copy] = arrows.filter(({ look }) => look === 'copy landed')
    expect(copy).toMatchObject({
      x1: 50,
      x2: 150,
      y1: lanes.lanes[1]?.y,
      y2: lanes.lanes[2]?.y,
    })
  })

  test('draws a bounded number and counts the rest', () => {
    const { model, write } = watched()
    for (let i = 0; i < 200; i++) write('a', String(i))
    const lanes = layoutLanes(model.history, [0, 1, 2])
    const wide = { pxPerMs: 0.5, right: 20_000, width: 20_000, opened: null }
    const { arrows, leftOut } = layoutArrows(model.history, model.nowMs, wide, lanes)
    expect(leftOut).toBe(200 * 3 - 240)
    expect(arrows.length).toBeLessThan(1000)
  })

  test.each([
    [1, 1],
    [1.5, 2],
    [30, 50],
    [90, 100],
    [210, 500],
  ])('a step of at least %d is %d', (least, step) => {
    expect(niceStep(least)).toBe(step)
  })
})

describe('the cluster view', () => {
  test('seats the leader to the left, and all cards within the width', () => {
    for (const [width, followers] of [
      [900, 2],
      [700, 5],
      [350, 2],
      [1200, 12],
    ] as const) {
      const ids = Array.from({ length: followers + 1 }, (_, id) => id)
      const { boxes, height } = layoutCluster({ width, ids, seat: 1 })
      for (const { x, y, w, h } of boxes.values()) {
        expect(x).toBeGreaterThanOrEqual(0)
        expect(x + w).toBeLessThanOrEqual(width)
        expect(y + h).toBeLessThanOrEqual(height)
      }
      expect(boxes.get(1)?.x).toBeLessThan(boxes.get(0)?.x ?? 0)
    }
  })

  test('copies and acknowledgements keep to their own side of a link', () => {
    const layout = layoutCluster({ width: 900, ids: [0, 1], seat: 0 })
    const there = wayOf(layout, 0, 1, 0)
    const back = wayOf(layout, 1, 0, 0)
    expect(pointAt(there, 0.5)[1]).toBeLessThan(pointAt(back, 0.5)[1])
    expect(pointAt(there, 0)[0]).toBeLessThan(pointAt(there, 1)[0])
  })
})

describe('curl lines', () => {
  const fields = {
    key: 'user:1',
    value: "it's",
    w: '',
    timeoutMs: '',
    r: '2',
    replica: '1',
    repair: '',
    client: 'default',
  }

  test('are what a shell takes, whatever stands in key and value', () => {
    const line = (name: string, more = {}) => {
      const verb = DATA.find(({ path }) => path === `/${name}`)
      if (!verb) throw new Error(`no verb ${name}`)
      return curlOf(callOf(verb, { ...fields, ...more }), 'http://localhost:8080')
    }
    expect(line('write')).toBe(
      'curl http://localhost:8080/write -H \'Content-Type: application/json\' -d \'{"key":"user:1","value":"it\'\\\'\'s"}\'',
    )
    expect(line('follower-read', { key: 'a b&c' })).toBe(
      "curl 'http://localhost:8080/follower-read?key=a%20b%26c&replica=1'",
    )
    expect(line('read-with-quorum', { client: 'alice' })).toBe(
      "curl 'http://localhost:8080/read-with-quorum?key=user:1&r=2' -H 'Client-Id: alice'",
    )
    expect(curlOf({ method: 'POST', path: '/heal' }, 'http://localhost:8080')).toBe(
      'curl -X POST http://localhost:8080/heal',
    )
  })
})
