// A class in one browser: a presenter with a clicker, and two who follow in other tabs, as on phones.

import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeLive, onlooker } from './onlooker.ts'

const EARLY = 'The write is done. What does replica 1 answer to a read right now?'

describeLive('a class on the live page', () => {
  test('sees what its presenter shows, votes, and can do nothing else', {
    timeout: 60_000,
  }, async () => {
    const { page, url } = await onlooker({ width: 1024 })
    await page.click('#tab-lessons')
    await page.click('[data-story="too-early-read"]')
    await page.waitForSelector('.lesson[data-pause=run]')
    await page.click('text=Present to a class')
    await page.click('text=Let others follow')
    const link = `http://${await page.innerText('.class-foot strong')}`
    expect(link).toContain(`${url}/follow/`)
    const phone = async () => {
      const tab = await page.context().newPage()
      await tab.setViewportSize({ width: 390, height: 844 })
      await tab.goto(link)
      await tab.waitForSelector('.stage [data-replica="0"]')
      return tab
    }
    const phones: [Page, Page] = [await phone(), await phone()]
    await page.bringToFront()
    // As a clicker does: on, as long as the lesson waits for that.
    const poll = page.locator('.poll legend')
    for (;;) {
      await page.locator('.lesson-foot .primary:enabled, .poll').first().waitFor()
      if ((await poll.count()) > 0) break
      await page.keyboard.press('PageDown')
    }
    expect(await poll.innerText()).toBe(EARLY)
    for (const tab of phones) {
      await tab.bringToFront()
      await expect.poll(() => tab.locator('.poll legend').allInnerTexts()).toEqual([EARLY])
      await expect.poll(() => tab.innerText('[data-replica="0"]')).toContain('Jessica')
      const [leader, sheet] = [tab.locator('[data-replica="0"]'), tab.locator('.side')]
      const leaderEnds = await leader.evaluate((card) => card.getBoundingClientRect().bottom)
      expect(leaderEnds).toBeLessThan((await sheet.boundingBox())?.y ?? 0)
      expect(await tab.locator('button:enabled:visible').count()).toBe(3)
    }
    const vote = async (tab: Page, choice: number) => {
      await tab.bringToFront()
      await tab.locator('.poll .choice').nth(choice).click()
      await tab.waitForSelector(`.poll .choice:nth-of-type(${choice + 1}).chosen`)
    }
    const bars = () => page.locator('.poll b').allInnerTexts()
    await vote(phones[0], 0)
    await vote(phones[1], 1)
    await page.bringToFront()
    await expect.poll(bars).toEqual(['1', '1', '0'])
    await vote(phones[0], 1)
    await page.bringToFront()
    await expect.poll(bars).toEqual(['0', '2', '0'])
    await page.keyboard.press(' ')
    await expect
      .poll(() => page.locator('.side .told').allInnerTexts())
      .toContain('2 of 2 saw it coming.')
    await phones[0].bringToFront()
    await expect.poll(() => phones[0].innerText('.poll .right')).toContain('✓')
    // Who leaves a lesson is in another lab: whoever follows goes along.
    await page.bringToFront()
    await page.click('text=All lessons')
    await phones[1].bringToFront()
    await expect.poll(() => phones[1].innerText('.side')).toContain('about to begin')
    await expect.poll(() => phones[1].innerText('[data-replica="0"]')).not.toContain('Jessica')
    await page.bringToFront()
    await page.click('.class-foot >> text=End')
    await phones[1].bringToFront()
    await expect.poll(() => phones[1].innerText('.side')).toContain('it is over')
    expect(await page.locator('header.top').isVisible()).toBe(true)
  })
})
