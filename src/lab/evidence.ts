// What a failing test leaves behind: the seed in its message, and the session as a scenario that anybody can replay.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { count } from '../core/text/say.ts'
import type { Lab } from './lab.ts'
import { type LabSettings, startLab } from './start.ts'

const FOLDER = 'lab-failures'
const NAME_CHARS_MAX = 80

/** Written by this process: a second failure of the same name gets a number. */
const written = new Set<string>()

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
export function saveEvidence(lab: Lab, options: EvidenceOptions | string = {}): string {
  const { name = 'lab', folder = FOLDER } =
    typeof options === 'string' ? { name: options } : options
  const slug = name.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '')
  const stem = join(folder, slug.slice(0, NAME_CHARS_MAX) || 'lab')
  let file = `${stem}.scenario`
  for (let i = 2; written.has(file); i++) file = `${stem}-${i}.scenario`
  written.add(file)
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, lab.scenario())
  const { seed, waiting } = lab.view()
  const hint =
    waiting > 0 ? ` ${count(waiting, 'request waits', 'requests wait')}: advance the clock.` : ''
  process.stderr.write(`Seed ${seed}.${hint} To see it again: npx replication-lab run ${file}\n`)
  return file
}

/**
 * A test with a lab of its own, for vitest, jest and node:test: `test('…', withLab({ followers: 2 }, async (lab) => …))`.
 * When it fails, or takes too long for vitest or node:test, the evidence is saved under the test's name; at the end
 * the lab is closed.
 */
export function withLab<T>(
  settings: LabSettings,
  test: (lab: Lab, ...context: unknown[]) => T | PromiseLike<T>,
  options: EvidenceOptions | string = {},
): (...context: unknown[]) => Promise<void> {
  if (typeof test !== 'function') {
    throw new TypeError('withLab: write withLab({ followers: 2 }, async (lab) => { … })')
  }
  const given = typeof options === 'string' ? { name: options } : options
  // Its length is 0, or jest would wait for a callback.
  return async (...context) => {
    const lab = await startLab(settings)
    const save = () => trySaving(lab, { name: nameOf(context[0]), ...given })
    const { signal } = (context[0] ?? {}) as { readonly signal?: AbortSignal }
    // It is over, though the test still waits for something.
    const giveUp = () => {
      save()
      void lab.close()
    }
    if (signal instanceof AbortSignal) signal.addEventListener('abort', giveUp, { once: true })
    try {
      await test(lab, ...context)
    } catch (error) {
      if (!signal?.aborted) save()
      throw error
    } finally {
      if (signal instanceof AbortSignal) signal.removeEventListener('abort', giveUp)
      await lab.close()
    }
  }
}

/** Whatever the test failed with is more important than that nothing can be written. */
function trySaving(lab: Lab, options: EvidenceOptions): void {
  try {
    saveEvidence(lab, options)
  } catch (error) {
    const { seed } = lab.view()
    process.stderr.write(
      `Seed ${seed}. The session could not be saved: ${(error as Error).message}\n`,
    )
  }
}

interface Task {
  readonly name?: string
  readonly suite?: Task
}

/** vitest and node:test hand it to the test; jest tells only its `expect`. */
function nameOf(context: unknown): string {
  const { task, fullName, name } = (context ?? {}) as {
    readonly task?: Task
    readonly fullName?: string
    readonly name?: string
  }
  const names: string[] = []
  for (let one = task; one?.name; one = one.suite) names.unshift(one.name)
  const jest = globalThis as { expect?: { getState?(): { currentTestName?: string } } }
  const found = names.join(' ') || fullName || name
  return found || (jest.expect?.getState?.().currentTestName ?? 'lab')
}
