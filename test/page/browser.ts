// A real Chromium for the tests of the page: the one that npm ci brings, else the system's. Where neither starts,
// the tests are skipped with the reason; with CI set that is a failure.

import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const SYSTEM_CHROMIUM = '/usr/bin/chromium'
/** It speaks to this machine only, and to nobody else by itself. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export type BrowserOrReason =
  | { readonly browser: Browser; readonly reason: null }
  | { readonly browser: null; readonly reason: string }

export async function openBrowser(): Promise<BrowserOrReason> {
  const reasons: string[] = []
  for (const find of [bundledChromium, systemChromium]) {
    try {
      const executablePath = await find()
      return { browser: await chromium.launch({ executablePath, args: ARGS }), reason: null }
    } catch (error) {
      reasons.push(String(error).split('\n', 1)[0] ?? '')
    }
  }
  const reason = `no Chromium starts here: ${reasons.join('; ')}`
  if (process.env.CI)
    throw new Error(`${reason} (with CI set the tests of the page must not be skipped)`)
  return { browser: null, reason }
}

async function bundledChromium(): Promise<string> {
  const { default: bundled } = await import('@sparticuz/chromium')
  return bundled.executablePath()
}

async function systemChromium(): Promise<string> {
  if (!existsSync(SYSTEM_CHROMIUM)) throw new Error(`there is no ${SYSTEM_CHROMIUM}`)
  return SYSTEM_CHROMIUM
}
