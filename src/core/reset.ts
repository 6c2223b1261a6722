// Back to the start. Everything is forgotten, or the data or the faults are kept; whoever waited is told. Where
// only the faults are kept, the next protocol takes over the state of every replica and link, and what was to
// expire does so when it would have.

import type { Emitter } from './emitter.ts'
import { problem } from './errors.ts'
import { Protocol } from './protocol.ts'
import { Timeline } from './timeline.ts'

/** @returns the protocol that goes on: the same one when the data is kept, else a new one */
export function resetProtocol(
  before: Protocol,
  emitter: Emitter,
  keep: 'nothing' | 'faults' | 'data',
): Protocol {
  const detail = 'The cluster was reset while the request waited. Start over.'
  before.open.failAll(problem('cluster-reset', detail))
  if (keep === 'data') {
    before.expiries.cancelAll()
    before.linkFaults.mendAll()
    before.replicaFaults.mendAll()
    return before
  }
  const { options, now } = before.parts
  return new Protocol(options, new Timeline(keep === 'faults' ? now : 0), emitter)
}

/** Puts the faults of one protocol upon the next. */
export function keepFaults(before: Protocol, after: Protocol): void {
  keepLinks(before, after)
  for (const old of before.parts.replicas) {
    const { id, state } = old
    // There is no data to lose yet, and a leader that comes back is to lead.
    const crash = { keepData: true, ...remaining(before, `replica ${id}`) }
    if (state === 'crashed') after.replicaFaults.crash(id, crash)
    if (state === 'paused') after.replicaFaults.pause(id, remaining(before, `replica ${id}`))
  }
}

function keepLinks(before: Protocol, after: Protocol): void {
  for (const old of before.parts.network.links()) {
    const { from, to, state, holding, settings, lasting } = old
    if (old.isDefault && !lasting) continue
    const name = `link ${from} ${to}`
    if (lasting) after.linkFaults.set(from, to, lasting)
    if (settings.latency || settings.lossRatio > 0 || settings.duplicateRatio > 0 || lasting) {
      after.linkFaults.set(from, to, { ...settings, ...remaining(before, `settings of ${name}`) })
    }
    if (state === 'held') {
      after.linkFaults.hold(from, to, { ...holding, ...remaining(before, name) })
    }
    if (old.cutByHand) after.linkFaults.cut(from, to, remaining(before, name))
  }
  const { groups } = before.linkFaults
  if (groups) after.linkFaults.partition(groups, remaining(before, 'partition'))
}

function remaining(before: Protocol, thing: string): { forUs?: number } {
  const us = before.expiries.remainingUs(thing)
  return us === undefined ? {} : { forUs: us }
}
