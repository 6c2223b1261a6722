// One Chromium for all tests of the live page, started before the first and closed after the last. Where none
// starts, the tests learn the reason instead.

import type { TestProject } from 'vitest/node'
import { openBrowserServer } from '../browser.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    readonly browser: { readonly address: string | null; readonly reason: string | null }
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { started, reason } = await openBrowserServer()
  project.provide('browser', { address: started?.wsEndpoint() ?? null, reason })
  return async () => started?.close()
}
