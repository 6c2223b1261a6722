// How V8 is to keep this program's memory.

import { setFlagsFromString } from 'node:v8'

/**
 * Objects begin young, whatever became of others that were made at the same place. The events of a lab are kept for
 * those who resume its stream, so V8 takes to making all events old at once; but those of a replay, which nobody
 * keeps, then pile up among the old ones and keep others alive: looking back took three times as long, and the
 * lab itself half as long again.
 */
export function beginYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
}
