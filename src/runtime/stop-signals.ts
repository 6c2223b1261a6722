// What a signal to stop means: the first ends the server in order, a second one at once. Under npm the
// second may be an echo: npm passes on the Ctrl-C that the terminal has already sent to all.

export type Meaning = 'end' | 'echo' | 'end-at-once'

/** Nobody presses Ctrl-C twice so fast. */
const ECHO_MS_MAX = 200

export class StopSignals {
  readonly #hasEcho: boolean
  readonly #nowMs: () => number
  #firstAtMs: number | undefined

  constructor(hasEcho: boolean, nowMs: () => number = () => performance.now()) {
    this.#hasEcho = hasEcho
    this.#nowMs = nowMs
  }

  heard(): Meaning {
    if (this.#firstAtMs === undefined) {
      this.#firstAtMs = this.#nowMs()
      return 'end'
    }
    const isFresh = this.#nowMs() - this.#firstAtMs < ECHO_MS_MAX
    return this.#hasEcho && isFresh ? 'echo' : 'end-at-once'
  }
}
