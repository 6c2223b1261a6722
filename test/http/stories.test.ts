// The bundled stories over HTTP: the calls that each line is said to be do what the scenario expects of it.

import { expect, test } from 'vitest'
import { bundledStories, type Story } from '../../src/http/stories.ts'
import { lab } from './lab.ts'

type Part = Story['steps'][number][number]
type CommandPart = Extract<Part, { kind: 'command' }>

/** Time moves by so much where a line waits for its answer. */
const STEP_US = 1000
const OUTCOMES = ['applied', 'not-applied', 'unknown']

/** Those that a server as the lab starts it can tell word by word. */
const stories = [...bundledStories().values()].filter(({ options }) => options.length === 0)

test('the lessons that everybody should have come first, in their order', () => {
  expect([...bundledStories().keys()].slice(0, 7)).toEqual([
    'too-early-read',
    'repair',
    'quorum',
    'timeout-that-survives',
    'r-plus-w-counter-example',
    'lost-write',
    'split-brain',
  ])
})

test.each(stories)('$name goes over HTTP as its scenario says', async ({ followers, steps }) => {
  const at = lab({ cluster: { followers, clock: { mode: 'manual', rate: 1 } } })
  const late: Promise<void>[] = []
  for (const part of steps.flat()) {
    if (part.kind !== 'command') continue
    const told = tell(at, part)
    if (part.goesOn) late.push(told)
    else await told
  }
  at.cluster.advance({ to: 'idle' })
  await Promise.all(late)
})

async function tell({ ask, cluster }: ReturnType<typeof lab>, part: CommandPart): Promise<void> {
  const { call, source, goesOn } = part
  if (!call) return
  const { method, path, query = {}, body, client } = call
  let answered = false
  const sending = ask[method.toLowerCase() as 'get' | 'post' | 'put'](path)
    .query(query)
    .set(client === undefined ? {} : { 'Client-Id': client })
    .send(body as object | undefined)
    .then((answer) => {
      answered = true
      expect([source, answer.status, answer.body.detail]).toEqual(expectedOf(part, answer.body))
    })
  // The request reaches the cluster first; then time is moved until it is answered.
  for (let i = 0; i < 20 && !answered; i++) await new Promise(setImmediate)
  if (!goesOn)
    while (!answered) {
      cluster.advance({ us: STEP_US })
      await new Promise(setImmediate)
    }
  if (!goesOn) await sending
}

/** What a line expects, where that is a code, an outcome or a value; fields are the scenario runner's affair. */
function expectedOf({ source, expected }: CommandPart, body: Record<string, unknown>) {
  const [word = ''] = (expected ?? '').match(/^("[^"]*"|[^\s=]+)(?=\s|$)/) ?? []
  const isCode = typeof body.code === 'string'
  if (word === '' || word === 'not') return [source, expect.anything(), body.detail]
  if (OUTCOMES.includes(word)) {
    expect([source, isCode ? body.outcome : 'applied']).toEqual([source, word])
  } else
    expect([source, isCode ? body.code : body.value]).toEqual([source, word.replaceAll('"', '')])
  return [source, expect.anything(), body.detail]
}
