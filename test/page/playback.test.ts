// Which instant the page shows, and when it shows what has happened. Wall time is a number here.

import { describe, expect, test } from 'vitest'
import { Playback } from '../../src/page/live/playback.js'
import type { LabEvent, ViewJson } from '../../src/page/model/types.d.ts'

function event(id: number, atMs: number, type = 'network-healed'): LabEvent {
  return { id, atMs, type, undone: false, text: '' } as unknown as LabEvent
}

const ids = (moments: ReturnType<Playback['tick']>) =>
  moments.map(({ event, view }) => (view ? `view at ${view.clock.nowMs}` : event?.id))

function view(nowMs: number): ViewJson {
  return { clock: { mode: 'manual', rate: 1, nowMs } } as ViewJson
}

describe('playback', () => {
  test('glides over a step of a frozen clock, and shows events as their time comes', () => {
    const playback = new Playback()
    playback.told({ mode: 'manual', rate: 1, nowMs: 0 }, 0)
    playback.push(event(1, 200))
    playback.push(event(2, 500))
    expect(ids(playback.tick(0))).toEqual([])
    expect(ids(playback.tick(350))).toEqual([1])
    expect(playback.still).toBe(false)
    expect(ids(playback.tick(2000))).toEqual([2])
    expect([playback.shownMs, playback.still]).toEqual([500, true])
  })

  test('jumps at once for those who want no motion', () => {
    const playback = new Playback()
    playback.glides = false
    playback.push(event(1, 500))
    expect(ids(playback.tick(0))).toEqual([1])
  })

  test('stands while nobody tells the time, and goes on from what it is told then', () => {
    const playback = new Playback()
    playback.told({ mode: 'real', rate: 1, nowMs: 1000 }, 0)
    playback.tick(100)
    playback.halt()
    playback.tick(5_000)
    expect([playback.shownMs, playback.still]).toEqual([1100, true])
    playback.told({ mode: 'real', rate: 1, nowMs: 7000 }, 8_000)
    playback.tick(8_100)
    expect(playback.shownMs).toBe(7100)
  })

  test('estimates a running clock between what it is told, at its rate', () => {
    const playback = new Playback()
    playback.told({ mode: 'real', rate: 2, nowMs: 1000 }, 0)
    playback.tick(100)
    expect(playback.shownMs).toBe(1200)
    playback.push(event(1, 1300))
    expect(ids(playback.tick(100))).toEqual([1])
    playback.told({ mode: 'manual', rate: 2, nowMs: 1300 }, 150)
    playback.tick(150)
    expect(playback.shownMs).toBe(1300)
  })

  test('a reset sets time back, and what was before it is shown at once', () => {
    const playback = new Playback()
    playback.push(event(1, 900))
    playback.push(event(2, 0, 'cluster-reset'))
    playback.push(event(3, 200))
    expect(ids(playback.tick(0))).toEqual([1, 2])
    expect(playback.shownMs).toBe(0)
    playback.snap()
    expect(ids(playback.tick(1))).toEqual([3])
  })

  test('a view is shown behind the events that it includes, and only the newest of several', () => {
    const playback = new Playback()
    playback.pushView(view(0), 0)
    playback.push(event(1, 200))
    playback.push(event(2, 500))
    playback.pushView(view(600), 0)
    playback.pushView(view(700), 0)
    expect(ids(playback.tick(0))).toEqual(['view at 0'])
    expect(ids(playback.tick(400))).toEqual([1])
    expect(ids(playback.tick(5000))).toEqual([2, 'view at 700'])
    expect(playback.shownMs).toBe(700)
  })

  test('nobody can follow thousands of events at once, so they are not glided over', () => {
    const playback = new Playback()
    for (let id = 1; id <= 2000; id++) playback.push(event(id, id))
    expect(playback.tick(0)).toHaveLength(2000)
  })
})
