// What a sub-command runs in, and how it ends.

/** What a sub-command prints to, and who may stop it. */
export interface Terminal {
  out(text: string): void
  /** For problems and progress. */
  err(text: string): void
  /** Somebody watches `err`: progress is welcome. */
  readonly isWatched: boolean
  /** Ctrl-C: what is there is wanted now. */
  readonly signal: AbortSignal
}

/** 0: done. 1: what was asked for is not so. 2: it cannot be understood. 3: undecided. 130: stopped. */
export type ExitCode = 0 | 1 | 2 | 3 | 130
