// Every bundled lesson, told to its end over HTTP without a browser: each answer and each time is the story's; one step
// back it is told the same; and where somebody else has a hand in it, the lesson stops instead of ticking what did not
// happen. Whatever the clock does elsewhere, time stands still in a lesson.

import request from 'supertest'
import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/core/cluster.ts'
import type { Story } from '../../src/http/stories/shapes.ts'
import { bundledStories } from '../../src/http/stories/shelf.ts'
import { tellStory } from '../../src/http/stories/story.ts'
import { LessonRun } from '../../src/page/live/lesson-run.js'
import { urlOf } from '../../src/page/model/curl.js'
import type { Call } from '../../src/page/model/types.d.ts'
import { parseScenario } from '../../src/scenario/parse.ts'
import { RUN_BOUNDS } from '../../src/scenario/run.ts'
import { finish } from '../../src/scenario/slices.ts'
import { lab } from '../http/lab.ts'

type Session = ConstructorParameters<typeof LessonRun>[0]

/** A session that has no picture, and begins labs as the server does. */
function stage(story: Story) {
  let at: ReturnType<typeof lab> | undefined
  const begin = (head: string) => {
    const parsing = parseScenario(head)
    if (!parsing.ok) throw new Error(`${story.name}: its head cannot be read`)
    at = lab({ cluster: { ...parsing.scenario.options, clock: { mode: 'manual', rate: 1 } } })
    return { ok: true, status: 201, body: {} }
  }
  const act = async (call: Call) => {
    if (call.path === '/labs') return begin(String(call.body?.scenario))
    const verb = call.method.toLowerCase() as 'get' | 'post' | 'put'
    const asking = request(at?.app as never)
      [verb](urlOf(call))
      .set('Client-Id', call.client ?? 'default')
    const { status, body } = await (call.body ? asking.send(call.body) : asking)
    return { ok: status < 400, status, body }
  }
  const [changed, show, lookNow] = [() => {}, () => {}, () => {}]
  const session = { act, changed, show, lookNow, caughtUp: async () => {} }
  const run = new LessonRun(session as unknown as Session, story as never)
  return { run, cluster: () => at?.cluster as Cluster }
}

/** Presses whatever there is to press. @param meddle called before each command is done */
async function tell(run: LessonRun, meddle: () => void = () => {}): Promise<void> {
  for (let presses = 0; presses < 200; presses++) {
    if (run.pause === 'end' || run.pause === 'astray') return
    if (run.pause !== 'next') meddle()
    if (run.pause === 'next') run.next()
    else if (run.pause === 'question') await run.choose(0)
    else await run.run()
  }
}

function storyNamed(name: string): Story {
  return bundledStories().get(name) as Story
}

const stories = [...bundledStories().values()]

describe('lessons', () => {
  test.concurrent.each(stories.map((story) => [story.name, story] as const))(
    '%s is told to its end, and once more from a step back',
    async (_, story) => {
      const { run, cluster } = stage(story)
      await run.start()
      await tell(run)
      expect([run.pause, run.at, cluster().mode]).toEqual(['end', story.steps.length - 1, 'manual'])
      const atTheEnd = JSON.stringify(cluster().view())
      await run.turnTo(story.steps.length - 1)
      expect(run.at).toBe(story.steps.length - 2)
      await tell(run)
      expect([run.pause, JSON.stringify(cluster().view())]).toEqual(['end', atTheEnd])
    },
  )

  test.concurrent.each(['too-early-read', 'quorum', 'hold-and-release'])(
    '%s stops where another client writes too',
    async (name) => {
      const { run, cluster } = stage(storyNamed(name))
      await run.start()
      await tell(run, () => void cluster().write({ key: 'user:1', value: 'mine' }, () => {}))
      expect(run.pause).toBe('astray')
    },
  )

  test.concurrent('time that somebody lets run is noticed', async () => {
    const { run, cluster } = stage(storyNamed('too-early-read'))
    await run.start()
    await tell(run, () => void cluster().advance({ us: 5_000_000 }))
    expect(run.pause).toBe('astray')
  })

  test.concurrent('who turns back while it is being told is told the other step alone', async () => {
    const { run } = stage(storyNamed('too-early-read'))
    const first = run.start(6)
    // Its first call is on its way.
    await new Promise(setImmediate)
    await run.turnTo(2)
    await first
    await tell(run)
    expect([run.pause, run.trouble]).toEqual(['end', ''])
  })

  test.concurrent("a line about the clock is passed over: time is the lesson's own", async () => {
    const text = '# Whose time?\nclock real\nwrite a b\nclock instant\n\nadvance 1s\nclock real\n'
    const { run, cluster } = stage(finish(tellStory('', text, RUN_BOUNDS)) as Story)
    await run.start()
    await tell(run)
    const { mode, nowMs } = { mode: cluster().mode, nowMs: cluster().nowUs / 1000 }
    expect([run.pause, mode, nowMs]).toEqual(['end', 'manual', 1000])
  })

  test.concurrent('a step that is not there is the nearest that is', async () => {
    const { run } = stage(storyNamed('repair'))
    await run.start(99)
    expect(run.at).toBe(run.story.steps.length - 1)
    await run.start(Number('x'))
    expect(run.at).toBe(0)
  })
})
