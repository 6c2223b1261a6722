// The live page in a real browser, against a real server whose time stands still. What is clicked here is what a
// person clicks; what is expected is what a person sees.

import { afterAll, describe, expect, test } from 'vitest'
import { createHttpServer } from '../../src/http/server.ts'
import { lab } from '../http/lab.ts'
import { openBrowser } from './browser.ts'
import { close, listeningLab, look, onlooker } from './onlooker.ts'

const { browser: maybe, reason } = await openBrowser()
const browser = maybe as NonNullable<typeof maybe>
afterAll(() => maybe?.close())

describe.skipIf(maybe === null)(`the live page${reason === null ? '' : ` (${reason})`}`, () => {
  test("a write's copies travel, arrive one after the other, and are acknowledged", async () => {
    const { page, see } = await onlooker(browser)
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

  test('a step of a frozen clock is shown as motion', async () => {
    const { see } = await onlooker(browser, { moving: true })
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
    const { page, see } = await onlooker(browser)
    await see.write('user:1', 'Jessica')
    await see.step('until idle')
    await see.write('user:1', 'Maria')
    await see.followerRead('user:1', 1)
    const why = 'because the copy of 1.2 is on its way to replica 1 and lands in 200 ms'
    await expect.poll(see.story).toContain(why)
    await expect
      .poll(() => see.story())
      .toContain('user:1 = Jessica (1.1), which is stale by 1 version')
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
    const { page, see } = await onlooker(browser)
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

  test('a replica crashes and restarts by a click, and loses what it is told to lose', async () => {
    const { see } = await onlooker(browser)
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
    const { page, see } = await onlooker(browser)
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
    const { page, see } = await onlooker(browser)
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

  test('a lesson is told from start to end, and asks before it shows', async () => {
    const { page, see } = await onlooker(browser)
    await see.write('left:over', 'x')
    await page.click('#tab-lessons')
    await page.click('[data-story="too-early-read"]')
    await page.waitForSelector('.lesson[data-pause=run]')
    await expect.poll(() => see.rows(0)).toEqual([])
    const choices: string[] = []
    for (;;) {
      const pause = await page.getAttribute('.lesson', 'data-pause')
      if (pause === 'end') break
      const isQuestion = pause === 'question'
      if (isQuestion) choices.push(...(await page.locator('.choice').allInnerTexts()))
      // While the cluster shows what it does, there is nothing to press.
      const target = isQuestion
        ? page.locator('.choice:enabled').nth(1)
        : page.getByRole('button', { name: /^(Do it|Next)$/ })
      await target.click({ timeout: 200 }).catch(() => undefined)
    }
    expect(choices).toContain('That it has no such key.')
    await expect.poll(() => see.rows(1)).toEqual(['user:1\nMaria\n1.2'])
    await expect.poll(() => page.innerText('.lesson-foot')).toContain('yours')
  })

  test('keys and values are text, never markup', async () => {
    const { page, see, ask } = await onlooker(browser)
    const nasty = '<img src=x onerror="document.title=1">'
    await ask.post('/write').send({ key: nasty, value: '<script>document.title=2</script>' })
    await ask
      .post('/write')
      .send({ key: '__proto__', value: '</svg><svg onload=document.title=3>' })
    await ask.get('/follower-read').query({ key: nasty, replica: 1 }).set('Client-Id', '<b>x</b>')
    await expect
      .poll(() => see.rows(0))
      .toEqual([
        '__proto__\n</svg><svg onload=document.title=3>\n1.2',
        `${nasty}\n<script>document.title=2</script>\n1.1`,
      ])
    await page.check('.log input[type=checkbox]')
    await expect
      .poll(() => page.locator('#page img, #page script, .log b:not(.tag)').count())
      .toBe(0)
    expect(await page.title()).toBe('replication-lab')
  })

  test('when the server goes away the page says so, and comes back to the new one by itself', async () => {
    const { page, see, server, url } = await onlooker(browser)
    await see.write('user:1', 'Jessica')
    await expect.poll(() => see.rows(0)).toHaveLength(1)
    await close(server)
    await page.waitForSelector('[role=alert]')
    const next = lab({ cluster: { seed: 2, clock: { mode: 'manual', rate: 1 } } })
    const again = createHttpServer(next.app).listen(Number(new URL(url).port), '127.0.0.1')
    await next.ask.post('/write').send({ key: 'user:2', value: 'Maria' })
    await expect.poll(() => see.rows(0), { timeout: 8_000 }).toEqual(['user:2\nMaria\n1.1'])
    await expect.poll(() => page.locator('[role=alert]').count()).toBe(0)
    await expect.poll(() => page.innerText('.log ol')).not.toContain('Jessica')
    await close(again)
  })

  test('two pages agree, and one that comes late sees what happened before', async () => {
    const at = await listeningLab()
    const first = await look(browser, at)
    await first.see.write('user:1', 'Jessica')
    await first.see.step('+100 ms')
    const late = await look(browser, at)
    for (const { page, see } of [first, late]) {
      await expect.poll(() => page.innerText('output.now')).toBe('0.100 s')
      await expect.poll(see.marks).toBe(2)
      await expect.poll(() => page.innerText('.log ol')).toContain('Leader wrote key=user:1')
    }
    await late.see.step('+100 ms')
    await expect.poll(() => first.see.rows(1)).toEqual(['user:1\nJessica\n1.1'])
  })

  test('with 1,000 copies in flight it draws what matters, and says how many it leaves out', async () => {
    const { page, see, cluster } = await onlooker(browser)
    for (let i = 0; i < 500; i++)
      cluster.write({ key: `key:${i % 40}`, value: String(i) }, () => undefined)
    await expect.poll(see.marks).toBeGreaterThan(80)
    const drawn = await see.marks()
    expect(drawn).toBeLessThanOrEqual(120)
    await expect
      .poll(() => page.innerText('.stage .more'))
      .toBe(`and ${1000 - drawn} more on their way, not drawn`)
    await expect.poll(() => page.innerText('.story .notes')).toMatch(/left out: zoom in/)
    await see.step('until idle')
    await expect.poll(() => see.cardText(2)).toContain('no lag')
  })

  test('it can be worked by keyboard', async () => {
    const { page, see } = await onlooker(browser)
    await see.write('user:1', 'Jessica')
    await page.locator('[data-replica="2"] .part').focus()
    await page.keyboard.press('Enter')
    await page.waitForSelector('dialog.menu')
    await page.keyboard.press('Escape')
    await page.locator('dialog.menu').waitFor({ state: 'detached' })
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Replica 2')
    await page.locator('.diagram .canvas').focus()
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => page.innerText('.story p')).toMatch(/^Client default wrote user:1/)
  })

  test('the diagram is saved as a file that stands alone', async () => {
    const { page, see } = await onlooker(browser)
    await see.write('user:1', 'Jessica')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click('text=Save as SVG'),
    ])
    expect(download.suggestedFilename()).toBe('replication-lab.svg')
    let text = ''
    for await (const chunk of await download.createReadStream()) text += chunk
    expect(text).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/)
    expect(text).not.toMatch(/class=|var\(--/)
  })
})
