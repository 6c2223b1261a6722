// What a configuration would cost, on the page: the sliders move the figures, and the simulated cluster confirms them.

import { expect, test } from 'vitest'
import { describeLive, onlooker } from './onlooker.ts'

describeLive('the forecast on the live page', () => {
  test('moves with its sliders, and is held against a simulated cluster', {
    timeout: 60_000,
  }, async () => {
    const { page, see, cluster } = await onlooker()
    await see.tab('Forecast')
    const rows = page.locator('.forecast tbody tr')
    await expect
      .poll(() => rows.allInnerTexts())
      .toContainEqual(expect.stringMatching(/^ leader, strict\t100 %\t0 ms/))
    const follower = () => rows.filter({ hasText: 'follower 1' }).innerText()
    const before = await follower()
    await page.getByRole('slider', { name: 'W, acknowledgements of a write' }).fill('3')
    await expect.poll(follower).toMatch(/strict\s+100 %/)
    expect(await follower()).not.toBe(before)
    await page.getByRole('slider', { name: 'W, acknowledgements of a write' }).fill('1')
    await expect.poll(follower).toBe(before)
    await expect
      .poll(() => page.innerText('.forecast code'))
      .toContain('"latency":"replicate=exponential(100ms)"')
    await page.click('.forecast button:has-text("Measure")')
    await expect
      .poll(() => page.locator('.forecast .measured circle').count(), { timeout: 15_000 })
      .toBeGreaterThan(10)
    await expect.poll(() => page.innerText('.forecast [role=status]')).toMatch(/agree/)
    await page.selectOption('.forecast select', 'loss')
    await page.click('.forecast button:has-text("Measure")')
    await expect
      .poll(() => page.innerText('.forecast [role=status]'), { timeout: 15_000 })
      .toMatch(/^With a tenth of all copies lost/)
    // Nothing of the lab has changed.
    expect(cluster.view().replicas.every(({ keys }) => keys === 0)).toBe(true)
    await page.getByRole('slider', { name: 'Mean way of a copy, ms' }).fill('0')
    await expect.poll(() => page.innerText('.forecast')).toContain('as this lab')
    await expect.poll(() => page.innerText('.forecast code')).not.toContain('latency')
  })
})
