// The bundled stories over HTTP: the calls that each line is said to be do what the scenario expects of it.

import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Story } from '../../src/http/stories/shapes.ts'
import { bundledStories } from '../../src/http/stories/shelf.ts'
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

describe('a story of your own', () => {
  const tellOf = async (scenario: string) =>
    (await lab().ask.post('/stories').send({ scenario })).body

  test('is told like the others: by questions, calls and the time between them', async () => {
    const story = await tellOf(
      '# Is it there? Let us see.\nseed 5\nrestore leader=1 epoch=2\n' +
        '\n#? How long\n#? does it take?\n#- Not long\n#+ 200 ms\n' +
        'write-with-quorum a b w=2 & -> applied\nwrite-with-quorum b c w=2 -> applied\nclock real\n',
    )
    expect(story).toMatchObject({
      name: '',
      title: 'Is it there?',
      head: 'seed 5\nrestore leader=1 epoch=2\n',
    })
    const [question, first, second, clock] = story.steps.flat()
    expect(question.question).toEqual({
      text: 'How long does it take?',
      choices: [
        { text: 'Not long', isRight: false },
        { text: '200 ms', isRight: true },
      ],
    })
    expect(first.meanwhile.body).toEqual({ ms: 0, whenWaiting: 1 })
    expect(second.meanwhile.body).toEqual({ ms: 200, whenWaiting: 2 })
    expect(clock.call).toBeNull()
  })

  test.each([
    ['wirte a b\n', 'Line 1, column 1: there is no command wirte; did you mean write?'],
    ['write a b\nread a -> c\n', 'Line 2: expected c, but it is b.'],
    ['#? Why?\n#- So.\nwrite a b\n', 'Line 1: no choice is the right one: write #+ before it.'],
    [
      '#? Why?\n#+ So.\n#? And?\n\nwrite a b\n',
      'Line 3: no choice is the right one: write #+ before it.',
    ],
    ['write a b\n#+ So.\n', 'Line 2: a choice belongs to a question: write #? above it.'],
    ['write a b\nabandon 1\n', 'Line 2: a lesson has no abandon: leave the line out.'],
    ['seed 1\n', 'Line 1: there is nothing to tell.'],
  ])('%j is told what is wrong, and where', async (scenario, message) => {
    const { code, errors } = await tellOf(scenario)
    expect([code, errors[0].message]).toEqual(['invalid-request', message])
  })
})

test('a story in a link is the same one, and a link cut short is told', async () => {
  const { ask } = lab()
  const scenario = '# Łukasz asks 名前. So what?\nwrite 名前 x\n'.replaceAll('名前', '"名前"')
  const { packed } = (await ask.post('/stories').send({ scenario })).body
  expect(packed).toMatch(/^[\w-]+$/)
  const { body } = await ask.post('/stories').send({ packed })
  expect(body).toMatchObject({ scenario, packed, title: 'Łukasz asks "名前"' })
  const short = await ask.post('/stories').send({ packed: packed.slice(0, 9) })
  expect([short.status, short.body.detail]).toEqual([400, expect.stringContaining('cut short')])
  // A few letters that stand for more than is taken.
  const bomb = deflateRawSync(Buffer.alloc(8_000_000)).toString('base64url')
  expect((await ask.post('/stories').send({ packed: bomb })).body.detail).toContain('cut short')
})

test('pages come whatever stands behind the question mark', async () => {
  const { ask } = lab()
  for (const path of ['/', '/docs', '/labs/root/']) {
    const answer = await ask.get(`${path}?utm_source=x&utm_source=y&%ZZ=1`)
    expect([path, answer.status, answer.type]).toEqual([path, 200, 'text/html'])
  }
})

describe('a folder of lessons', () => {
  const stories = async ({ ask }: ReturnType<typeof lab>) => (await ask.get('/stories')).body

  test('stands before the others; a broken file hides none, and is there once it is mended', async () => {
    const path = mkdtempSync(join(tmpdir(), 'lessons-'))
    onTestFinished(() => rmSync(path, { recursive: true }))
    const save = (file: string, text: string) => writeFileSync(join(path, file), text)
    save('b.scenario', '# Mine.\nwrite a b\n')
    save('a.scenario', 'write a\n')
    save('repair.scenario', Buffer.from([0xff]).toString('latin1'))
    save('notes.txt', 'no lesson')
    const said: string[] = []
    const at = lab({ lessons: { path, say: (sentence) => said.push(sentence) } })
    const before = await stories(at)
    expect(before.stories.map(({ name }: Story) => name).slice(0, 2)).toEqual([
      'b',
      'too-early-read',
    ])
    expect(before.broken.map(({ file }: { file: string }) => file)).toEqual([
      'a.scenario',
      'repair.scenario',
    ])
    expect(before.broken[0].message).toContain('line 1, column 8: ')
    expect(said).toHaveLength(2)

    save('a.scenario', '# Mended.\nwrite a b\n')
    // Its own time of day may be as coarse as a second.
    utimesSync(join(path, 'a.scenario'), 1, 1)
    const after = await stories(at)
    expect(after.stories.slice(0, 2).map(({ title }: Story) => title)).toEqual(['Mended', 'Mine'])
    expect((await at.ask.get('/stories/a')).body.steps).toHaveLength(1)
    expect(said).toHaveLength(2)
    rmSync(join(path, 'a.scenario'))
    expect((await at.ask.get('/stories/a')).status).toBe(404)
  })

  test('that is not there is told, and the bundled ones are', async () => {
    const at = lab({ lessons: { path: '/no/such/folder', say: () => undefined } })
    const { stories: found, broken } = await stories(at)
    expect(found).toHaveLength(bundledStories().size)
    expect(broken).toEqual([{ file: '/no/such/folder', message: 'it is not there' }])
  })
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
