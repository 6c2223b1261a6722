// Lets the log tell of the write-ahead file's first failure, too.

import type { Durability } from '../../core/ports.ts'
import type { Logger } from '../logger.ts'

/** Its first failure is not for the client alone, who hears of it too. */
export function outspoken(durability: Durability, logger: Logger): Durability {
  let said = false
  return {
    get failure() {
      return durability.failure
    },
    whenDurable(done) {
      durability.whenDurable((error) => {
        if (error && !said) logger.error({ err: error }, 'Writes are refused until a restart')
        said ||= error !== undefined
        done(error)
      })
    },
  }
}
