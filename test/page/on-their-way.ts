// What a cluster has on its way, for tests of what the page draws of it.

import type { Cluster } from '../../src/core/cluster.ts'
import { API } from '../../src/core/nodes.ts'

/** Each message with its state, heartbeats left out. */
export function onTheirWay(cluster: Cluster): string[] {
  const nodes = [API, ...cluster.view().replicas.map(({ id }) => id)]
  const links = nodes.flatMap((from) => nodes.filter((to) => to !== from).map((to) => [from, to]))
  return links
    .flatMap(([from = API, to = API]) => {
      const messages = cluster.linkMessages(from, to, 1_000)
      return messages.ok ? messages.value : []
    })
    .map(({ message, state }) => `${message} ${state}`)
    .sort()
}
