// Healing a cluster completely, and what must then hold: nothing on its way, nobody waiting, equal logs, and
// equal stores once forgotten keys are repaired.

import type { Cluster } from '../../src/core/cluster.ts'
import { Message } from '../../src/core/network/message.ts'
import { API } from '../../src/core/nodes.ts'
import type { Parts } from '../../src/core/parts.ts'
import type { Replica } from '../../src/core/replica/replica.ts'
import { formatVersion } from '../../src/core/version.ts'

/** Ends every fault there is. Latencies become short, so that heartbeats cannot be late any more. */
export function mendEverything(cluster: Cluster): void {
  const { replicas, network } = cluster.inspect()
  cluster.healAll()
  const nodes = [API, ...replicas.map((replica) => replica.id)]
  for (const from of nodes) {
    for (const to of nodes) {
      if (from === to) continue
      if (network.link(from, to).state === 'held') cluster.release(from, to)
      cluster.setLink(from, to, { latency: '1ms', lossRatio: 0, duplicateRatio: 0 })
    }
  }
  for (const { id, state } of replicas) {
    if (state === 'crashed') cluster.restart(id)
    if (state === 'paused') cluster.resume(id)
  }
  if (cluster.view().leader === null) cluster.failover({})
}

/** Why the system is not at rest; undefined when it is. */
export function unrest(cluster: Cluster): string | undefined {
  const parts = cluster.inspect()
  if (parts.timeline.foreground > 0) return `${parts.timeline.foreground} events are due`
  if (cluster.waiting > 0) return `${cluster.waiting} requests wait`
  const messages = messagesOf(parts)
  if (messages.length > 0) return `${messages[0]?.kind} is on its way`
  let background = 0
  for (const due of parts.timeline.scheduled()) if (due instanceof Message) background++
  const links = parts.network.links().reduce((sum, link) => sum + link.messages, 0)
  if (links !== background) return `links count ${links} messages, there are ${background}`
  const { messages: total } = parts.network
  return total === background ? undefined : `the network counts ${total}, there are ${background}`
}

/** Whatever travels, is held or queues, heartbeats left out. */
function messagesOf(parts: Parts): Message[] {
  const found: Message[] = []
  for (const due of parts.timeline.scheduled()) if (due instanceof Message) found.push(due)
  for (const link of parts.network.links()) found.push(...link.held)
  for (const { inbox } of parts.replicas) {
    for (const item of inbox) if (item instanceof Message) found.push(item)
  }
  return found.filter((message) => !message.background)
}

/** In what two logs of the cluster differ; undefined when in nothing. */
export function differentLogs(parts: Parts): string | undefined {
  const [first, ...others] = parts.replicas
  if (!first) return undefined
  const leader = parts.leader()
  if (!leader) return 'nobody leads'
  if (parts.replicas.some((one) => (one.role === 'leader') !== (one === leader))) {
    return 'roles differ from what the newest epoch says'
  }
  for (const other of others) {
    const [mine, theirs] = [position(first), position(other)]
    if (mine !== theirs) return `replica 0 is at ${mine}, replica ${other.id} at ${theirs}`
    const from = Math.max(first.log.firstOffset, other.log.firstOffset)
    for (let offset = from; offset <= first.appliedOffset; offset++) {
      if (first.log.at(offset) !== other.log.at(offset)) return `entry ${offset} differs`
    }
  }
  return undefined
}

/** In what two stores of the cluster differ; undefined when in nothing. */
export function differentStores(parts: Parts): string | undefined {
  const [first, ...others] = parts.replicas
  for (const other of others) {
    for (let slot = 0; slot < parts.keys.size; slot++) {
      const [mine, theirs] = [first?.store.at(slot), other.store.at(slot)]
      if (mine === theirs) continue
      const said = [mine, theirs].map((one) => (one ? `${one.key}@${formatVersion(one)}` : 'none'))
      return `replica 0 has ${said[0]}, replica ${other.id} has ${said[1]}`
    }
  }
  return undefined
}

function position({ epoch, table, appliedOffset }: Replica): string {
  return `epoch ${epoch}, offset ${appliedOffset}, table ${JSON.stringify(table)}`
}
