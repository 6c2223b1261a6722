// Records on their way, as the live page shows them. What is clicked here is what a person clicks; what is expected
// is what a person sees.

import { expect, test } from 'vitest'
import { describeLive, listeningLab, look, onlooker } from './onlooker.ts'

describeLive('records on the live page', () => {
  test("a write's copies travel, arrive one after the other, and are acknowledged", async () => {
    const { page, see } = await onlooker()
    await see.write('user:1', 'Jessica')
    await expect.poll(see.marks).toBe(2)
    const start = await see.place(1)
    await see.step('+100 ms')
    await expect.poll(async () => (await see.place(1)).x).toBeGreaterThan(start.x + 50)
    await expect.poll(() => page.textContent('[data-message="1"]')).toBe('user:1 100 ms')
    await expect.poll(() => see.cardText(1)).toContain('lags 1 version, 100 ms')
    await see.step('+100 ms')
    await expect.poll(() => see.rows(1)).toEqual(['user:1\nJessica\n1.1'])
    await expect.poll(() => see.marks()).toBe(1)
    await expect.poll(() => see.rows(2)).toEqual(['user:1\n—\nmissing'])
    await expect.poll(() => page.locator('.arrow.acknowledgement.landed').count()).toBe(1)
    await see.step('until idle')
    await expect.poll(see.story).toContain('All replicas hold the same records')
  })

  test('no key hides a character or turns the direction of what stands behind it', async () => {
    const { page, see, ask } = await onlooker()
    const key = 'user\u200b:1\u202eexe'
    const shown = 'user\\u200b:1\\u202eexe'
    await ask.post('/write').send({ key, value: key })
    await ask.get('/follower-read').query({ key, replica: 1 })
    await expect.poll(() => see.rows(0)).toEqual([`${shown}\n${shown}\n1.1`])
    await page.locator('.arrow.answer.stale .hit').click({ force: true })
    await expect.poll(() => page.innerText('.story p')).toContain(shown)
    await page.click('[aria-label^="Replica 0"]')
    await expect.poll(() => page.innerText('label:has-text("to lose silently") option')).toBe(shown)
    const read = (await page.innerHTML('body')).replaceAll(/ value="[^"]*"/g, '')
    expect(read).not.toMatch(/[\u200b\u202e]/)
  })

  test('a step of a frozen clock is shown as motion', async () => {
    const { see } = await onlooker({ moving: true })
    await see.write('user:1', 'Jessica')
    await expect.poll(see.marks).toBe(2)
    const start = await see.place(2)
    await see.step('+1 s')
    await expect
      .poll(async () => (await see.place(2)).x, { interval: 20 })
      .toBeGreaterThan(start.x + 5)
    await expect.poll(() => see.marks()).toBeGreaterThan(0)
    await expect.poll(see.marks).toBe(0)
  })

  test('a read that comes too early is marked stale, with the reason', async () => {
    const { page, see } = await onlooker()
    await see.write('user:1', 'Jessica')
    await see.step('until idle')
    await see.write('user:1', 'Maria')
    await see.followerRead('user:1', 1)
    const why = 'because the copy of 1.2 is on its way to replica 1 and lands in 200 ms'
    await expect.poll(see.story).toContain(why)
    await expect
      .poll(() => see.story())
      .toContain('with value=Jessica version=1.1, stale by 1 version')
    await expect.poll(() => see.cardLook(1)).toContain('read-stale')
    await expect.poll(() => see.rows(1)).toEqual(['user:1\nJessica\n1.1 stale'])
    await page.locator('.arrow.answer.stale .hit').click({ force: true })
    await expect.poll(() => page.innerText('.story p')).toContain(why)
    await expect.poll(() => page.innerText('.last .answer')).toContain('stale by 1 version')
    await expect
      .poll(() => page.innerText('.try > .curl code'))
      .toMatch(/^curl 'http:.*follower-read\?key=user:1&replica=1'$/)
  })

  test('what is held waits, and lands at once when it is released', async () => {
    const { page, see } = await onlooker()
    await see.menu('[data-chip="0>1"]', 'Hold')
    await expect.poll(() => page.innerText('[data-chip="0>1"]')).toContain('held')
    await see.write('user:1', 'Jessica')
    await see.step('+1 s')
    await expect.poll(() => page.locator('.mark.copy.held').count()).toBe(1)
    await expect.poll(() => see.story()).toContain('1 message is held back on the way to replica 1')
    await see.menu('[data-chip="0>1"]', 'Release')
    await expect.poll(() => see.rows(1)).toEqual(['user:1\nJessica\n1.1'])
    await expect.poll(() => see.marks()).toBe(0)
  })

  test('with 1,000 copies in flight it draws what matters, and says how many it leaves out', async () => {
    const { page, see, cluster } = await onlooker()
    for (let i = 0; i < 500; i++)
      cluster.write({ key: `key:${i % 40}`, value: String(i) }, () => undefined)
    // Not all of them are there at once.
    const leftOut = async () =>
      Number(/^and (\d+) more/.exec(await page.locator('.stage .more').innerText())?.[1] ?? 0)
    await expect.poll(async () => (await leftOut()) + (await see.marks())).toBe(1_000)
    expect(await see.marks()).toBeGreaterThan(80)
    expect(await see.marks()).toBeLessThanOrEqual(120)
    await expect.poll(() => page.innerText('.story .notes')).toMatch(/left out: zoom in/)
    await see.step('until idle')
    await expect.poll(() => see.cardText(2)).toContain('no lag')
  })

  test('two pages agree, and one that comes late sees what happened before', async () => {
    const at = await listeningLab()
    const first = await look(at)
    await first.see.write('user:1', 'Jessica')
    await first.see.step('+100 ms')
    const late = await look(at)
    for (const { page, see } of [first, late]) {
      await expect.poll(() => page.innerText('output.now')).toBe('0.100 s')
      await expect.poll(see.marks).toBe(2)
      await expect.poll(() => page.innerText('.log ol')).toContain('Leader wrote key=user:1')
      // Each follower lacks the record since it was written, which was before the second page came.
      const widths = await page
        .locator('.bands rect')
        .evaluateAll((all) => all.map((one) => one.getAttribute('width')))
      expect(widths.map(Number).every((width) => width > 20)).toBe(true)
      expect(widths).toHaveLength(2)
    }
    await late.see.step('+100 ms')
    await expect.poll(() => first.see.rows(1)).toEqual(['user:1\nJessica\n1.1'])
  })
})
