// The messages that the page draws, by events alone, against those that the cluster has on their way: after each of many
// random commands they are the same, travelling or held.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Cluster } from '../../src/core/cluster.ts'
import { renderEvent } from '../../src/core/output/render.ts'
import { applyEvent, createModel } from '../../src/page/model/state.js'
import { steps } from '../scenario/sessions.ts'
import { pinned } from '../tools/pinned.ts'
import { onTheirWay } from './on-their-way.ts'

test('every message ends on the page when it ends in the cluster, and not before', () => {
  fc.assert(
    fc.property(steps, (session) => {
      const cluster = new Cluster({ followers: 2, clock: { mode: 'manual', rate: 1 } })
      const model = createModel()
      cluster.listen((event) => applyEvent(model, renderEvent(event, 0)))
      for (const { name, run } of session) {
        run(cluster, [])
        const drawn = [...model.messages.values()].filter(({ fate }) => fate !== 'early')
        const shown = drawn.map(({ id, fate }) => `${id} ${fate === 'held' ? fate : 'in-flight'}`)
        expect(shown.sort(), name).toEqual(onTheirWay(cluster))
      }
    }),
    pinned(60),
  )
})
