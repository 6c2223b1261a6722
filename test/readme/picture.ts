// Draws basic-architecture.png from its source: npm run picture. It wants the font Inter; without it the
// text comes out in another one, so look at the result before you commit it.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import sparticuz from '@sparticuz/chromium'
import { chromium } from 'playwright-core'
import { fingerprint, withComment } from './png-text.ts'

const SOURCE = 'src/page/architecture.svg'
const SYSTEM_CHROMIUM = '/usr/bin/chromium'

const svg = readFileSync(SOURCE, 'utf8')
const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []
const executablePath = existsSync(SYSTEM_CHROMIUM)
  ? SYSTEM_CHROMIUM
  : await sparticuz.executablePath()
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
try {
  const page = await browser.newPage({
    viewport: { width: Number(width), height: Number(height) },
    // Twice as fine as a README shows it, for screens that can.
    deviceScaleFactor: 2,
  })
  await page.setContent(`<body style="margin: 0">${svg}`)
  writeFileSync('basic-architecture.png', withComment(await page.screenshot(), fingerprint(svg)))
} finally {
  await browser.close()
}
