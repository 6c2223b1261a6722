// What became of an arrow, a read, a write or a fault, in the words of its events: those of the log.

import { sayMs, sayText } from './say.js'

/** @param {import('./types').Item} item */
export function storyOf(item) {
  const client = item.item === 'operation' ? `Client ${sayText(item.client)}. ` : ''
  const sentences = item.told.map(({ atMs, text }, i) => {
    const when = atMs === item.told[i - 1]?.atMs ? '' : `At ${sayMs(atMs)}: `
    return `${when}${text.replace(/^\[[A-Z -]+\] /, '')}.`
  })
  return client + sentences.join(' ')
}
