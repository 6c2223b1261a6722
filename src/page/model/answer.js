// An answer of the server, in one line.

import { count, sayMs, sayText } from './say.js'

/** @param {any} body */
export function isStale(body) {
  return body?.staleness?.versions > 0 || body?.staleness?.diverged === true
}

/**
 * @param {{ ok: boolean, status: number, body: any }} answer
 * @returns {string}
 */
export function sayAnswer({ ok, status, body }) {
  if (!ok) return `${status > 0 ? `${status}: ` : ''}${body?.detail ?? 'Something went wrong.'}`
  if (typeof body?.value === 'string') return `${status}: ${sayRecordAnswer(body)}`
  if (typeof body?.nowMs === 'number') return `${status}: the time is ${sayMs(body.nowMs)}`
  if (typeof body?.to === 'number') return `${status}: replica ${body.to} leads epoch ${body.epoch}`
  if (Array.isArray(body?.failovers)) return `${status}: ${sayFailovers(body.failovers)}`
  if (typeof body?.appliedOffset === 'number') {
    return `${status}: replica ${body.id}, ${body.role}, ${body.state}, offset ${body.appliedOffset}`
  }
  if (typeof body?.latency === 'string') {
    return `${status}: link ${body.from} to ${body.to}, ${body.state}, ${count(body.messages, 'message')}`
  }
  return `${status}: done`
}

/** @param {any} body */
function sayRecordAnswer(body) {
  const what = `${sayText(body.key)} = ${sayText(body.value)} (${body.version})`
  if (body.acknowledgedBy) return `${what}, acknowledged by ${body.acknowledgedBy.join(', ')}`
  const repaired = body.repaired?.length > 0 ? `, repaired ${body.repaired.join(', ')}` : ''
  if (!isStale(body)) return what + repaired
  const { versions, ms, diverged } = body.staleness
  if (diverged) return `${what}, a version that was lost${repaired}`
  return `${what}, stale by ${count(versions, 'version')} and ${sayMs(ms)}${repaired}`
}

/** @param {readonly any[]} failovers */
function sayFailovers(failovers) {
  const lost = failovers.reduce((sum, one) => sum + one.lost.length, 0)
  return `${count(failovers.length, 'failover')}, ${count(lost, 'write')} lost`
}
