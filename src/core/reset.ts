// A reset that forgets the data but keeps the faults: a new life takes over the state of every replica and
// link, and what was still to undo itself does so when it would have.

import type { Life } from './life.ts'

export function keepFaults(before: Life, after: Life): void {
  keepLinks(before, after)
  for (const old of before.system.replicas) {
    const { id, state } = old
    if (state === 'crashed') after.replicaFaults.crash(id, remaining(before, `replica ${id}`))
    if (state === 'paused') after.replicaFaults.pause(id, remaining(before, `replica ${id}`))
  }
}

function keepLinks(before: Life, after: Life): void {
  for (const old of before.system.network.links()) {
    const { from, to, state, holding, latency, lossRatio, duplicateRatio } = old
    if (old.isDefault) continue
    const name = `link ${from} ${to}`
    const settings = { latency: latency ?? null, lossRatio, duplicateRatio }
    if (latency || lossRatio > 0 || duplicateRatio > 0) {
      after.linkFaults.set(from, to, { ...settings, ...remaining(before, `settings of ${name}`) })
    }
    if (state === 'held') {
      after.linkFaults.hold(from, to, { ...holding, ...remaining(before, name) })
    }
    if (state === 'cut') {
      const time = old.cutByPartition ? remaining(before, 'partition') : remaining(before, name)
      after.linkFaults.cut(from, to, time)
    }
  }
}

function remaining(before: Life, thing: string): { forUs?: number } {
  const us = before.undo.remainingUs(thing)
  return us === undefined ? {} : { forUs: us }
}
