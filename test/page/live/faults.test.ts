// Faults by click: crashes, partitions, failovers, and a server that goes away.

import { expect, test } from 'vitest'
import { createHttpServer } from '../../../src/http/server.ts'
import { lab } from '../../http/lab.ts'
import { close, describeLive, onlooker } from './onlooker.ts'

describeLive('faults on the live page', () => {
  test('a replica crashes and restarts by a click, and loses what it is told to lose', async () => {
    const { see } = await onlooker()
    await see.write('user:1', 'Jessica')
    await see.step('until idle')
    await see.menu('[data-replica="1"] .part', 'Crash, lose data')
    await expect.poll(() => see.cardLook(1)).toContain('crashed')
    await expect.poll(() => see.story()).toContain('Replica 1 is down')
    await see.menu('[data-replica="1"] .part', 'Restart')
    await expect.poll(() => see.rows(1)).toEqual(['user:1\n—\nmissing'])
    await see.step('until idle')
    await expect.poll(() => see.rows(1)).toEqual(['user:1\nJessica\n1.1'])
  })

  test('a partition cuts links that one can see, and heals', async () => {
    const { page, see } = await onlooker()
    await see.menu('text=Partition…', 'Partition')
    await expect.poll(() => page.locator('path.link.cut').count()).toBeGreaterThanOrEqual(4)
    await see.write('user:1', 'Jessica')
    await see.step('+1 s')
    await expect.poll(() => page.locator('.arrow.lost').count()).toBeGreaterThan(0)
    await see.menu('text=Partition…', 'Heal all')
    await expect.poll(() => page.locator('path.link.cut').count()).toBe(0)
    await see.step('until idle')
    await expect.poll(() => see.rows(1)).toEqual(['user:1\nJessica\n1.1'])
  })

  test('a failover by click changes places, and a deposed leader is shown as one', async () => {
    const { page, see } = await onlooker()
    await see.write('user:1', 'Jessica')
    await see.step('until idle')
    const place = async (id: number) => (await see.card(id).boundingBox())?.x ?? 0
    const seats = { leader: await place(0), follower: await place(1) }
    await see.menu('text=Partition…', 'Partition')
    await see.menu('[data-replica="1"] .part', 'Make it the leader')
    await expect.poll(() => see.cardText(1)).toContain('leader')
    await expect.poll(() => place(1)).toBe(seats.leader)
    await expect.poll(() => place(0)).toBe(seats.follower)
    await expect.poll(() => see.cardText(0)).toContain('deposed leader')
    await expect.poll(() => see.story()).toContain('Split brain')
    await see.menu('text=Partition…', 'Heal all')
    await see.step('until idle')
    await expect.poll(() => see.cardText(0)).toContain('follower')
    await expect
      .poll(() => page.innerText('.log ol'))
      .toContain('[FAILOVER] Replica 1 leads epoch 2')
  })

  test('when the server goes away the page says so, and comes back to the new one by itself', async () => {
    const { page, see, server, url } = await onlooker()
    await see.write('user:1', 'Jessica')
    await expect.poll(() => see.rows(0)).toHaveLength(1)
    await close(server)
    await page.waitForSelector('[role=alert]')
    const startTimeMs = Date.now()
    const next = lab({ cluster: { seed: 2, startTimeMs, clock: { mode: 'manual', rate: 1 } } })
    const again = createHttpServer(next.app).listen(Number(new URL(url).port), '127.0.0.1')
    await next.ask.post('/write').send({ key: 'user:2', value: 'Maria' })
    await expect.poll(() => see.rows(0), { timeout: 8_000 }).toEqual(['user:2\nMaria\n1.1'])
    await expect.poll(() => page.locator('[role=alert]').count()).toBe(0)
    await expect.poll(() => page.innerText('.log ol')).not.toContain('Jessica')
    await close(again)
  })
})
