// The page against the cluster: after random commands of every kind every card, row, lag and message on it is as the
// cluster itself has it. PAGE_STEPS says how many commands, PAGE_SEED which.

import fc from 'fast-check'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Cluster } from '../../../src/core/cluster.ts'
import { msFromUs } from '../../../src/core/units.ts'
import type { Ticket } from '../../../src/core/verbs.ts'
import { formatVersion } from '../../../src/core/version.ts'
import { count, sayClock, sayMs } from '../../../src/page/model/say.js'
import { steps } from '../../scenario/sessions.ts'
import { onTheirWay } from '../on-their-way.ts'
import { describeLive, onlooker } from './onlooker.ts'

const STEPS = Number(process.env.PAGE_STEPS ?? 120)
const SEED = Number(process.env.PAGE_SEED ?? 1)
/** Commands between two looks, for a look takes longer than all of them. */
const BETWEEN = 4
const ROWS = 3

/** What the page is to show, in its own words, from what the cluster keeps. */
function expected(cluster: Cluster) {
  const parts = cluster.inspect()
  const { keys, rows } = cluster.detailedView(ROWS)
  const cards = cluster.view().replicas.map((replica) => {
    const { id, role, state, epoch, appliedOffset, lagVersions, lagUs, lagAtLeast } = replica
    const { store } = parts.replica(id)
    const isDeposed = role === 'leader' && epoch < parts.ledEpoch
    const ms = `${lagAtLeast ? 'at least ' : ''}${sayMs(msFromUs(lagUs))}`
    const behind = `lags ${count(lagVersions, 'version')}, ${ms}`
    const lag = lagVersions === 0 ? 'no lag' : behind
    return {
      id,
      role: isDeposed ? 'deposed leader' : role,
      state,
      facts: `epoch ${epoch} offset ${appliedOffset}`,
      lag: id === parts.newestLeader ? count(store.size, 'key') : lag,
      versions: keys.map((key) => {
        const record = store.get(key)
        return record ? formatVersion(record) : '—'
      }),
      marks: (rows[id] ?? []).map(({ freshness }) => freshness),
    }
  })
  return { now: sayClock(msFromUs(cluster.nowUs)), cards, messages: onTheirWay(cluster) }
}

function shown(page: Page) {
  return page.evaluate(() => {
    const text = (from: Element, selector: string) =>
      (from.querySelector(selector)?.textContent ?? '').trim()
    const cards = [...document.querySelectorAll('[data-replica]')].map((card) => {
      const rows = [...card.querySelectorAll('.records li')]
      return {
        id: Number(card.getAttribute('data-replica')),
        role: text(card, '.role'),
        state: text(card, '.state') || 'running',
        facts: text(card, '.facts').replace(/\s+/g, ' '),
        lag: text(card, '.lag'),
        versions: rows.map((row) =>
          text(row, '.value') === '—' ? '—' : (text(row, '.version').split(' ')[0] ?? ''),
        ),
        marks: rows.map((row) => row.className),
      }
    })
    const messages = [...document.querySelectorAll('svg.marks [data-message]:not(.lost)')].map(
      (mark) => {
        const state = mark.classList.contains('held') ? 'held' : 'in-flight'
        return `${mark.getAttribute('data-message')} ${state}`
      },
    )
    const now = text(document.body, 'output.now')
    return { now, cards: cards.sort((a, b) => a.id - b.id), messages: messages.sort() }
  })
}

describeLive('the page and the cluster', () => {
  test(`agree after each of ${STEPS} random commands`, { timeout: 600_000 }, async () => {
    const { page, cluster } = await onlooker()
    const sample = fc.sample(steps, { numRuns: Math.ceil(STEPS / 3), seed: SEED })
    const all = sample.flat().slice(0, STEPS)
    expect(all).toHaveLength(STEPS)
    const tickets: Ticket[] = []
    const done: string[] = []
    for (const [i, { name, run }] of all.entries()) {
      run(cluster, tickets)
      done.push(name)
      if (i % BETWEEN !== BETWEEN - 1) continue
      // What a session leaves running would go on by itself.
      if (cluster.mode !== 'manual') cluster.setClock('manual', 1)
      // Time that a pacer moves is told by the second; here nobody wants to wait for that.
      cluster.advance({ us: 0 })
      await expect
        .poll(() => shown(page), { message: done.slice(-2 * BETWEEN).join('\n'), interval: 10 })
        .toEqual(expected(cluster))
    }
  })
})
