// One command at a time. Before it, the pacer brings the timeline up to the present; after it, everything due
// at that instant has run. A recorder of the session is told of it at the instant it runs.

import type { Parts } from './parts.ts'
import type { Pacer } from './ports.ts'
import type { Command, CommandListener } from './verbs/table.ts'
import type { Ticket } from './verbs.ts'

export class Gate {
  readonly #parts: () => Parts
  #pacer: Pacer | undefined
  #listener: CommandListener | undefined
  #watchers: readonly (() => void)[] = []
  #depth = 0

  /** @param parts asked each time, because a reset brings a new one */
  constructor(parts: () => Parts) {
    this.#parts = parts
  }

  pacedBy(pacer: Pacer): void {
    this.#pacer = pacer
  }

  recordedBy(listener: CommandListener): void {
    this.#listener = listener
  }

  /** Calls back after every command, whether anything came of it or not. @returns stops that */
  watch(watcher: () => void): () => void {
    this.#watchers = [...this.#watchers, watcher]
    return () => {
      this.#watchers = this.#watchers.filter((one) => one !== watcher)
    }
  }

  /**
   * A command issued from inside another one, by a completion callback, is part of it: it runs at that
   * instant, and the outer command's end is the end of both.
   */
  run<T>(command: Command | undefined, action: () => T): T {
    if (this.#depth > 0) return this.#act(command, action)
    this.#pacer?.before()
    try {
      return this.inside(() => {
        // A pacer that works in slices may have stopped in the middle of an instant.
        this.#parts().timeline.runPresent()
        const value = this.#act(command, action)
        this.#parts().timeline.runPresent()
        return value
      })
    } finally {
      // Even after a bug was thrown, or time would stand still until the next command.
      this.#pacer?.after()
      if (command) for (const watcher of this.#watchers) watcher()
    }
  }

  /** Looking changes nothing, so nobody need record it. */
  look<T>(action: () => T): T {
    return this.run(undefined, action)
  }

  /** Runs events on behalf of the pacer: commands that they issue are part of it. */
  inside<T>(action: () => T): T {
    this.#depth++
    try {
      return action()
    } finally {
      this.#depth--
    }
  }

  /** A ticket whose `abandon` is a command of its own. */
  ticket(command: Command, action: () => Ticket): Ticket {
    return new CommandTicket(this, this.run(command, action))
  }

  #act<T>(command: Command | undefined, action: () => T): T {
    if (command && this.#listener) this.#listener(command, this.#parts().now)
    return action()
  }
}

class CommandTicket implements Ticket {
  readonly #commands: Gate
  readonly #ticket: Ticket

  constructor(commands: Gate, ticket: Ticket) {
    this.#commands = commands
    this.#ticket = ticket
  }

  get request(): number {
    return this.#ticket.request
  }

  get settled(): boolean {
    return this.#ticket.settled
  }

  abandon(): void {
    if (this.#ticket.settled) return
    const { request } = this
    this.#commands.run({ verb: 'abandon', request }, () => this.#ticket.abandon())
  }
}
