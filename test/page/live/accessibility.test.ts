// What axe-core says of the live page, in light and dark, wide and narrow, at rest and at work. Only serious and
// critical findings count; the page has none.

import axe from 'axe-core'
import { expect, test } from 'vitest'
import { describeLive, onlooker } from './onlooker.ts'

type Looker = Awaited<ReturnType<typeof onlooker>>

const SCENES: Record<string, (at: Looker) => Promise<unknown>> = {
  'at rest': async () => undefined,
  'with stale reads and faults': async ({ page, see, ask }) => {
    await ask.post('/write').send({ key: 'user:1', value: 'Jessica' })
    await ask.post('/clock/advance').send({ ms: 200 })
    await ask.post('/links/0/2/hold')
    await ask.post('/write').send({ key: 'user:1', value: 'Maria' })
    await ask.get('/follower-read').query({ key: 'user:1', replica: 1 })
    await ask.post('/replicas/2/pause')
    await ask.post('/links/0/1/cut')
    await see.followerRead('user:1', 1)
    await page.waitForSelector('.last.stale')
    await page.check('.log input[type=checkbox]')
  },
  'with the menu of a replica open': async ({ page, ask }) => {
    await ask.post('/write').send({ key: 'user:1', value: 'Jessica' })
    await page.click('[data-replica="1"] .part')
    await page.waitForSelector('dialog.menu')
  },
  'with the menu of partitions open': async ({ page }) => {
    await page.click('text=Partition…')
    await page.waitForSelector('dialog.menu')
  },
  'with verdicts': async ({ page, ask }) => {
    await ask.post('/write').send({ key: 'user:1', value: 'Jessica' })
    await ask.get('/follower-read').query({ key: 'user:1', replica: 1 })
    await page.click('#tab-verdicts')
    await page.waitForSelector('.verdicts .violated')
  },
  'with a forecast': async ({ page, see }) => {
    await see.tab('Forecast')
    await page.waitForSelector('.forecast table')
  },
  'in a lesson': async ({ page }) => {
    await page.click('#tab-lessons')
    await page.click('[data-story="quorum"]')
    await page.waitForSelector('.lesson[data-pause=run]')
    await page.click('.lesson-foot .primary')
    await page.waitForSelector('.choice, .lesson-foot .primary')
  },
}

describeLive('axe', () => {
  test.each(Object.keys(SCENES))('finds no serious fault %s', async (name) => {
    const at = await onlooker({ width: 1280 })
    await SCENES[name]?.(at)
    await at.page.evaluate(axe.source)
    expect(await seriousFaults(at)).toEqual([])
    await at.page.emulateMedia({ colorScheme: 'dark' })
    await at.page.setViewportSize({ width: 390, height: 844 })
    expect(await seriousFaults(at)).toEqual([])
  })

  test('the page does not scroll sideways on a phone', async () => {
    const at = await onlooker({ width: 390 })
    await SCENES['with stale reads and faults']?.(at)
    expect(await at.page.evaluate('document.documentElement.scrollWidth')).toBe(390)
  })
})

async function seriousFaults({ page }: Looker) {
  const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
}
