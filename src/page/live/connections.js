// This browser's connections to the server, of which it has six however many tabs look. The tabs of a lab share one
// event stream, streams of more labs than two take turns, and of the requests that may wait for simulated time only
// three are on their way, so that there is always a connection for what moves it. A shared worker does this; where
// browsers have none, each tab for itself.

/** @typedef {{ path: string, after: string, ports: Set<MessagePort>, stream?: AbortController }} Lab */
/** @typedef {{ event?: string, id?: string, data?: string }} Told */
/** @typedef {{ ask: number, path: string, init: RequestInit, mayWait: boolean }} Question */
/** @typedef {{ ask?: number, status?: number, text?: string, lost?: string, told?: readonly Told[] }} Word */

const STREAMS_MAX = 2
const TURN_MS = 1500
const WAITING_MAX = 3
const RETRY_MS = { min: 300, max: 4000 }
/** Rows of each replica in a view: what the largest cards and the menus have room for. */
export const ROWS = 12

/** Those on show, the one whose stream was opened last behind the others. @type {Map<string, Lab>} */
const labs = new Map()
let waiting = 0
/** @type {ReturnType<typeof setTimeout> | undefined} */
let turn

/** @param {MessagePort} port of one tab, which asks, and says what it has heard of which lab, or that it listens no more */
export function connect(port) {
  let gone = new AbortController()
  port.onmessage = ({ data }) => {
    if (data.ask !== undefined) return void answer(port, data, gone.signal)
    for (const lab of labs.values()) lab.ports.delete(port)
    if (data.open) join(port, data.open)
    if (data.bye) gone.abort()
    gone = data.bye ? new AbortController() : gone
    allot()
  }
}

if ('onconnect' in globalThis) {
  Object.assign(globalThis, {
    onconnect: (/** @type {MessageEvent} */ { ports: [port] }) => port && connect(port),
  })
}

/** @param {MessagePort} port @param {Question} question @param {AbortSignal} signal */
async function answer(port, { ask, path, init, mayWait }, signal) {
  const say = (/** @type {number} */ status, /** @type {string} */ text) =>
    port.postMessage({ ask, status, text })
  const why = (/** @type {string} */ detail) => say(0, JSON.stringify({ detail }))
  if (mayWait && waiting === WAITING_MAX) {
    const detail = `Not sent: this browser already waits for ${waiting} answers. Let time go on first.`
    return why(detail)
  }
  waiting += Number(mayWait)
  try {
    const response = await fetch(path, { ...init, signal })
    say(response.status, await response.text())
  } catch {
    why('The server does not answer.')
  }
  waiting -= Number(mayWait)
}

/**
 * The stream begins anew with what the newcomer lacks; the others know what they have heard.
 * @param {MessagePort} port
 * @param {{ path: string, after: string }} wanted
 */
function join(port, { path, after }) {
  const lab = labs.get(path) ?? { path, after, ports: new Set() }
  const number = (/** @type {string} */ id) => Number(id.split('-').at(-1))
  if (lab.ports.size === 0 || number(after) < number(lab.after)) lab.after = after
  labs.set(path, lab)
  lab.ports.add(port)
  halt(lab)
}

function allot() {
  clearTimeout(turn)
  for (const lab of labs.values()) {
    if (lab.ports.size > 0) continue
    halt(lab)
    labs.delete(lab.path)
  }
  const resting = [...labs.values()].filter(({ stream }) => !stream)
  for (const lab of resting.slice(0, STREAMS_MAX - (labs.size - resting.length))) void keep(lab)
  if (labs.size > STREAMS_MAX) turn = setTimeout(takeTurns, TURN_MS)
}

function takeTurns() {
  const first = [...labs.values()].find(({ stream }) => stream)
  if (first) halt(first)
  allot()
}

/** Without a stream, and behind all others. @param {Lab} lab */
function halt(lab) {
  lab.stream?.abort()
  delete lab.stream
  labs.delete(lab.path)
  labs.set(lab.path, lab)
}

/** Reads the stream, and comes back to it when it ends. @param {Lab} lab */
async function keep(lab) {
  halt(lab)
  const stream = new AbortController()
  lab.stream = stream
  for (let waitMs = RETRY_MS.min; lab.stream === stream; waitMs *= 1.6) {
    try {
      const url = `${lab.path}/events?lastEventId=${lab.after}&views=${ROWS}`
      const response = await fetch(url, { signal: stream.signal })
      if (response.ok) waitMs = RETRY_MS.min
      if (response.ok) await read(lab, /** @type {ReadableStream<BufferSource>} */ (response.body))
      else tell(lab, { lost: (await response.json()).detail })
    } catch {
      // Only who cannot reach it at all knows that it is away: a stream may just have been cut off.
      if (waitMs > RETRY_MS.min && !stream.signal.aborted) tell(lab, { lost: '' })
    }
    await new Promise((done) => setTimeout(done, Math.min(waitMs, RETRY_MS.max)))
  }
}

/** Server-sent events, whose data is one line each here. @param {Lab} lab @param {ReadableStream<BufferSource>} body */
async function read(lab, body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  for (let rest = ''; ; ) {
    const { done, value } = await reader.read()
    if (done) return
    const whole = (rest + value).split('\n\n')
    rest = whole.pop() ?? ''
    /** @type {Told[]} */
    const told = whole.map((one) =>
      Object.fromEntries(one.split('\n').map((line) => line.split(/: (.*)/s, 2))),
    )
    lab.after = told.findLast(({ id }) => id)?.id ?? lab.after
    tell(lab, { told })
  }
}

/** @param {Lab} lab @param {Word} word */
function tell({ ports }, word) {
  for (const port of ports) port.postMessage(word)
}
