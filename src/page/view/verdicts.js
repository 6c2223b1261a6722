// Was it consistent? Each guarantee with its verdict, as the server judges the session, and the operations that prove a
// breach: a click on one shows it in the diagram. Loaded when it is opened.

import { get } from '../live/api.js'
import { count, sayMs, showText } from '../model/say.js'
import { html, useEffect, useState } from '../vendor/preact-htm.js'
import { CurlLine } from './bits.js'

/** @import { Session } from '../live/session.js' */
/** @import { Operation, ReportJson } from '../model/types' */
/** @typedef {ReportJson['verdicts'][keyof ReportJson['verdicts']]} Verdict */
/** @typedef {Verdict['witness'][number]} Witness */

/** A session is judged anew no more often. */
const EVERY_MS = 1000

const MARKS = { consistent: '✓', violated: '✗', undecided: '?' }

/** What each promises, in a few words. */
const PROMISES = /** @type {Readonly<Record<string, string>>} */ ({
  linearizable: 'as if there were one copy',
  'linearizable-in-order': 'and in the order of the versions',
  'read-your-writes': 'a client sees what it wrote',
  'monotonic-reads': "a client's reads never go back",
  'monotonic-writes': "a client's writes are seen in order",
  'writes-follow-reads': 'a write comes after what its client had read',
  pram: "every client's operations are seen in its order",
  causal: 'what led to what is seen in that order',
  'consistent-prefix': 'reads see the past as it was, though late',
})

/** @param {{ session: Session, show: (operation: Operation) => void }} props */
export function VerdictsView({ session, show }) {
  const report = useReport(session)
  if (report === null) return html`<p class="soft">Judging the session…</p>`
  return html`<div class="verdicts">
    <p class="soft">${sayWhat(report)}</p>
    <ul>
      ${Object.entries(PROMISES).map(
        ([name, promise]) => html`<${Guarantee} key=${name} session=${session} name=${name}
        promise=${promise} verdict=${report.verdicts[/** @type {'causal'} */ (name)]} show=${show} />`,
      )}
    </ul>
    <${CurlLine} call=${{ method: 'GET', path: '/verdicts' }} />
  </div>`
}

/**
 * The verdicts on the session, asked for again when something has happened.
 * @param {Session} session
 * @returns {ReportJson | null}
 */
function useReport(session) {
  const [report, setReport] = useState(/** @type {ReportJson | null} */ (null))
  useEffect(() => {
    let [judged, isAsking, isOver] = [-1, false, false]
    const judge = async () => {
      const { changes } = session.model
      if (isAsking || judged === changes || document.hidden) return
      isAsking = true
      const { ok, body } = await get('/verdicts')
      isAsking = false
      if (!ok || isOver) return
      judged = changes
      setReport(body)
    }
    void judge()
    const timer = setInterval(judge, EVERY_MS)
    return () => {
      isOver = true
      clearInterval(timer)
    }
  }, [session])
  return report
}

/** @param {ReportJson} report */
function sayWhat({ operations, clients, keys, staleness, deltaMs }) {
  if (operations === 0) return 'No client has written or read yet.'
  const what = `${count(operations, 'operation')} by ${count(clients, 'client')} on ${count(keys, 'key')}`
  const { reads, stale, mostMs } = staleness
  const far = stale > 0 ? `, by ${sayMs(mostMs)} at most` : ''
  const delta =
    typeof deltaMs === 'number' && deltaMs > 0
      ? ` Reads ${sayMs(deltaMs)} older than the present would explain it.`
      : ''
  return `${what}; ${stale} of ${count(reads, 'read')} stale for sure${far}.${delta}`
}

/**
 * @param {{ session: Session, name: string, promise: string, verdict: Verdict, show: (operation: Operation) => void }} props
 */
function Guarantee({ session, name, promise, verdict: { verdict, why, witness }, show }) {
  return html`<li class=${verdict} data-verdict=${name}>
    <p><span class="mark" aria-hidden="true">${MARKS[verdict]}</span> <b>${name}</b> <span class="said">${verdict}</span></p>
    <p class="soft">${promise}</p>
    ${why && html`<p>${showText(why)}</p>`}
    ${
      witness.length > 0 &&
      html`<ol>${witness.map((one, i) => {
        const operation = operationOf(session, one)
        return html`<li key=${i}><button type="button" class="quiet" disabled=${!operation}
          onClick=${() => operation && show(operation)}>${sayWitness(one)}</button></li>`
      })}</ol>`
    }
  </li>`
}

/** @param {Witness} one */
function sayWitness({ client, kind, key, value, calledMs, replica }) {
  const what = value === null ? 'nothing' : showText(value)
  const where = replica === undefined ? '' : ` at replica ${replica}`
  return `${showText(client)}: ${kind} ${showText(key)} = ${what}${where}, ${sayMs(calledMs)}`
}

/** The same operation among those that the diagram shows. @param {Session} session @param {Witness} witness */
function operationOf({ live: model }, { client, key, kind, calledMs, calledEvent }) {
  const all = model.history.items.filter(
    (item) =>
      item.item === 'operation' &&
      item.client === client &&
      item.key === key &&
      item.atMs === calledMs &&
      item.verb.startsWith('write') === (kind === 'write'),
  )
  const exact = all.find((item) => item.item === 'operation' && item.event === calledEvent)
  return /** @type {Operation | undefined} */ (exact ?? all[0])
}
