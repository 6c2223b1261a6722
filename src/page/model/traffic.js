// Messages from their sending to their end, and operations from the question to the answer. The network has
// no event for the arrival of requests, responses and announcements, so those end when they are due.

import { addItem, noteRead, slotBefore, takeSlot } from './history.js'
import { compareVersions } from './say.js'
import { whyStale } from './why.js'

/** @typedef {import('./types').Model} Model */
/** @typedef {import('./types').LabEvent} LabEvent */
/** @typedef {import('./types').Message} Message */
/** @typedef {import('./types').Operation} Operation */
/** @typedef {import('./types').Fate} Fate */
/**
 * @template {LabEvent['type']} T
 * @typedef {import('./types').EventOf<T>} EventOf
 */

/** Beyond so many on their way the oldest are no longer followed. */
const MESSAGES_FOLLOWED = 5000
const OPERATIONS_FOLLOWED = 2000
const KEYS_FOLLOWED = 2000

/**
 * @param {Model} model
 * @param {LabEvent} event
 */
export function applyTraffic(model, event) {
  switch (event.type) {
    case 'message-sent':
      return send(model, event)
    case 'message-held':
      return setHeld(model, event.message, event.atMs)
    case 'message-released':
      return setHeld(model, event.message, null)
    case 'message-lost':
      return end(model, event.message, 'lost', event.atMs, event.reason)
    case 'copy-applied':
      return end(
        model,
        event.message,
        'landed',
        event.atMs,
        event.alreadyHad ? 'already-had' : null,
      )
    case 'copy-early':
      return end(model, event.message, 'early', event.atMs, null)
    case 'copy-refused':
      return end(model, event.message, 'refused', event.atMs, event.reason)
    case 'acknowledgement-received':
      return end(model, event.message, 'landed', event.atMs, null)
    case 'write-applied':
    case 'read-started':
      return begin(model, event)
    case 'write-acknowledged':
      return acknowledge(model, event)
    case 'write-failed':
      return failWrite(model, event)
    case 'read-completed':
      return completeRead(model, event)
    case 'read-failed':
      return failRead(model, event)
  }
}

/**
 * Ends what has no event of its own for it. Called as displayed time moves on.
 * @param {Model} model
 */
export function landDue(model) {
  for (const message of model.messages.values()) {
    const tells = message.kind === 'copy' || message.kind === 'acknowledgement'
    // What tells its end is given a while to do so: a paused replica may let it wait.
    const isAwaited = message.kind === 'response' && model.operations.has(message.request ?? 0)
    if (tells || isAwaited || message.fate !== 'travelling' || message.dueMs > model.nowMs) continue
    end(model, message.id, 'landed', message.dueMs, null)
    const { history } = model
    message.endSlot =
      message.dueMs === message.atMs
        ? message.slot
        : Math.max(message.slot, slotBefore(history, message.dueMs))
  }
}

/** @param {Model} model */
export function forgetTraffic(model) {
  for (const message of model.messages.values()) {
    message.fate = 'lost'
    message.reason = 'reset'
    message.endMs = model.nowMs
    message.endSlot = model.history.slot
  }
  model.messages.clear()
  model.operations.clear()
  model.newest.clear()
  model.last = null
}

/**
 * @param {Model} model
 * @param {EventOf<'message-sent'>} event
 */
function send(model, event) {
  const { message: id, kind, from, to, dueMs, record, request, atMs } = event
  const operation = request === null ? undefined : model.operations.get(request)
  /** @type {Message} */
  const message = {
    item: 'message',
    id,
    kind,
    from,
    to,
    client: operation?.client ?? null,
    record,
    request,
    atMs,
    slot: model.history.slot,
    dueMs,
    endMs: null,
    endSlot: model.history.slot,
    fate: 'travelling',
    reason: null,
    heldMs: null,
  }
  model.messages.set(id, message)
  if (model.messages.size > MESSAGES_FOLLOWED) dropFirst(model.messages)
  addItem(model.history, message)
}

/**
 * @param {Model} model
 * @param {number} id
 * @param {number | null} heldMs
 */
function setHeld(model, id, heldMs) {
  const message = model.messages.get(id)
  if (!message) return
  message.fate = heldMs === null ? 'travelling' : 'held'
  message.heldMs = heldMs ?? message.heldMs
}

/**
 * @param {Model} model
 * @param {number} id
 * @param {Fate} fate
 * @param {number} atMs
 * @param {string | null} reason
 */
function end(model, id, fate, atMs, reason) {
  const message = model.messages.get(id)
  if (!message) return
  // An early copy waits at the follower and is applied later, under the same number.
  if (fate !== 'early') model.messages.delete(id)
  const arrived = message.endMs !== null
  message.fate = fate
  message.reason = reason
  if (arrived) return
  message.endMs = atMs
  message.endSlot = model.history.slot
}

/**
 * @param {Model} model
 * @param {EventOf<'write-applied'> | EventOf<'read-started'>} event
 */
function begin(model, event) {
  const isWrite = event.type === 'write-applied'
  const slot = takeSlot(model.history, event.atMs, 1)
  /** @type {Operation} */
  const operation = {
    item: 'operation',
    request: event.request,
    event: event.id,
    verb: isWrite ? (event.w === null ? 'write' : 'write-with-quorum') : event.kind,
    client: event.client,
    key: isWrite ? event.record.key : event.key,
    replicas: isWrite ? [event.replica] : event.replicas,
    atMs: event.atMs,
    slot,
    w: isWrite ? event.w : null,
    record: isWrite ? event.record : null,
    endMs: null,
    endSlot: slot,
    outcome: 'open',
    code: null,
    replica: isWrite ? event.replica : null,
    acknowledgedBy: [],
    repaired: [],
    stale: null,
    why: null,
  }
  model.operations.set(event.request, operation)
  if (model.operations.size > OPERATIONS_FOLLOWED) dropFirst(model.operations)
  addItem(model.history, operation)
}

/**
 * @param {Model} model
 * @param {number} request
 * @param {number} atMs
 * @param {'done' | 'failed'} outcome
 */
function finish(model, request, atMs, outcome) {
  const operation = model.operations.get(request)
  if (!operation) return undefined
  const slot = takeSlot(model.history, atMs, 0.5)
  model.operations.delete(request)
  operation.outcome = outcome
  operation.endMs = atMs
  operation.endSlot = slot
  for (const message of model.messages.values()) {
    // Answers that took no time stand beside the question, not upon it.
    if (message.request !== request || message.kind !== 'response' || message.dueMs !== atMs)
      continue
    if (message.atMs === atMs) message.slot = slot
    message.endSlot = slot
    end(model, message.id, 'landed', atMs, null)
  }
  model.last = operation
  return operation
}

/**
 * @param {Model} model
 * @param {EventOf<'write-acknowledged'>} event
 */
function acknowledge(model, event) {
  const { record, atMs } = event
  const operation = finish(model, event.request, atMs, 'done')
  if (operation) operation.acknowledgedBy = event.acknowledgedBy
  const known = model.newest.get(record.key)
  if (known && compareVersions(known.record.version, record.version) > 0) return
  model.newest.delete(record.key)
  model.newest.set(record.key, { record, ackedMs: atMs })
  if (model.newest.size > KEYS_FOLLOWED) dropFirst(model.newest)
}

/**
 * @param {Model} model
 * @param {EventOf<'write-failed'>} event
 */
function failWrite(model, event) {
  const operation = finish(model, event.request, event.atMs, 'failed')
  if (operation) operation.code = event.code
}

/**
 * @param {Model} model
 * @param {EventOf<'read-completed'>} event
 */
function completeRead(model, event) {
  const { versions, ms, diverged = false, atLeast = false } = event.answer.staleness
  const isStale = versions > 0 || diverged
  noteRead(model.history, event.atMs, isStale)
  const operation = finish(model, event.request, event.atMs, 'done')
  if (!operation) return
  operation.record = event.answer.record
  operation.replica = event.answer.replica
  operation.repaired = event.repaired
  if (!isStale) return
  operation.stale = { versions, ms, diverged, atLeast }
  operation.why = whyStale(model, operation)
}

/**
 * An answer that there is no such key is stale too, once somebody was told that it was written.
 * @param {Model} model
 * @param {EventOf<'read-failed'>} event
 */
function failRead(model, event) {
  const { code, atMs, request, answer } = event
  const { versions = 0, ms = 0, diverged = false, atLeast = false } = answer?.staleness ?? {}
  const isStale = versions > 0
  noteRead(model.history, atMs, isStale)
  const operation = finish(model, request, atMs, 'failed')
  if (!operation) return
  operation.code = code
  operation.replica = operation.replicas.length === 1 ? (operation.replicas[0] ?? null) : null
  if (!isStale) return
  operation.stale = { versions, ms, diverged, atLeast }
  operation.why = whyStale(model, operation)
}

/** @param {Map<unknown, unknown>} map */
function dropFirst(map) {
  map.delete(map.keys().next().value)
}
