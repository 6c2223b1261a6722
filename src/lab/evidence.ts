// What a failing test leaves behind: the seed in its message, and the session as a scenario that anybody can replay.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from './lab.ts'
import { type LabSettings, startLab } from './start.ts'

const FOLDER = 'lab-failures'
const NAME_CHARS_MAX = 80

export interface EvidenceOptions {
  /** Of the file, without its ending. */
  readonly name?: string
  /** `lab-failures`, where the test runs, unless said. */
  readonly folder?: string
}

/**
 * Writes the session of a lab, open or closed, and says on standard error where, with the seed: for `onTestFailed` of
 * vitest. @returns the path of the file
 */
export function saveEvidence(lab: Lab, options: EvidenceOptions = {}): string {
  const { name = 'lab', folder = FOLDER } = options
  const slug = name.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '')
  const file = join(folder, `${slug.slice(0, NAME_CHARS_MAX) || 'lab'}.scenario`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, lab.scenario())
  const { seed } = lab.view()
  process.stderr.write(`Seed ${seed}. To see it again: npx replication-lab run ${file}\n`)
  return file
}

/**
 * A test with a lab of its own, for vitest, jest and node:test: `test('…', withLab({ followers: 2 }, async (lab) => …))`.
 * When it fails the evidence is saved under the test's name; at the end the lab is closed.
 */
export function withLab<T>(
  settings: LabSettings,
  test: (lab: Lab) => T | PromiseLike<T>,
  options: EvidenceOptions = {},
): (...context: unknown[]) => Promise<void> {
  // Its length is 0, or jest would wait for a callback.
  return async (...context) => {
    const lab = await startLab(settings)
    try {
      await test(lab)
    } catch (error) {
      saveEvidence(lab, { name: nameOf(context[0]), ...options })
      throw error
    } finally {
      await lab.close()
    }
  }
}

/** vitest and node:test hand it to the test; jest tells only its `expect`. */
function nameOf(context: unknown): string {
  const { task, fullName, name } = (context ?? {}) as {
    readonly task?: { readonly name?: string }
    readonly fullName?: string
    readonly name?: string
  }
  const jest = globalThis as { expect?: { getState?(): { currentTestName?: string } } }
  return task?.name ?? fullName ?? name ?? jest.expect?.getState?.().currentTestName ?? 'lab'
}
