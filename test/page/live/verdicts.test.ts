// Whether it was consistent, on the page: the verdicts follow the session, and a witness leads to its place in it.

import { expect, test } from 'vitest'
import { describeLive, onlooker } from './onlooker.ts'

describeLive('the verdicts on the live page', () => {
  test('follow the session, and show the operations that prove a breach', async () => {
    const { page, see } = await onlooker()
    const verdict = (name: string) => page.innerText(`[data-verdict="${name}"] .said`)
    await page.click('#tab-verdicts')
    await expect.poll(() => page.innerText('.verdicts .soft')).toContain('No client has written')
    await see.tab('Try it')
    await see.write('user:1', 'Jessica')
    await see.step('until idle')
    await see.write('user:1', 'Maria')
    await page.click('#tab-verdicts')
    await expect.poll(() => verdict('read-your-writes')).toBe('consistent')
    await see.tab('Try it')
    await see.followerRead('user:1', 1)
    await page.click('#tab-verdicts')
    await expect.poll(() => verdict('read-your-writes')).toBe('violated')
    expect(await verdict('monotonic-reads')).toBe('consistent')
    await expect.poll(() => page.innerText('.verdicts .soft')).toContain('1 of 1 read stale')
    const witness = page.locator('[data-verdict="read-your-writes"] ol button')
    await expect
      .poll(() => witness.allInnerTexts())
      .toEqual([
        'default: write user:1 = Maria at replica 0, 500 ms',
        'default: read user:1 = Jessica at replica 1, 500 ms',
      ])
    await witness.nth(1).click()
    await expect
      .poll(() => page.innerText('.story p'))
      .toContain('answered follower-read of key=user:1')
    await witness.nth(0).click()
    await expect.poll(() => page.innerText('.story p')).toContain('wrote key=user:1 value=Maria')
  })
})
