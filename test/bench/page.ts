// The live page in a real Chromium: how soon a first visit and a later one see the first card, with and without the
// round trips of a far network; how long frames take under load; and what an hour's worth of events leaves in memory.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { Cluster } from '../../src/core/cluster.ts'
import { createApp } from '../../src/http/app.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { paceByWall } from '../../src/runtime/pacer.ts'
import { openBrowser } from '../page/browser.ts'
import { bytes, median, milliseconds, type Row } from './table.ts'

const ROUND_TRIP_MS = 150
const VISITS = 5
const FOLLOWERS = 20
/** Each write is told by about fifty events: it, and a copy, an arrival and an acknowledgement for each follower. */
const EVENTS_A_SECOND = 500
const LOADED_S = 10
const HOUR_EVENTS = 3600 * 30

export async function benchPage(): Promise<Row[]> {
  const { started, reason } = await openBrowser()
  if (!started) throw new Error(reason)
  try {
    return [...(await firstCards(started)), ...(await underLoad(started))]
  } finally {
    await started.close()
  }
}

/** A server as people start it, and the wire to it. */
async function serving(followers: number, roundTripMs: number) {
  const clock = { mode: 'real', rate: 1 } as const
  const cluster = new Cluster({ startTimeMs: Date.now(), followers, clock })
  const unpace = paceByWall(cluster)
  const app = createApp({ cluster })
  const server = createHttpServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const wire = await farWire((server.address() as AddressInfo).port, roundTripMs)
  return {
    cluster,
    url: `http://127.0.0.1:${(wire.address() as AddressInfo).port}/`,
    end() {
      unpace()
      app.drain()
      server.closeAllConnections()
      server.close()
      wire.close()
    },
  }
}

/** Each way takes half a round trip, and a connection a whole one before it carries anything, as TCP's does. */
async function farWire(port: number, roundTripMs: number): Promise<Server> {
  const late = (from: Socket, to: Socket, openMs: number) => {
    const readyMs = performance.now() + openMs
    from.on('data', (chunk) => {
      const ms = Math.max(0, readyMs - performance.now()) + roundTripMs / 2
      setTimeout(() => to.write(chunk), ms)
    })
    from.on('close', () => setTimeout(() => to.destroy(), roundTripMs / 2))
    from.on('error', () => to.destroy())
  }
  const wire = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    late(near, far, roundTripMs)
    late(far, near, 0)
  }).listen(0, '127.0.0.1')
  await once(wire, 'listening')
  return wire
}

async function firstCards(browser: Browser): Promise<Row[]> {
  const rows: Row[] = []
  for (const roundTripMs of [0, ROUND_TRIP_MS]) {
    const at = await serving(2, roundTripMs)
    const first: number[] = []
    const again: number[] = []
    const taken: number[] = []
    for (let i = 0; i < VISITS; i++) {
      const context = await browser.newContext()
      first.push(await visit(context, at.url, taken))
      again.push(await visit(context, at.url, []))
      await context.close()
    }
    at.end()
    const row = (what: string, ms: readonly number[]): Row => ({
      what: `first card of ${what}, round trips of ${roundTripMs} ms`,
      ratio: median(ms) / 1_000,
      aim: '≤ 1',
      measured: milliseconds(median(ms)),
      limit: milliseconds(1_000),
    })
    rows.push(row('a first visit', first), row('a later visit', again))
    if (roundTripMs === 0) {
      const measured = bytes(median(taken))
      rows.push({ what: 'page, as it travels', measured, limit: '250 kB uncompressed' })
    }
  }
  return rows
}

/** From the request for the page to the first card in the document, in ms. */
async function visit(context: BrowserContext, url: string, taken: number[]): Promise<number> {
  const page = await context.newPage()
  await page.goto(url, { waitUntil: 'commit' })
  await page.waitForSelector('[data-replica="0"]', { state: 'attached' })
  const seen = await page.evaluate(`new Promise((done) => requestAnimationFrame(() => done([
    performance.now(),
    performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))
      .reduce((sum, one) => sum + (one.transferSize ?? 0), 0),
  ])))`)
  const [ms = 0, size = 0] = seen as number[]
  taken.push(size)
  await page.close()
  return ms
}

async function underLoad(browser: Browser): Promise<Row[]> {
  const at = await serving(FOLLOWERS, 0)
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.goto(at.url)
  await page.waitForSelector('[data-replica="0"]')
  const frames = await framesUnder(at.cluster, page)
  await feed(at.cluster, HOUR_EVENTS)
  await page.waitForTimeout(2_000)
  const heap = await heapOf(page)
  at.end()
  const [half = 0, most = 0] = [0.5, 0.95].map((part) => frames[Math.floor(frames.length * part)])
  return [
    {
      what: `frame at ${EVENTS_A_SECOND} events a second, ${FOLLOWERS} followers`,
      measured: `${milliseconds(half)} median, ${milliseconds(most)} 95th percentile`,
      limit: '17 ms each at 60 a second',
    },
    {
      what: `heap of the page after ${HOUR_EVENTS} events, an hour's worth`,
      measured: bytes(heap),
      limit: 'bounded',
    },
  ]
}

/** Times between frames while writes go on, sorted. */
async function framesUnder(cluster: Cluster, page: Page): Promise<number[]> {
  const measuring = page.evaluate(`new Promise((done) => {
    const times = []
    let last = performance.now()
    const end = last + ${LOADED_S * 1_000}
    const next = (now) => {
      times.push(now - last)
      last = now
      if (now < end) requestAnimationFrame(next)
      else done(times)
    }
    requestAnimationFrame(next)
  })`)
  let events = 0
  const unlisten = cluster.listen(() => void events++)
  const began = performance.now()
  for (let i = 0; performance.now() - began < LOADED_S * 1_000; i++) {
    const due = ((performance.now() - began) / 1_000) * EVENTS_A_SECOND
    if (events < due) cluster.write({ key: `key:${i % 50}`, value: `value ${i}` }, () => undefined)
    await wait(20)
  }
  unlisten()
  return ((await measuring) as number[]).sort((a, b) => a - b)
}

/** As fast as the page takes them. */
async function feed(cluster: Cluster, count: number): Promise<void> {
  let events = 0
  const unlisten = cluster.listen(() => void events++)
  for (let i = 0; events < count; i++) {
    cluster.write({ key: `key:${i % 50}`, value: `value ${i}` }, () => undefined)
    if (i % 20 === 0) cluster.advance({ us: 500_000 })
    if (i % 20 === 0) await wait(30)
  }
  unlisten()
}

async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = (await session.send('Runtime.getHeapUsage')) as { usedSize: number }
  return usedSize
}
