// Draws basic-architecture.png from its source: npm run picture. It wants the font Inter; without it the
// text comes out in another one, so look at the result before you commit it.

import { readFileSync, writeFileSync } from 'node:fs'
import { openBrowser } from '../page/browser.ts'
import { fingerprint, withComment } from './png-text.ts'

const svg = readFileSync('src/page/architecture.svg', 'utf8')
const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []
const { started: browser, reason } = await openBrowser()
if (!browser) throw new Error(reason)
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
