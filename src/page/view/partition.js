// Who can talk to whom: puts each replica, and the clients' end, into a group.

import { clusterCalls } from '../model/calls.js'
import { replicasOf } from '../model/cards.js'
import { seatOf } from '../model/nodes.js'
import { html, useState } from '../vendor/preact-htm.js'
import { ActRow } from './bits.js'

/** @typedef {import('../live/session.js').Session} Session */
/** @typedef {import('../model/types').Node} Node */

const GROUPS = ['A', 'B', 'C']

/** @param {{ session: Session, close: () => void }} props */
export function PartitionMenu({ session, close }) {
  const { model } = session
  const ids = replicasOf(model).map(({ id }) => id)
  const seat = seatOf(model)
  const [places, setPlaces] = useState(
    () =>
      /** @type {Map<Node, string>} */ (new Map(ids.map((id) => [id, id === seat ? 'A' : 'B']))),
  )
  const put = (/** @type {Node} */ node, /** @type {string} */ group) => {
    const next = new Map(places)
    if (group === '') next.delete(node)
    else next.set(node, group)
    setPlaces(next)
  }
  const groups = GROUPS.map((group) =>
    [...places].filter(([, one]) => one === group).map(([node]) => node),
  )
  const call = clusterCalls.partition(groups.filter((group) => group.length > 0))
  return html`
    <p>Cuts every link between the groups. Clients reach all replicas unless they are in a group too.</p>
    <table class="groups">
      <thead><tr><th>Who</th>${GROUPS.map((group) => html`<th key=${group} scope="col">${group}</th>`)}<th scope="col">none</th></tr></thead>
      <tbody>
        ${[...ids, /** @type {Node} */ ('api')].map(
          (node) => html`<tr key=${node}>
          <th scope="row">${node === 'api' ? 'clients (api)' : `replica ${node}`}</th>
          ${[...GROUPS, ''].map(
            (group) => html`<td key=${group}>
            <input type="radio" name=${`group-${node}`} checked=${(places.get(node) ?? '') === group}
              disabled=${group === '' && node !== 'api'}
              aria-label=${`${node} in ${group === '' ? 'no group' : `group ${group}`}`} onChange=${() => put(node, group)} />
          </td>`,
          )}
        </tr>`,
        )}
      </tbody>
    </table>
    <${ActRow} session=${session} call=${call} label="Partition" kind="primary" done=${close} />
    <${ActRow} session=${session} call=${clusterCalls.heal()} label="Heal all" done=${close} />`
}
