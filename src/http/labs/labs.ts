// The labs of a server: the root, which is as old as the server, and those started since. It numbers and bounds them,
// and ends those that nobody uses. What a lab is made of is lab.ts's affair.

import { quote } from '../../core/text/duration.ts'
import { type HttpProblem, httpProblem } from '../problems.ts'
import { nameOf, numberOf } from './names.ts'

export const ROOT = 'root'

/** What this file must know of a lab. */
export interface Inhabited {
  readonly id: string
  /** Somebody waits for an answer, or reads the event stream. */
  readonly isInUse: boolean
  /** Answers all who wait, ends the streams, and stops time. */
  end(): void
  /** Bytes of keys and values that it may keep. */
  readonly bytesMax: number
}

export interface LabsOptions {
  /** How many there may be, the root not counted. */
  readonly labsMax: number
  /** Bytes of keys and values that all of them together may be given at their start. */
  readonly bytesMax: number
  /** Wall time without a request after which one ends; null: never. */
  readonly idleMs: number | null
  /** Told in a sentence of each lab that starts or ends. */
  readonly say: (sentence: string) => void
}

/** A lab that nobody knows of yet. It becomes one like the others, or nothing is left of it. */
export interface Beginning<L> {
  readonly lab: L
  enter(): void
  drop(): void
}

/** Labs are looked over so often within the time after which they end. */
const LOOKS_PER_IDLE = 8
/** Node fires longer timers at once. */
const LOOK_MS_MAX = 60_000

export class Labs<L extends Inhabited> {
  readonly options: LabsOptions
  readonly root: L
  readonly #labs = new Map<string, { readonly lab: L; usedMs: number }>()
  /** Nobody knows them yet, but they take their place. */
  readonly #beginning = new Set<L>()
  #started = 0
  #look: NodeJS.Timeout | undefined

  constructor(root: L, options: LabsOptions) {
    this.root = root
    this.options = options
  }

  /** The root first, then the others by age. */
  all(): readonly L[] {
    return [this.root, ...[...this.#labs.values()].map(({ lab }) => lab)]
  }

  /** Why no other that may keep so many bytes can start now. */
  fullFor(bytes: number): HttpProblem | undefined {
    const { labsMax, bytesMax } = this.options
    if (this.#labs.size + this.#beginning.size >= labsMax) {
      const detail =
        labsMax === 0
          ? 'This server starts no labs: --max-labs is 0.'
          : `All ${labsMax} labs are taken: end one with DELETE /labs/{lab}, or start the server with a higher --max-labs.`
      return httpProblem('too-many-labs', detail)
    }
    let given = 0
    for (const { lab } of this.#labs.values()) given += lab.bytesMax
    for (const lab of this.#beginning) given += lab.bytesMax
    if (given + bytes <= bytesMax) return undefined
    const detail = `A lab with maxBytes ${bytes} has no room: ${given} of ${bytesMax} bytes of keys and values are given to others. End one with DELETE /labs/{lab}, or ask for fewer maxBytes.`
    return httpProblem('too-many-labs', detail)
  }

  /** @param make a lab of this number, from 0, and of this name */
  begin(make: (number: number, id: string) => L): Beginning<L> {
    const number = this.#started
    const lab = make(number, nameOf(number))
    this.#started++
    this.#beginning.add(lab)
    return {
      lab,
      enter: () => {
        this.#beginning.delete(lab)
        this.#labs.set(lab.id, { lab, usedMs: performance.now() })
        this.#lookOver()
        this.options.say(`Lab ${lab.id} started`)
      },
      drop: () => {
        if (!this.#beginning.delete(lab)) return
        lab.end()
        // Others may have begun since; a name that nobody has heard is then left out.
        if (this.#started === number + 1) this.#started = number
      },
    }
  }

  /** The lab that a request names, which is thereby used; or why there is none. */
  find(id: string): L | HttpProblem {
    if (id === ROOT) return this.root
    const found = this.#labs.get(id)
    if (found) {
      found.usedMs = performance.now()
      return found.lab
    }
    const number = numberOf(id)
    const what =
      number !== undefined && number < this.#started
        ? `Lab ${quote(id)} has ended`
        : `There never was a lab ${quote(id)}`
    const detail = `${what}: GET /labs lists those there are, POST /labs starts another.`
    return httpProblem('lab-not-found', detail)
  }

  /** @param why goes on behind its name */
  end(lab: L, why: string): void {
    if (!this.#labs.delete(lab.id)) return
    lab.end()
    this.#lookOver()
    this.options.say(`Lab ${lab.id} ended: ${why}`)
  }

  /** With the server. */
  endAll(): void {
    clearInterval(this.#look)
    for (const { lab } of this.#labs.values()) lab.end()
    this.#labs.clear()
    this.root.end()
  }

  #lookOver(): void {
    const { idleMs } = this.options
    if (idleMs === null) return
    if (this.#labs.size === 0) {
      clearInterval(this.#look)
      this.#look = undefined
    } else {
      const everyMs = Math.min(idleMs / LOOKS_PER_IDLE, LOOK_MS_MAX)
      this.#look ??= setInterval(() => this.#endUnused(idleMs), everyMs).unref()
    }
  }

  #endUnused(idleMs: number): void {
    const nowMs = performance.now()
    for (const one of [...this.#labs.values()]) {
      if (one.lab.isInUse) one.usedMs = nowMs
      else if (nowMs - one.usedMs >= idleMs) this.end(one.lab, 'nobody used it')
    }
  }
}
