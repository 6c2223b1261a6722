// Lessons on the live page, and what else one does with it: by keyboard, as a file, with text meant to do harm.

import { expect, test } from 'vitest'
import { describeLive, onlooker } from './onlooker.ts'

describeLive('the live page', () => {
  test('a lesson is told from start to end, and asks before it shows', async () => {
    const { page, see, ask } = await onlooker()
    await see.write('left:over', 'x')
    await page.click('#tab-lessons')
    await page.click('[data-story="too-early-read"]')
    await page.waitForSelector('.lesson[data-pause=run]')
    await expect.poll(() => see.rows(0)).toEqual([])
    const choices: string[] = []
    const step = () => page.innerText('.lesson-head p')
    const forward = page.getByRole('button', { name: /^(Do it|Next)$/ })
    /** Presses what there is to press, once the cluster has shown what it does. @returns whether there is more */
    const press = async () => {
      const lesson = page.locator('.lesson:not([data-pause=busy])')
      const pause = await lesson.getAttribute('data-pause')
      if (pause === 'question') choices.push(...(await page.locator('.choice').allInnerTexts()))
      const button = pause === 'question' ? page.locator('.choice:enabled').nth(1) : forward
      // What was pressed is drawn a frame later: it may be gone by the time it is pressed again.
      if (/question|run|next/.test(pause ?? '')) await button.click({ timeout: 500 }).catch(() => 0)
      return pause !== 'end' && pause !== 'astray'
    }
    while (!(await step()).startsWith('Step 3')) await press()
    // Its address leads back to the step that it was at, by a new lab; so does going back.
    await page.reload()
    await expect.poll(step).toBe('Step 3 of 8')
    await page.goBack()
    await expect.poll(step).toBe('Step 2 of 8')
    await page.evaluate(`location.hash += '&step=6'`)
    await expect.poll(step).toBe('Step 6 of 8')
    // Clocks jump, as they do when a machine was asleep; it is told as before.
    await page.evaluate(`{
      const now = performance.now.bind(performance)
      performance.now = () => now() + 400
      setTimeout(() => { performance.now = () => now() + 5400 }, 100)
    }`)
    while (await press());
    expect(choices).toContain('That it has no such key.')
    await expect.poll(() => see.rows(1)).toEqual(['user:1\nMaria\n1.2'])
    await expect.poll(() => page.innerText('.lesson-foot')).toContain('yours')

    await page.click('[aria-label="A step back"]')
    await expect.poll(step).toBe('Step 7 of 8')
    // Somebody else has found the lab.
    const { labs } = (await ask.get('/labs')).body
    await ask.post(`${labs.at(-1).url}/write`).send({ key: 'user:1', value: 'Robert' })
    while (await press());
    await page.getByText('something else moved the cluster').waitFor()
    expect(await step()).toBe('Step 7 of 8')
    await page.click('text=All lessons')
    await expect.poll(() => see.rows(0)).toEqual(['left:over\nx\n1.1'])
  })

  test('keys and values are text, never markup', async () => {
    const { page, see, ask } = await onlooker()
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

  test('it can be worked by keyboard', async () => {
    const { page, see } = await onlooker()
    await see.write('user:1', 'Jessica')
    await page.locator('[data-replica="2"] .part').focus()
    await page.keyboard.press('Enter')
    await page.waitForSelector('.menu')
    await page.keyboard.press('Escape')
    await page.locator('.menu').waitFor({ state: 'detached' })
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Replica 2')
    await page.locator('.diagram .canvas').focus()
    await page.keyboard.press('ArrowRight')
    await expect
      .poll(() => page.innerText('.story p'))
      .toMatch(/^Client default\. At 0 ms: Leader wrote/)
  })

  test('the diagram is saved as a file that stands alone', async () => {
    const { page, see } = await onlooker()
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
