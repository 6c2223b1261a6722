// Keeps a second process away from a write-ahead file: beside it lies a lock file with the number of the
// process that has it open. Node offers no lock that the system would release by itself, so a lock
// whose process is gone counts for nothing. Processes that cannot see each other (two containers,
// two machines) are not kept apart.

import { readFileSync, rmSync, writeFileSync } from 'node:fs'

export type Locked =
  | { readonly ok: true; readonly release: () => void }
  /** Another process has it. */
  | { readonly ok: false; readonly holder: number }

export function lockPath(path: string): string {
  return `${path}.lock`
}

/** @throws what node:fs throws when no file can be made there */
export function lock(path: string): Locked {
  const file = lockPath(path)
  // The second time: the lock was left behind by a crash, and is out of the way now.
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, `${process.pid} ${startOf(process.pid) ?? ''}\n`, { flag: 'wx' })
      return { ok: true, release: () => rmSync(file, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const holder = holderOf(file)
      if (holder !== undefined) return { ok: false, holder }
      rmSync(file, { force: true })
    }
  }
  // Somebody else found the same lock left behind, and was quicker.
  return { ok: false, holder: holderOf(file) ?? 0 }
}

/** The living process that holds a lock. */
function holderOf(file: string): number | undefined {
  const [pid = 0, started = ''] = readText(file).trim().split(' ')
  const holder = Number(pid)
  if (!Number.isSafeInteger(holder) || holder <= 0 || !isRunning(holder)) return undefined
  // Numbers are given out again, in containers even at once; the start tells two processes apart.
  const now = startOf(holder)
  return started !== '' && now !== undefined && now !== started ? undefined : holder
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When a process started, in the system's own count; known on Linux only. */
function startOf(pid: number): string | undefined {
  const text = readText(`/proc/${pid}/stat`)
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19]
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
