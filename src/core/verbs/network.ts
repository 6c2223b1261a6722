// The faults that befall links, one direction at a time, and partitions; and what ends them.

import { BOUNDS } from '../bounds.ts'
import { failed, ok, type Problem, problem, type Reply } from '../errors.ts'
import type { LinkFaults, ParsedLinkSettings } from '../faults/link-faults.ts'
import type { NodeId } from '../nodes.ts'
import { parseLatency } from '../text/latency-text.ts'
import type { ClusterView, ForTime, HoldRequest, LinkSettings, LinkView } from '../verbs.ts'
import { noLink, seeCluster, seeLink } from './look.ts'
import { type ActRow, type Fields, FOR, NODE, optional, RATIO, type Says, whole } from './row.ts'

interface OnLink {
  readonly from: NodeId
  readonly to: NodeId
}

interface Partitioning {
  readonly groups: readonly (readonly NodeId[])[]
  readonly how: ForTime
}

/** The verbs of one link. */
export interface LinkVerbs {
  readonly cut: Says<OnLink & { readonly how: ForTime }, LinkView>
  readonly heal: Says<OnLink, LinkView>
  readonly hold: Says<OnLink & { readonly how: HoldRequest }, LinkView>
  readonly release: Says<OnLink, LinkView>
  readonly 'set-link': Says<OnLink & { readonly how: LinkSettings }, LinkView>
}

export interface NetworkVerbs extends LinkVerbs {
  readonly partition: Says<Partitioning, ClusterView>
  readonly 'heal-all': Says<object, ClusterView>
}

const ENDS = { from: NODE, to: NODE }

export const NETWORK: { readonly [V in keyof NetworkVerbs]: ActRow<NetworkVerbs[V]> } = {
  cut: onLink({ ...ENDS, how: { forUs: FOR } }, (faults, { from, to, how }) =>
    faults.cut(from, to, how),
  ),
  heal: onLink(ENDS, (faults, { from, to }) => faults.heal(from, to)),
  hold: onLink(
    {
      ...ENDS,
      how: {
        copies: optional(whole(1, BOUNDS.messagesMax)),
        key: optional({ kind: 'key' }),
        forUs: FOR,
      },
    },
    (faults, { from, to, how }) => faults.hold(from, to, how),
  ),
  release: onLink(ENDS, (faults, { from, to }) => faults.release(from, to)),
  'set-link': {
    ...onLink(
      {
        ...ENDS,
        how: {
          latency: optional({ kind: 'latency' }),
          lossRatio: RATIO,
          duplicateRatio: RATIO,
          forUs: FOR,
        },
      },
      (faults, { from, to, how }) => {
        const parsed = parseSettings(how)
        if (!parsed.ok) return parsed.problem
        faults.set(from, to, parsed.value)
        return undefined
      },
    ),
    refuse: ({ how }) => {
      const parsed = parseSettings(how)
      return parsed.ok ? undefined : parsed.problem
    },
  },
  partition: {
    fields: { groups: { kind: 'groups' }, how: { forUs: FOR } },
    run: (workings, { groups, how }) => {
      const refusal = workings.protocol.linkFaults.partition(groups, how)
      return () => (refusal ? failed(refusal) : ok(seeCluster(workings)))
    },
  },
  'heal-all': {
    fields: {},
    run: (workings) => {
      workings.protocol.linkFaults.healAll()
      return () => ok(seeCluster(workings))
    },
  },
}

/** Then looks: what fell due at this instant is in the view. */
function onLink<G extends OnLink>(
  fields: Fields<G>,
  fault: (faults: LinkFaults, given: G) => Problem | undefined,
): ActRow<Says<G, LinkView>> {
  const run: ActRow<Says<G, LinkView>>['run'] = (workings, given) => {
    const { parts, linkFaults } = workings.protocol
    const { from, to } = given
    const refusal = noLink(parts, from, to) ?? fault(linkFaults, given)
    return () => (refusal ? failed(refusal) : seeLink(workings.protocol.parts, from, to))
  }
  return { fields, run }
}

function parseSettings({ latency, ...rest }: LinkSettings): Reply<ParsedLinkSettings> {
  if (latency === undefined) return ok(rest)
  if (latency === null) return ok({ ...rest, latency })
  const spec = parseLatency(latency)
  if (!spec.ok) return failed(problem('invalid-request', `latency: ${spec.message}`))
  return ok({ ...rest, latency: spec.value })
}
