// Every bundled lesson, told to its end over HTTP without a browser: each answer is the story's; and where somebody
// else has a hand in it, the lesson stops instead of ticking what did not happen.

import request from 'supertest'
import { describe, expect, test } from 'vitest'
import { renderEvent } from '../../src/core/output/render.ts'
import { bundledStories, type Story } from '../../src/http/stories.ts'
import { LessonRun } from '../../src/page/live/lesson-run.js'
import { urlOf } from '../../src/page/model/curl.js'
import { applyEvent, createModel } from '../../src/page/model/state.js'
import type { Call } from '../../src/page/model/types.d.ts'
import { parseScenario } from '../../src/scenario/parse.ts'
import { lab } from '../http/lab.ts'

type Session = ConstructorParameters<typeof LessonRun>[0]

/** A lab as the page starts it for a story, and a session that has no picture. */
function stage(story: Story) {
  const parsing = parseScenario(story.head)
  if (!parsing.ok) throw new Error(`${story.name}: its head cannot be read`)
  const { app, cluster } = lab({ cluster: parsing.scenario.options })
  const model = createModel()
  cluster.listen((event) => applyEvent(model, renderEvent(event, 0)))
  const act = async (call: Call) => {
    const verb = call.method.toLowerCase() as 'get' | 'post' | 'put'
    const asking = request(app)
      [verb](urlOf(call))
      .set('Client-Id', call.client ?? 'default')
    const { status, body } = await (call.body ? asking.send(call.body) : asking)
    return { ok: status < 400, status, body }
  }
  const session = { act, model, changed: () => {}, playback: { still: true } }
  return { cluster, run: new LessonRun(session as unknown as Session, story as never) }
}

/** Presses whatever there is to press. @param meddle called before each command is done */
async function tell(run: LessonRun, meddle: () => void = () => {}): Promise<void> {
  await run.start()
  for (let presses = 0; presses < 200; presses++) {
    if (run.pause === 'end' || run.pause === 'astray') return
    if (run.pause !== 'next') meddle()
    if (run.pause === 'next') run.next()
    else if (run.pause === 'question') await run.choose(0)
    else await run.run()
  }
}

const stories = [...bundledStories().values()]

describe('lessons', () => {
  test.concurrent.each(stories.map((story) => [story.name, story] as const))(
    '%s is told to its end',
    async (_, story) => {
      const { run } = stage(story)
      await tell(run)
      expect([run.pause, run.at]).toEqual(['end', story.steps.length - 1])
    },
  )

  test.concurrent.each(['too-early-read', 'quorum', 'hold-and-release'])(
    '%s stops where another client writes too',
    async (name) => {
      const { run, cluster } = stage(bundledStories().get(name) as Story)
      await tell(run, () => void cluster.write({ key: 'user:1', value: 'mine' }, () => {}))
      expect(run.pause).toBe('astray')
    },
  )

  test.concurrent('time that somebody lets run is noticed', async () => {
    const { run, cluster } = stage(bundledStories().get('too-early-read') as Story)
    await tell(run, () => void cluster.advance({ us: 5_000_000 }))
    expect(run.pause).toBe('astray')
  })
})
