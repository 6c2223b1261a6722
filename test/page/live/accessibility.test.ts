// What axe-core says of the live page, in light and dark, wide and narrow, at rest and at work. Only serious and
// critical findings count; the page has none.

import axe from 'axe-core'
import { expect, test } from 'vitest'
import { describeLive, onlooker } from './onlooker.ts'

type Looker = Awaited<ReturnType<typeof onlooker>>

/** One after the other on the same page, each with what to look at: all of it, or what has opened. */
const SCENES: readonly (readonly [string, string, (at: Looker) => Promise<unknown>])[] = [
  ['at rest', 'html', async () => undefined],
  ['with stale reads and faults', 'html', staleReadsAndFaults],
  [
    'with the menu of a replica open',
    '.menu',
    async ({ page }) => {
      await page.click('[data-replica="1"] .part')
      await page.waitForSelector('.menu')
    },
  ],
  [
    'with the menu of partitions open',
    '.menu',
    async ({ page }) => {
      await page.keyboard.press('Escape')
      await page.locator('.menu').waitFor({ state: 'detached' })
      await page.click('text=Partition…')
      await page.waitForSelector('.menu')
    },
  ],
  [
    'with verdicts',
    '.side',
    async ({ page }) => {
      await page.keyboard.press('Escape')
      await page.locator('.menu').waitFor({ state: 'detached' })
      await page.click('#tab-verdicts')
      await page.waitForSelector('.verdicts .violated')
    },
  ],
  [
    'with a forecast',
    '.side',
    async ({ page, see }) => {
      await see.tab('Forecast')
      await page.waitForSelector('.forecast table')
    },
  ],
  [
    'with the editor of lessons, which tells what is wrong with a line',
    '.side',
    async ({ page }) => {
      await page.click('#tab-editor')
      await page.fill('.editor textarea', 'wirte a b')
      await page.click('text=Check')
      await page.getByText('did you mean write?').waitFor()
    },
  ],
  [
    'in a lesson',
    '.side',
    async ({ page }) => {
      await page.click('#tab-lessons')
      await page.click('[data-story="quorum"]')
      await page.waitForSelector('.lesson[data-pause=run]')
      await page.click('.lesson-foot .primary')
      await page.waitForSelector('.choice, .lesson-foot .primary')
    },
  ],
]

async function staleReadsAndFaults({ page, see, ask }: Looker) {
  await ask.post('/write').send({ key: 'user:1', value: 'Jessica' })
  await ask.post('/clock/advance').send({ ms: 200 })
  await ask.post('/links/0/2/hold')
  await ask.post('/write').send({ key: 'user:1', value: 'Maria' })
  await ask.get('/follower-read').query({ key: 'user:1', replica: 1 })
  await ask.post('/replicas/2/pause')
  await ask.post('/links/0/1/cut')
  await see.followerRead('user:1', 1)
  await page.waitForSelector('.last .stale')
  await page.check('.log input[type=checkbox]')
}

describeLive('axe', () => {
  test('finds no serious fault, whatever is open', async () => {
    const at = await onlooker()
    for (const [name, part, act] of SCENES) {
      await at.page.emulateMedia({ colorScheme: 'light' })
      await at.page.setViewportSize({ width: 1280, height: 900 })
      await act(at)
      expect(await seriousFaults(at, part), name).toEqual([])
      await at.page.emulateMedia({ colorScheme: 'dark' })
      await at.page.setViewportSize({ width: 390, height: 844 })
      expect(await seriousFaults(at, part), `${name}, dark and narrow`).toEqual([])
    }
  })

  test('the page does not scroll sideways on a phone', async () => {
    const at = await onlooker({ width: 390 })
    await staleReadsAndFaults(at)
    expect(await at.page.evaluate('document.documentElement.scrollWidth')).toBe(390)
  })
})

async function seriousFaults({ page }: Looker, part: string) {
  // A lesson opens in a lab of its own, on another page.
  if (!(await page.evaluate('window.axe !== undefined'))) await page.evaluate(axe.source)
  const { violations, passes } = (await page.evaluate(
    `axe.run('${part}', { resultTypes: ['violations'] })`,
  )) as axe.AxeResults
  expect(passes.length).toBeGreaterThan(5)
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
}
