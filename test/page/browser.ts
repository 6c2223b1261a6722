// A real Chromium for the tests of the page: the one that npm ci brings, else the system's. Where neither starts,
// the tests are skipped with the reason; with CI set that is a failure.

import { existsSync } from 'node:fs'
import { type Browser, type BrowserServer, chromium, type LaunchOptions } from 'playwright-core'

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

type Started<T> =
  | { readonly started: T; readonly reason: null }
  | { readonly started: null; readonly reason: string }

/** A browser that this process alone uses. */
export function openBrowser(): Promise<Started<Browser>> {
  return start((options) => chromium.launch(options))
}

/** A browser that other processes may use, by its address. */
export function openBrowserServer(): Promise<Started<BrowserServer>> {
  return start((options) => chromium.launchServer({ ...options, host: '127.0.0.1' }))
}

async function start<T>(launch: (options: LaunchOptions) => Promise<T>): Promise<Started<T>> {
  const reasons: string[] = []
  for (const find of [bundledChromium, systemChromium]) {
    try {
      const executablePath = await find()
      return { started: await launch({ executablePath, args: ARGS }), reason: null }
    } catch (error) {
      reasons.push(String(error).split('\n', 1)[0] ?? '')
    }
  }
  const reason = `no Chromium starts here: ${reasons.join('; ')}`
  if (process.env.CI)
    throw new Error(`${reason} (with CI set the tests of the page must not be skipped)`)
  return { started: null, reason }
}

async function bundledChromium(): Promise<string> {
  const { default: bundled } = await import('@sparticuz/chromium')
  return bundled.executablePath()
}

async function systemChromium(): Promise<string> {
  if (!existsSync(SYSTEM_CHROMIUM)) throw new Error(`there is no ${SYSTEM_CHROMIUM}`)
  return SYSTEM_CHROMIUM
}
