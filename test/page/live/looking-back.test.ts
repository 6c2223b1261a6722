// Looking back: the whole page shows the past, exactly, and nobody can change it.

import { expect, test } from 'vitest'
import { describeLive, onlooker } from './onlooker.ts'

describeLive('looking back', () => {
  test('moves the whole picture, and what one does there happens in a lab of its own', {
    timeout: 60_000,
  }, async () => {
    const { page, see, cluster, ask } = await onlooker()
    await see.write('user:1', 'Jessica')
    await see.step('until idle')
    await see.write('user:1', 'Maria')
    await see.followerRead('user:1', 1)
    await see.step('until idle')
    const now = () => page.innerText('output.now')
    await expect.poll(now).toBe('1.000 s')
    await expect.poll(() => see.rows(1)).toEqual(['user:1\nMaria\n1.2'])

    // The wheel, to an instant of which no view was received.
    await page.focus('.canvas')
    await page.locator('.canvas').hover()
    await page.mouse.wheel(0, -125)
    await expect.poll(now).toBe('0.750 s')
    await expect.poll(() => see.cardText(1)).toContain('no lag')
    await expect.poll(() => see.cardText(2)).toContain('lags 1 version, 250 ms')
    await expect.poll(see.marks).toBe(1)
    await expect.poll(() => page.innerText('.log ol')).not.toContain('1.000 s')

    // The keys, event by event, each with its story.
    const story = () => page.innerText('.story p')
    for (const told of ['landed at replica 1', 'stale by 1 version']) {
      await page.keyboard.press('ArrowLeft')
      await expect.poll(story).toContain(told)
    }
    await expect.poll(now).toBe('0.500 s')
    await expect.poll(see.story).toContain('which is stale by 1 version')
    await expect.poll(() => see.cardLook(1)).toContain('read-stale')
    await expect.poll(() => see.rows(1)).toEqual(['user:1\nJessica\n1.1 stale'])
    await page.keyboard.press('Escape')
    await expect.poll(() => see.rows(1)).toEqual(['user:1\nMaria\n1.2'])

    // The pointer.
    const box = await page.locator('.canvas').boundingBox()
    if (!box) throw new Error('no diagram')
    await page.mouse.move(box.x + 500, box.y + 60)
    await page.mouse.down()
    await page.mouse.move(box.x + 82 + 24 + 60, box.y + 60, { steps: 3 })
    await page.mouse.up()
    await expect.poll(() => page.innerText('.past-bar')).toMatch(/shows 0\.1\d\d s/)
    await expect.poll(() => see.rows(2)).toEqual(['user:1\n—\nmissing'])

    const events = cluster.detailedView(1).lastEvent
    await see.menu('[data-replica="2"] .part', 'Crash, lose data')
    await page.getByRole('button', { name: 'In a lab of my own' }).click()
    await page.waitForURL(/\/labs\/[a-z-]+\/$/)
    await expect.poll(() => see.cardLook(2)).toContain('crashed')
    await expect.poll(now).toMatch(/^0\.1\d\d s$/)
    expect(cluster.detailedView(1).lastEvent).toBe(events)
    expect((await ask.get('/labs')).body.labs).toHaveLength(2)
  })
})
