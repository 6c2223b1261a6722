// An answer of the server, in one line.

import { count, sayMs, sayText } from './say.js'

/** @param {any} body */
export function isStale(body) {
  return body?.because !== undefined
}

/** @param {{ ok: boolean, status: number, body: any }} answer @returns {string} */
export function sayAnswer({ ok, status, body }) {
  if (!ok) return `${status > 0 ? `${status}: ` : ''}${body?.detail ?? 'Something went wrong.'}`
  if (typeof body?.value === 'string') return `${status}: ${sayRecordAnswer(body)}`
  if (typeof body?.nowMs === 'number') return `${status}: the time is ${sayMs(body.nowMs)}`
  if (typeof body?.latency === 'string') {
    return `${status}: link ${body.from} to ${body.to}, ${body.state}, ${count(body.messages, 'message')}`
  }
  if (Array.isArray(body?.replicas)) return `${status}: ${sayCluster(body)}`
  if (body?.verdicts) return `${status}: ${sayVerdicts(body.verdicts)}`
  if (body?.pending)
    return `${status}: replica ${body.to} is to lead epoch ${body.epoch} once it resumes`
  if (typeof body?.to === 'number') return `${status}: replica ${body.to} leads epoch ${body.epoch}`
  if (Array.isArray(body?.failovers)) return `${status}: ${sayFailovers(body.failovers)}`
  if (typeof body?.appliedOffset === 'number') {
    return `${status}: replica ${body.id}, ${body.role}, ${body.state}, offset ${body.appliedOffset}`
  }
  return `${status}: done`
}

/** @param {import('./types').ViewJson} cluster */
function sayCluster({ leader, epoch, links }) {
  const cut = links.filter(({ state }) => state === 'cut').length
  const who = leader === null ? 'nobody leads' : `replica ${leader} leads`
  return `${who}, epoch ${epoch}${cut === 0 ? '' : `, ${count(cut, 'link is', 'links are')} cut`}`
}

/** @param {import('./types').ReportJson['verdicts']} verdicts */
function sayVerdicts(verdicts) {
  const broken = Object.entries(verdicts).filter(([, { verdict }]) => verdict === 'violated')
  return broken.length === 0
    ? 'no guarantee was violated'
    : `violated: ${broken.map(([name]) => name).join(', ')}`
}

/** @param {any} body */
function sayRecordAnswer(body) {
  const what = `${sayText(body.key)} = ${sayText(body.value)} (${body.version})`
  if (body.acknowledgedBy) return `${what}, acknowledged by ${body.acknowledgedBy.join(', ')}`
  const repaired = body.repaired?.length > 0 ? `, repaired ${body.repaired.join(', ')}` : ''
  if (!isStale(body)) return what + repaired
  const { versions, ms } = body.staleness
  const late = versions > 0 ? ` by ${count(versions, 'version')} and ${sayMs(ms)}` : ''
  return `${what}, stale${late}, because ${body.because.text}${repaired}`
}

/** @param {readonly any[]} failovers */
function sayFailovers(failovers) {
  const lost = failovers.reduce((sum, one) => sum + one.lost.length, 0)
  return `${count(failovers.length, 'failover')}, ${count(lost, 'write')} lost`
}
