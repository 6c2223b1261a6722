// What one can do to a replica, a link or the cluster, on the thing itself: what curl can do, the page can.

import { expect, test } from 'vitest'
import { close, describeLive, onlooker } from './onlooker.ts'

describeLive('on the thing itself', () => {
  test('a link is held for one key; the answer stands where the action was, and so does the focus', async () => {
    const { page, see, ask } = await onlooker()
    const row = (label: string) => page.locator('.menu form', { hasText: label })
    await page.click('[data-chip="0>1"]')
    await page.fill('.menu .held input', 'user:1')
    await row('Hold').getByRole('button', { name: 'Hold' }).click()
    await expect.poll(() => page.innerText('.menu .answer')).toContain('200: link 0 to 1')
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Release')

    await ask.post('/write').send({ key: 'user:1', value: 'Jessica' })
    await ask.post('/write').send({ key: 'user:2', value: 'Maria' })
    const onTheirWay = () => page.locator('.menu .details li').allInnerTexts()
    await expect
      .poll(onTheirWay)
      .toEqual(['copy of user:1 (1.1): due in 200 ms', 'copy of user:2 (1.2): due in 200 ms'])
    await ask.post('/clock/advance').send({ ms: 200 })
    await expect.poll(onTheirWay).toEqual(['copy of user:1 (1.1): held'])
    await page.keyboard.press('Enter')
    await expect.poll(onTheirWay).toEqual([])

    await page.fill('.menu .copies input', '2')
    await row('Hold').getByRole('button', { name: 'Hold' }).click()
    await expect.poll(() => page.innerText('.menu .answer.failed')).toContain('exclude each other')
    await page.fill('.menu .duplicateRatio input', '1')
    await row('Set').getByRole('button', { name: 'Set' }).click()
    await expect.poll(() => page.innerText('.menu .details')).toContain('duplicates 1')
    await page.selectOption('.menu .towards select', '2')
    await expect.poll(() => page.innerText('.menu .details')).toContain('latency 500ms')
    await page.keyboard.press('Escape')
    await page.locator('.menu').waitFor({ state: 'detached' })
    expect(await page.evaluate('document.activeElement.dataset.chip')).toBe('0>1')
    await see.step('until idle')
    await expect.poll(() => see.rows(1)).toHaveLength(2)
  })

  test('a refusal of the clock is said beside the clock', async () => {
    const { page, see, server } = await onlooker()
    await close(server)
    await see.step('+1 s')
    await expect
      .poll(() => page.innerText('.clock [role=alert]'))
      .toBe('The server does not answer.')
  })

  test('requests name their replicas, and those that wait are answered in sight', async () => {
    const { page, see, ask, cluster } = await onlooker()
    const send = () => page.click('.try button[type=submit]')
    await page.fill('.try .client input', 'Łukasz 名前')
    await page.check('input[value=write-with-quorum]')
    await page.fill('.try .w input', '3')
    await send()
    await expect.poll(() => page.innerText('.last .answer')).toContain('Waiting')
    await page.check('input[value=read-with-quorum]')
    await page.fill('.try .replicas input', '1,2')
    await page.fill('.try .r input', '2')
    await send()
    await expect.poll(() => page.innerText('.last .answer')).toContain('404')
    expect(await page.innerText('.try > .curl code')).toContain('&replicas=1,2')
    expect(await page.innerText('.try > .curl code')).toContain("'Client-Id: Łukasz 名前'")
    await expect.poll(() => page.innerText('.earlier')).toMatch(/write-with-quorum.*\n?.*waits/)
    await see.step('until idle')
    await expect.poll(() => page.innerText('.earlier')).toContain('acknowledged by 0, 1, 2')
    expect(cluster.view().waiting).toBe(0)
    expect((await ask.get('/history')).text).toContain('Łukasz 名前')

    await page.check('input[value=write]')
    await page.selectOption('.try .leader select', '1')
    await send()
    await expect.poll(() => page.innerText('.last .answer')).toContain('409')
  })

  test('a hundred followers stand in a table, each with its link and its newest record', async () => {
    const { page, see, ask } = await onlooker({ cluster: { followers: 100 } })
    await expect.poll(() => page.locator('.followers tbody tr').count()).toBe(100)
    await ask.post('/write').send({ key: 'user:1', value: 'Jessica' })
    await expect.poll(() => see.story()).toMatch(/^100 replicas lag the leader by up to 1 version/)
    await see.step('+1 s')
    await expect.poll(() => see.cardText(3)).toContain('Jessica 1.1')
    await expect.poll(() => see.cardText(4)).toMatch(/1\.1 s\s+lags 1 version, 1.000 ms.*missing/s)
    await see.menu('[data-replica="4"] button', 'Pause')
    await expect.poll(() => see.cardText(4)).toContain('paused')
  })

  test('tabs take arrow keys', async () => {
    const { page } = await onlooker()
    const tabs = page.locator('[role=tab]')
    const last = (await tabs.last().getAttribute('id')) ?? ''
    const chosen = () => page.evaluate('document.activeElement.id')
    await page.focus('#tab-try')
    for (const [key, id] of [
      ['ArrowRight', 'tab-lessons'],
      ['End', last],
      ['ArrowRight', 'tab-try'],
      ['ArrowLeft', last],
      ['Home', 'tab-try'],
    ] as const) {
      await page.keyboard.press(key)
      await expect.poll(() => page.getAttribute(`#${id}`, 'aria-selected')).toBe('true')
      expect(await chosen()).toBe(id)
    }
  })
})
