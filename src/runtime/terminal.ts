// A second way to the terminal behind a descriptor, one that never blocks. A terminal that was stopped with
// Ctrl-S, or that nobody reads, would stop the whole process at its next line: Node writes to terminals
// synchronously, and the descriptor it was given is shared with the shell, so that its mode must be left alone.

import { closeSync, constants, fstatSync, openSync, readdirSync } from 'node:fs'
import { isatty } from 'node:tty'

const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants
/** Where terminals have their names, on Linux and on macOS. */
const DEVICE_FOLDERS = ['/dev/pts', '/dev']

/**
 * Opens the terminal anew, non-blocking and for this process alone: a full or stopped one then refuses
 * bytes with EAGAIN, as a full pipe does. @returns its descriptor, or undefined where `fd` is no terminal
 * or cannot be opened a second time (Windows; a terminal of another user)
 */
export function reopenTerminal(fd: number): number | undefined {
  if (process.platform === 'win32' || !isatty(fd)) return undefined
  for (const path of namesOf(fd)) {
    const opened = tryToOpen(path)
    if (opened === undefined) continue
    if (fstatSync(opened).rdev === fstatSync(fd).rdev) return opened
    closeSync(opened)
  }
  return undefined
}

function* namesOf(fd: number): Iterable<string> {
  // On Linux that opens the device anew; elsewhere /dev/fd would only give the same descriptor again.
  if (process.platform === 'linux') yield `/proc/self/fd/${fd}`
  for (const folder of DEVICE_FOLDERS) {
    for (const name of namesIn(folder)) if (/^(\d+|tty\w+)$/.test(name)) yield `${folder}/${name}`
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function tryToOpen(path: string): number | undefined {
  try {
    return openSync(path, O_WRONLY | O_NONBLOCK | O_NOCTTY)
  } catch {
    return undefined
  }
}
