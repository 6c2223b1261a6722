// For whom this is the first time: in a lab of its own and slowed to a tenth, one write and one read that comes too
// early. Then the page is theirs.

import { base, send } from '../live/api.js'
import { html, useEffect, useState } from '../vendor/preact-htm.js'
import { useRedraw } from './bits.js'

/** @import { Session } from '../live/session.js' */
/** @import { Call } from '../model/types' */

const HASH = '#watch'
/** Simulated time between write and read: half of what the first copy takes. */
const EARLY_MS = 100
/** @type {Call} */
const WRITE = {
  method: 'POST',
  path: '/write',
  body: { key: 'user:1', value: 'Jessica' },
  client: 'ann',
}
/** @type {Call} */
const READ = {
  method: 'GET',
  path: '/follower-read',
  query: { key: 'user:1', replica: 1 },
  client: 'bob',
}
const WORDS = [
  'New here? See a read that comes too early: half a minute, slowed to a tenth, in a lab of its own.',
  'Ann writes user:1 = Jessica. The leader has it at once; two copies set out.',
  'Bob asks replica 1, before its copy is there …',
  'That was a stale read: Ann was told that it is written, and Bob that there is no such key. Now you: write another value, and ask replica 2 by “Follower read” within five seconds.',
]

/** @param {{ session: Session }} props */
export function Invitation({ session }) {
  useRedraw(session)
  const isShow = base() !== '' && location.hash === HASH
  const [at, tell] = useState(isShow ? 1 : 0)
  const [problem, setProblem] = useState('')
  useEffect(() => void (isShow && play(session, tell)), [])
  const { view, operations, last } = session.live
  const isNew = base() === '' && view?.keys.length === 0 && operations.size === 0 && !last
  if (at < 0 || !(isShow || isNew) || session.past) return null
  const begin = async () => {
    const body = { followers: 2, clock: 'real', rate: 0.1, latency: 'replicate=200ms,500ms' }
    const { ok, body: lab } = await send({ method: 'POST', path: '/labs', body }, '')
    if (ok) open(`${lab.url}/${HASH}`, '_self')
    else setProblem(lab.detail)
  }
  return html`<div class="pill invitation" role="status">
    <p>${WORDS[at]}</p>
    ${problem && html`<p class="problem">${problem}</p>`}
    ${at === 0 && html`<button type="button" class="primary" onClick=${begin}>Show me</button>`}
    ${(at === 0 || at === 3) && html`<button type="button" onClick=${() => tell(-1)}>${at === 0 ? 'Not now' : 'All right'}</button>`}
  </div>`
}

/** @param {Session} session @param {(at: number) => void} tell */
async function play(session, tell) {
  const until = (/** @type {() => boolean} */ holds) =>
    new Promise((done) => {
      const stop = session.subscribe(() => holds() && done(stop()))
    })
  await until(() => session.settled)
  await session.act(WRITE)
  const dueMs = session.live.nowMs + EARLY_MS
  await until(() => session.live.nowMs >= dueMs)
  tell(2)
  await session.act(READ)
  tell(3)
}
