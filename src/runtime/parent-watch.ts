// Notices that whoever started this server is gone. npm starts a shell that starts Node; killing npm ends
// the shell at best, and the server would go on listening with nobody left to stop it. Where a shell
// stands in between, /proc tells whether npm still stands behind it; elsewhere shells step aside
// (`exec`) and the parent is npm itself. Not on Windows, where a parent's number never changes.

import { readFileSync } from 'node:fs'

/** What the watch needs to know of other processes. Tests hand in their own. */
export interface Processes {
  /** The number of this process's parent; changes when the parent dies. */
  parent(): number
  /** Undefined where it cannot be known. */
  look(pid: number): { readonly name: string; readonly parent: number } | undefined
}

const LOOK_EVERY_MS = 500
const SHELL = /^-?(ba|da|a|z|k|mk|ya)?sh$|^busybox$/

/** Calls back once, when it happens. Keeps no process alive. */
export class ParentWatch {
  readonly #processes: Processes
  readonly #parent: number
  /** Who started the shell that started this process. */
  readonly #behindShell: number | undefined
  #timer: NodeJS.Timeout | undefined

  /** Remembers who is there now: made as early as possible, for they may die at any time. */
  constructor(processes: Processes = systemProcesses) {
    this.#processes = processes
    this.#parent = processes.parent()
    const parent = processes.look(this.#parent)
    this.#behindShell = parent && SHELL.test(parent.name) ? parent.parent : undefined
  }

  start(onGone: () => void): void {
    this.#timer = setInterval(() => {
      if (!this.isGone()) return
      this.stop()
      onGone()
    }, LOOK_EVERY_MS)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  isGone(): boolean {
    if (this.#processes.parent() !== this.#parent) return true
    if (this.#behindShell === undefined) return false
    return this.#processes.look(this.#parent)?.parent !== this.#behindShell
  }
}

const systemProcesses: Processes = {
  parent: () => process.ppid,
  look(pid) {
    try {
      // `8501 (sh) S 8489 ...`; a name may hold spaces and parentheses.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const match = /^\d+ \((.*)\) \S (\d+)/s.exec(stat)
      return match ? { name: match[1] as string, parent: Number(match[2]) } : undefined
    } catch {
      return undefined
    }
  },
}
