// A class: whom its link lets in and to what, how votes are counted, and what happens to those who follow when their
// presenter asks, moves, or ends it.

import { get, type IncomingMessage } from 'node:http'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { BOUNDS } from '../../src/core/bounds.ts'
import { Classroom, type Shown } from '../../src/http/class/classroom.ts'
import { sayReach } from '../../src/http/class/reach.ts'
import { EventHub } from '../../src/http/event-hub.ts'
import { ROUTES } from '../../src/http/routes/table.ts'
import { lab, listening, startBeside } from './lab.ts'

const TOKEN = 'open-sesame'
const CLASS = 'k7m2qx9r4w'
const BEARER = { Authorization: `Bearer ${TOKEN}` }

/** A server with a token and a class, which others follow by its link. */
async function taught() {
  const made = lab({ token: TOKEN })
  await made.ask.post('/class').set(BEARER).send({ token: CLASS }).expect(200)
  return made
}

const ASKED: Shown = {
  lesson: 'Too early',
  step: 1,
  steps: 2,
  caption: 'A copy takes 200 ms.',
  question: { text: 'What does it answer?', choices: ['old', 'new'], open: true, right: null },
}

const question = (change: object) => ({ ...ASKED, question: { ...ASKED.question, ...change } })

describe('the link of a class', () => {
  const fill = (path: string) =>
    path
      .replace('{id}', '1')
      .replace('{from}', '0')
      .replace('{to}', '1')
      .replace(/\{\w+\}/, 'x')

  test('opens what reads its lab, and refuses every other route', async () => {
    const { ask, bugs, app } = await taught()
    const wrong: string[] = []
    for (const { method, path, follow } of ROUTES) {
      const target = `/follow/${CLASS}${fill(path)}`
      const verb = method.toLowerCase() as 'get' | 'post' | 'put' | 'delete'
      const { status, body } =
        path === '/events'
          ? { ...(await streamOf(app, target)), body: {} }
          : await ask[verb](target).redirects(0)
      const isRefused = status === 403 && body.code === 'read-only'
      const isBarred = isRefused || status === 401 || Number(status) >= 500
      if (follow ? isBarred : !isRefused) wrong.push(`${method} ${path}: ${status} ${body.code}`)
    }
    expect(wrong).toEqual([])
    expect(bugs).toEqual([])
  })

  test('reads, and can change nothing but votes', () => {
    const open = ROUTES.filter(({ follow }) => follow).filter(({ effect }) => effect !== 'none')
    expect(open.map(({ path }) => path)).toEqual(['/class/vote'])
  })

  test('opens no other lab, and stands for no token elsewhere', async () => {
    const { ask } = await taught()
    const other = await startBesideWith(ask)
    await ask.get(`/follow/${CLASS}${other}/cluster`).expect(404)
    for (const header of [`Bearer ${CLASS}`, `Bearer ${TOKEN}x`]) {
      await ask.get('/cluster').set({ Authorization: header }).expect(401)
    }
    await ask.get(`/cluster?token=${CLASS}`).expect(401)
  })

  test.each(['k7m2qx9r4v', `${CLASS}x`, '', '%', '..'])('%j leads nowhere', async (wrong) => {
    const { ask } = await taught()
    const { status } = await ask.get(`/follow/${wrong}/cluster`)
    expect([401, 404]).toContain(status)
  })

  test('may be typed with capitals and without the slash', async () => {
    const { ask } = await taught()
    const { status, headers } = await ask.get(`/follow/${CLASS.toUpperCase()}`).redirects(0)
    expect([status, headers.location]).toEqual([308, `/follow/${CLASS}/`])
  })

  test('is over with the class, and with its lab', async () => {
    const { ask } = await taught()
    await ask.delete('/class').set(BEARER).expect(200)
    const { status, body } = await ask.get(`/follow/${CLASS}/cluster`)
    expect([status, body.code]).toEqual([404, 'class-not-found'])
    const url = await startBesideWith(ask)
    await ask.post(`${url}/class`).set(BEARER).send({ token: CLASS }).expect(200)
    await ask.delete(url).set(BEARER).expect(200)
    await ask.get(`/follow/${CLASS}/cluster`).expect(404)
  })

  test('is drawn anew for each class, and kept while it is open', async () => {
    const { ask } = lab()
    const first = (await ask.post('/class')).body.token
    expect(first).toMatch(/^[a-z2-9]{10}$/)
    expect((await ask.post('/class')).body.token).toBe(first)
    const { body } = await ask.post('/class').send({ token: CLASS })
    expect([body.code, body.remedies]).toEqual([
      'wrong-state',
      [{ method: 'DELETE', path: '/class' }],
    ])
    await ask.delete('/class')
    expect((await ask.post('/class')).body.token).not.toBe(first)
  })
})

function startBesideWith(ask: Awaited<ReturnType<typeof taught>>['ask']): Promise<string> {
  return ask
    .post('/labs')
    .set(BEARER)
    .then(({ body }) => body.url)
}

describe('votes', () => {
  const voter = (i: number) => `voter-${i}-of-many`
  const votesOf = (room: Classroom) => room.view().question?.votes

  test('count once for each voter, the last one', () => {
    const room = new Classroom()
    room.show(ASKED)
    for (const [i, choice] of [
      [1, 0],
      [2, 0],
      [1, 1],
      [1, 1],
    ] as const) {
      expect(room.vote({ voter: voter(i), question: 1, choice }, '')).toBeUndefined()
    }
    expect(votesOf(room)).toEqual([1, 1])
  })

  test('stay when the question closes and its answer is shown, and go with it', () => {
    const room = new Classroom()
    room.show(ASKED)
    room.vote({ voter: voter(1), question: 1, choice: 1 }, '')
    room.show(question({ open: false, right: 0 }) as Shown)
    expect(room.vote({ voter: voter(2), question: 1, choice: 1 }, '')?.code).toBe('wrong-state')
    expect(votesOf(room)).toEqual([0, 1])
    room.show({ ...ASKED, step: 2 })
    expect(votesOf(room)).toEqual([0, 0])
    const late = room.vote({ voter: voter(1), question: 1, choice: 1 }, '/labs/x')
    expect(late?.remedies).toEqual([{ method: 'GET', path: '/labs/x/class' }])
    expect(room.vote({ voter: voter(1), question: 2, choice: 2 }, '')?.code).toBe('invalid-request')
  })

  test('have a bound, beyond which those who have voted may still change their minds', () => {
    const room = new Classroom()
    room.show(ASKED)
    const vote = (i: number) => room.vote({ voter: voter(i), question: 1, choice: i % 2 }, '')
    for (let i = 0; i < BOUNDS.classFollowersMax; i++) expect(vote(i)).toBeUndefined()
    expect(vote(BOUNDS.classFollowersMax)?.code).toBe('class-full')
    expect(vote(0)).toBeUndefined()
  })
})

interface Message {
  readonly event?: string
  readonly data: null | {
    readonly followers: number
    readonly question: { readonly votes: number[] } | null
  }
}

/** The stream at a path: its status, and its messages about the class, one after the other. */
async function streamOf(app: ReturnType<typeof lab>['app'], path: string) {
  const { port } = await listening(app)
  const response = await new Promise<IncomingMessage>((resolve) => {
    const request = get({ port, path }, resolve)
    onTestFinished(() => void request.destroy())
  })
  const messages = classMessages(response.setEncoding('utf8'))
  const next = async () => (await messages.next()).value as Message['data'] | undefined
  return { status: response.statusCode, next }
}

async function* classMessages(chunks: AsyncIterable<string>): AsyncGenerator<Message['data']> {
  let rest = ''
  for await (const chunk of chunks) {
    const blocks = (rest + chunk).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const [, data = ''] = /^event: class\ndata: (.*)$/.exec(block) ?? []
      if (data) yield JSON.parse(data)
    }
  }
}

describe('who follows', () => {
  test('hears where the presenter stands, and the presenter how all vote', async () => {
    const { app, ask } = lab()
    await ask.post('/class').send({ token: CLASS })
    const follower = await streamOf(app, `/follow/${CLASS}/events?views=1`)
    expect(await follower.next()).toMatchObject({ question: null })
    const presenter = await streamOf(app, '/events?views=1')
    expect(await presenter.next()).toMatchObject({ followers: 1 })
    await ask.put('/class').send(ASKED).expect(200)
    let told = await follower.next()
    while (told?.question === null) told = await follower.next()
    expect(told).toMatchObject({ caption: ASKED.caption, question: { number: 1, votes: [0, 0] } })
    const cast = { voter: 'somebody', question: 1, choice: 1 }
    await ask.post(`/follow/${CLASS}/class/vote`).send(cast).expect(200)
    let seen = await presenter.next()
    while (seen?.question?.votes[1] !== 1) seen = await presenter.next()
    expect(JSON.stringify(seen)).not.toContain(CLASS)
  })

  test('goes along when the presenter moves to another lab', async () => {
    const { app, ask } = lab()
    await ask.post('/class').send({ token: CLASS })
    await ask.put('/class').send(ASKED)
    const follower = await streamOf(app, `/follow/${CLASS}/events?views=1`)
    await follower.next()
    const url = await startBeside(ask, { followers: 4 })
    await ask.post(`${url}/class`).send({ token: CLASS }).expect(200)
    let last: Message['data'] | undefined
    for (let next = await follower.next(); next !== undefined; next = await follower.next())
      last = next
    expect(last).toBe(null)
    const { body } = await ask.get(`/follow/${CLASS}/cluster`)
    expect(body.replicas).toHaveLength(5)
    expect((await ask.get(`/follow/${CLASS}/class`)).body).toMatchObject({ caption: ASKED.caption })
    await ask.get('/class').expect(404)
  })

  test('finds a full class full, and takes no stream from others', async () => {
    const { app, ask } = lab()
    await ask.post('/class').send({ token: CLASS })
    const spy = vi.spyOn(EventHub.prototype, 'followers', 'get')
    onTestFinished(() => spy.mockRestore())
    spy.mockReturnValue(BOUNDS.classFollowersMax)
    const { status, body } = await ask.get(`/follow/${CLASS}/events`)
    expect([status, body.code]).toEqual([429, 'class-full'])
    expect((await streamOf(app, '/events')).status).toBe(200)
    expect(BOUNDS.classFollowersMax).toBeLessThan(BOUNDS.streamsMax)
  })
})

describe('whoever opens a class is told', () => {
  const at = (host: string) =>
    ({ headers: { host }, socket: { localPort: 8080 } }) as IncomingMessage
  const lan = () => ['http://localhost:8080', 'http://192.168.1.20:8080']

  test.each([
    [
      'that only this machine reaches it',
      () => [],
      true,
      'localhost:8080',
      'http://localhost:8080',
      '--host 0.0.0.0',
    ],
    [
      'what it exposes',
      lan,
      true,
      'localhost:8080',
      'http://192.168.1.20:8080',
      'asks for the token of the server',
    ],
    [
      'by the name under which it was called',
      lan,
      true,
      'lab.school:80',
      'http://lab.school:80',
      'plain HTTP',
    ],
    [
      'when it asks nobody for a token',
      lan,
      false,
      '127.0.0.1:8080',
      'http://192.168.1.20:8080',
      '--no-token',
    ],
  ] as const)('%s', (_, urlsAt, asksForToken, host, url, said) => {
    const { links, reach } = sayReach({ urlsAt, asksForToken }, at(host), CLASS)
    expect(links[0]).toBe(`${url}/follow/${CLASS}/`)
    expect(reach).toContain(said)
  })
})
