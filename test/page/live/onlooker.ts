// The vocabulary of the tests of the live page: somebody who looks, with the browser that all of them share, at a
// lab whose time stands still.

import type { Server } from 'node:http'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished } from 'vitest'
import type { ClusterOptions } from '../../../src/core/options.ts'
import { type LabOptions, lab, listening } from '../../http/lab.ts'

let browser: Browser

/** Stories that somebody who looks can tell. Where no browser starts they are skipped, with the reason. */
export function describeLive(title: string, stories: () => void): void {
  const { address, reason } = inject('browser')
  if (address === null) {
    describe.skip(`${title} (${reason})`, stories)
    return
  }
  describe(title, () => {
    beforeAll(async () => {
      browser = await chromium.connect(address)
    })
    afterAll(() => browser.close())
    stories()
  })
}

export interface LookOptions {
  readonly cluster?: Partial<ClusterOptions>
  readonly width?: number
  readonly dark?: boolean
  /** Let jumps of time glide, as people see them. */
  readonly moving?: boolean
  /** Runs in each page before anything of its own. */
  readonly before?: string
  /** What shows that the page is there; the leader's card, unless said. */
  readonly waitFor?: string
}

/** A lab that listens, and nobody who looks yet. */
export async function listeningLab(
  cluster: Partial<ClusterOptions> = {},
  app: Omit<LabOptions, 'cluster'> = {},
) {
  const clock = { mode: 'manual', rate: 1 } as const
  const made = lab({ ...app, cluster: { seed: 1, clock, ...cluster } })
  const { server, port } = await listening(made.app)
  return { ...made, server, url: `http://127.0.0.1:${port}` }
}

export async function onlooker(options: LookOptions = {}) {
  const at = await listeningLab(options.cluster)
  return { ...at, ...(await look(at, options)) }
}

export async function look({ url }: { url: string }, options: LookOptions = {}) {
  const { width = 1440, dark = false, moving = false } = options
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: moving ? 'no-preference' : 'reduce',
  })
  onTestFinished(() => context.close())
  if (options.before) await context.addInitScript(options.before)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // A browser writes refused connections and 4xx answers there, whoever expects them.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) {
      complaints.push(message.text())
    }
  })
  await page.goto(url)
  await page.waitForSelector(options.waitFor ?? '[data-replica="0"]')
  onTestFinished(() => expect(complaints).toEqual([]))
  return { page, see: sights(page) }
}

/** What there is to see, by the words of the page. */
export function sights(page: Page) {
  const card = (id: number) => page.locator(`[data-replica="${id}"]`)
  return {
    card,
    story: () => page.locator('.narration').innerText(),
    cardText: (id: number) => card(id).innerText(),
    cardLook: (id: number) => card(id).getAttribute('class'),
    rows: (id: number) => card(id).locator('.records li').allInnerTexts(),
    marks: () => page.locator('svg.marks [data-message]').count(),
    place: async (message: number) => {
      const transform = await page.locator(`[data-message="${message}"]`).getAttribute('transform')
      const [x = 0, y = 0] = (transform ?? '').match(/[\d.]+/g)?.map(Number) ?? []
      return { x, y }
    },
    /** Opens the menu of a replica or link, and does what the button says. */
    async menu(part: string, action: string) {
      await page.click(part)
      await page.locator('.menu').getByRole('button', { name: action, exact: true }).click()
      await page.locator('.menu .answer:not(.waiting)').waitFor()
      await page.keyboard.press('Escape')
      await page.locator('.menu').waitFor({ state: 'detached' })
    },
    tab: (label: string) => page.getByRole('tab', { name: label }).click(),
    /** As if another tab were in front of it, or no more. */
    hide: (isHidden: boolean) =>
      page.evaluate(`{
        Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }`),
    step: (label: string) => page.locator('.clock').getByText(label, { exact: true }).click(),
    async write(key: string, value: string) {
      await page.check('input[name=verb][value=write]')
      await page.fill('.try .key input', key)
      await page.fill('.try .value input', value)
      await page.click('.try button[type=submit]')
    },
    async followerRead(key: string, replica: number) {
      await page.check('input[name=verb][value=follower-read]')
      await page.fill('.try .key input', key)
      await page.selectOption('.try .replica select', String(replica))
      await page.click('.try button[type=submit]')
    },
  }
}

export async function close(server: Server): Promise<void> {
  const closed = new Promise((done) => server.once('close', done))
  server.closeAllConnections()
  server.close()
  await closed
}
