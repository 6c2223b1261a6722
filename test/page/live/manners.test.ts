// How the page behaves among others: many tabs of one browser, a server that has no stream left, a session of which it
// comes to hear late.

import { expect, test } from 'vitest'
import { describeLive, listeningLab, look, onlooker, sights } from './onlooker.ts'

/** Seven pages take their time to load. */
const LONG = { timeout: 60_000 }

describeLive('the manners of the live page', () => {
  test.each([
    ['by one worker', '', 1],
    ['each for itself where there are no shared workers', 'delete globalThis.SharedWorker', 2],
  ])('its tabs share what connections a browser has, %s', LONG, async (_how, before, streams) => {
    const at = await listeningLab()
    const { page, see } = await look(at, { before })
    const others = Array.from({ length: streams === 1 ? 6 : 1 }, async () => {
      const tab = await page.context().newPage()
      await tab.goto(at.url)
      await tab.waitForSelector('[data-replica="0"]')
      return sights(tab)
    })
    const all = [see, ...(await Promise.all(others))]
    const metrics = async () => (await at.ask.get('/metrics')).text
    await expect.poll(metrics).toMatch(new RegExp(`streams\\S* ${streams}$`, 'm'))

    await all.at(-1)?.write('user:1', 'Jessica')
    for (const one of all) {
      await expect.poll(() => one.rows(0)).toEqual(['user:1\nJessica\n1.1'])
    }
    await all[1]?.hide(true)
    await see.step('+1 s')
    await expect.poll(() => see.rows(2)).toEqual(['user:1\nJessica\n1.1'])
    expect(await all[1]?.rows(2)).toEqual(['user:1\n—\nmissing'])
    await all[1]?.hide(false)
    await expect.poll(() => all[1]?.rows(2)).toEqual(['user:1\nJessica\n1.1'])
  })

  test('a first visit takes three round trips, a later one two', async () => {
    const at = await listeningLab()
    const asked: string[] = []
    at.server.on('request', ({ url = '' }) => {
      // The first cards do not wait for the list of chapters.
      if (url !== '/chapters') asked.push(url.replace(/assets\/[^/]+/, 'assets'))
    })
    const { page } = await look(at)
    const [first, ...rest] = asked.splice(0)
    const files = ['/assets/live/connections.js', '/assets/main.js', '/assets/page.css']
    const stream = '/events?lastEventId=0&views=12'
    expect([first, rest.slice(0, 3).sort(), rest.slice(3)]).toEqual(['/', files, [stream]])
    const later = await page.context().newPage()
    await later.goto(at.url)
    await later.waitForSelector('[data-replica="0"]')
    expect(asked).toEqual(['/', stream])
  })

  test('answers that wait for time leave a connection for what moves it', async () => {
    const at = await listeningLab()
    const { page, see } = await look(at)
    await page.check('input[name=verb][value=write-with-quorum]')
    await page.fill('.try .w input', '3')
    const send = page.locator('.try button[type=submit]')
    for (let i = 1; i <= 3; i++) {
      await send.click()
      await expect.poll(() => at.cluster.view().waiting).toBe(i)
    }
    await send.click()
    await expect
      .poll(() => page.innerText('.last .answer'))
      .toContain('already waits for 3 answers')
    await see.step('+1 s')
    await expect.poll(() => page.innerText('.last .answer')).toContain('the time is')
    await send.click()
    await expect.poll(() => at.cluster.view().waiting).toBe(1)
  })

  test('labs of which more are on show than streams take turns', async () => {
    const at = await listeningLab()
    const { page } = await look(at)
    for (let i = 0; i < 2; i++) {
      const { url } = (await at.ask.post('/labs')).body
      const tab = await page.context().newPage()
      await tab.goto(`${at.url}${url}/`)
      await tab.waitForSelector('[data-replica="0"]')
    }
    await sights(page).write('user:1', 'Jessica')
    await expect.poll(() => sights(page).rows(0)).toEqual(['user:1\nJessica\n1.1'])
  })

  test('a server without a stream to spare is not away, and says what to do', async () => {
    const at = await listeningLab({}, { events: { streamsMax: 1 } })
    const other = new AbortController()
    await fetch(`${at.url}/events`, { signal: other.signal })
    const { page } = await look({ url: `${at.url}/#` }, { waitFor: '[role=alert]' })
    expect(await page.innerText('[role=alert]')).toContain(
      'All 1 event streams are taken: close one and try again.',
    )
    expect(await page.innerText('p.status')).toBe('not served')
    other.abort()
    await page.waitForSelector('[data-replica="0"]')
    expect(await page.locator('[role=alert]').count()).toBe(0)
  })

  test('the log tells of stale reads, sets apart what was before a reset, and follows unless one scrolls up', async () => {
    const { page, see, ask } = await onlooker()
    const line = (text: string) => page.locator('.log li', { hasText: text })
    await ask.post('/write').send({ key: 'user:1', value: 'Jessica' })
    await ask.get('/follower-read').query({ key: 'user:1', replica: 1 })
    await ask.get('/read').query({ key: 'user:1' })
    await expect.poll(() => page.locator('.log li.stale').count()).toBe(1)
    expect(await page.locator('.log li').count()).toBe(2)
    await ask.post('/reset')
    await ask.post('/write').send({ key: 'user:1', value: 'after' })
    await expect.poll(() => line('value=Jessica').getAttribute('class')).toContain('before')
    expect(await line('value=after').getAttribute('class')).not.toContain('before')

    const bottom = () =>
      page.locator('.log .lines').evaluate((at) => at.scrollHeight - at.scrollTop - at.clientHeight)
    for (let i = 1; i <= 60; i++) await ask.post('/write').send({ key: 'user:2', value: `v${i}` })
    await expect.poll(() => line('value=v60').count()).toBe(1)
    expect(await bottom()).toBeLessThan(2)
    await page.locator('.log .lines').evaluate((at) => at.scrollTo(0, 100))
    const newest = page.getByText('Newest lines')
    await newest.waitFor()
    await see.write('user:2', 'unseen')
    await expect.poll(async () => String(await see.rows(0))).toContain('unseen')
    expect(await page.locator('.log .lines').evaluate((at) => at.scrollTop)).toBe(100)
    expect(await line('unseen').count()).toBe(0)
    await newest.click()
    await expect.poll(() => line('unseen').count()).toBe(1)
    expect(await bottom()).toBeLessThan(2)
  })

  test('whoever comes late sees what is left of the session', async () => {
    const at = await listeningLab({}, { events: { keptMax: 20 } })
    for (let i = 1; i <= 50; i++)
      at.cluster.write({ key: 'user:1', value: `v${i}` }, () => undefined)
    const { page, see } = await look(at)
    await expect.poll(() => see.rows(0)).toEqual(['user:1\nv50\n1.50'])
    await expect.poll(() => page.innerText('.log ol')).toContain('v50')
  })
})
