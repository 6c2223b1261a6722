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
    for (const told of [/(landed at replica|follower) 1/, /stale by 1 version/]) {
      await page.keyboard.press('ArrowLeft')
      await expect.poll(story).toMatch(told)
    }
    await expect.poll(now).toBe('0.500 s')
    await expect.poll(see.story).toContain('stale by 1 version')
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
    await expect.poll(() => page.innerText('.pill.past')).toMatch(/shows 0\.1\d\d s/)
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

  test('each test of a suite is a chapter: picked, it shows its stale read, and the cause by a click', async () => {
    const { page, see, ask } = await onlooker()
    const options = page.locator('select.chapters option')
    for (const value of ['Jessica', 'Maria', 'Tom']) {
      await ask.post('/write').send({ key: 'user:1', value })
      await ask.post('/clock/advance').send({ ms: 600 })
      if (value !== 'Maria') {
        await ask.post('/reset')
        continue
      }
      await ask.post('/links/0/1/hold')
      await ask.post('/write').send({ key: 'user:1', value: 'Ann' })
      await ask.get('/follower-read').query({ key: 'user:1', replica: 1 })
      await ask.post('/reset')
    }
    await expect
      .poll(() => options.allInnerTexts())
      .toEqual(['test 1', 'test 2 · 1 stale read', 'test 3', 'now, test 4'])
    await page.selectOption('select.chapters', '2')
    await expect.poll(see.story).toContain('because the copy of 1.2 is')
    await expect.poll(() => see.rows(1)).toEqual(['user:1\nMaria\n1.1 stale'])
    await page.getByRole('button', { name: 'Show its cause' }).click()
    await expect.poll(() => page.innerText('.story p')).toContain('1.2')
    await page.selectOption('select.chapters', '1')
    await expect.poll(() => see.rows(1)).toEqual(['user:1\nJessica\n1.1'])
    await page.selectOption('select.chapters', '4')
    await expect.poll(() => see.rows(1)).toEqual([])
  })

  test('a stranger is shown a stale read, in a lab of its own', async () => {
    const { page, see, ask, cluster } = await onlooker()
    await page.getByRole('button', { name: 'Show me' }).click()
    await page.waitForURL(/\/labs\/[a-z-]+\/#watch$/)
    await expect.poll(see.marks).toBe(2)
    const { pathname } = new URL(page.url())
    await ask.post(`${pathname}clock/advance`).send({ ms: 110 })
    await expect.poll(() => page.innerText('.invitation')).toMatch(/stale read.*Now you/s)
    await expect.poll(see.story).toMatch(/bob.*stale/)
    await expect.poll(() => page.innerText('.pace')).toBe('10 times slower')
    await page.getByRole('button', { name: 'All right' }).click()
    await expect.poll(() => page.locator('.invitation').count()).toBe(0)
    expect(cluster.detailedView(1).lastEvent).toBe(0)
  })
})
