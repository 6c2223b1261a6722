// Keeps a second process away from a write-ahead file: beside it lies a lock file with the number of the
// process that has it open. Node offers no lock that the system would release by itself, so a lock
// whose process is gone counts for nothing. Processes that cannot see each other (two containers,
// two machines) are not kept apart.

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

export type Locked =
  | { readonly ok: true; readonly release: () => void }
  /** Another process has it. */
  | { readonly ok: false; readonly holder: number }

export function lockPath(path: string): string {
  return `${path}.lock`
}

/** Room for one lock left behind, and for another start that finds it at the same time. */
const ATTEMPTS = 3

/** @throws what node:fs throws when no file can be made there */
export function lock(path: string): Locked {
  const file = lockPath(path)
  const mine = `${process.pid} ${startOf(process.pid) ?? ''}\n`
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (place(file, mine)) return { ok: true, release: () => rmSync(file, { force: true }) }
    const holder = holderOf(file)
    if (holder !== undefined) return { ok: false, holder }
    takeAway(file)
  }
  return { ok: false, holder: holderOf(file) ?? 0 }
}

/** In one step: a moment without its text would look like a lock left behind. @returns false when there is one */
function place(file: string, text: string): boolean {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, text)
  try {
    return isNew(() => linkSync(draft, file))
  } catch {
    // Some file systems know no links; there the moment has to be risked.
    return isNew(() => writeFileSync(file, text, { flag: 'wx' }))
  } finally {
    rmSync(draft, { force: true })
  }
}

/**
 * Another start may have found the same lock left behind, and have its own in place by now. So what lies there is
 * moved aside, which only one can do, and looked at again; a good one goes back. A third start that slips
 * in just then is not kept out: no lock that outlives its process is perfect.
 */
function takeAway(file: string): void {
  const aside = `${file}.${process.pid}.old`
  try {
    renameSync(file, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  if (holderOf(aside) !== undefined) place(file, readText(aside))
  rmSync(aside, { force: true })
}

/** False when a file is there already. */
function isNew(makeFile: () => void): boolean {
  try {
    makeFile()
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

/** The living process that holds a lock. */
function holderOf(file: string): number | undefined {
  const [pid = 0, started = ''] = readText(file).trim().split(' ')
  const holder = Number(pid)
  if (!Number.isSafeInteger(holder) || holder <= 0 || !isRunning(holder)) return undefined
  // Killed, and not yet collected by its parent, as may last in a container without an init.
  if (statOf(holder)[STATE] === 'Z') return undefined
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
  return statOf(pid)[STARTED]
}

/** What the system says of a process, after its name; nothing but on Linux. */
function statOf(pid: number): readonly string[] {
  const text = readText(`/proc/${pid}/stat`)
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

const STATE = 0
const STARTED = 19

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
