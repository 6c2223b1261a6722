// Messages from their sending to their end, and operations from the question to the answer, as events tell it, in the
// events' own words.

import { addItem, takeSlot } from './history.js'

/** @import { EventOf, Fate, LabEvent, Message, Model, Operation } from './types' */

/** Beyond so many on their way the oldest are no longer followed. */
const MESSAGES_FOLLOWED = 5000
const OPERATIONS_FOLLOWED = 2000

/** @param {Model} model @param {LabEvent} event */
export function applyTraffic(model, event) {
  switch (event.type) {
    case 'message-sent':
      return send(model, event)
    case 'message-held':
      return become(model, event, 'held')
    case 'message-released':
      return become(model, event, 'travelling')
    case 'message-lost':
      return become(model, event, 'lost')
    case 'copy-early':
      return become(model, event, 'early')
    case 'copy-refused':
      return become(model, event, 'refused')
    case 'message-arrived':
    case 'copy-applied':
    case 'acknowledgement-received':
      return become(model, event, 'landed')
    case 'write-started':
    case 'write-applied':
    case 'read-started':
      return begin(model, event)
    case 'write-acknowledged':
    case 'read-completed':
      return finish(model, event, 'done')
    case 'write-failed':
    case 'read-failed':
      return finish(model, event, 'failed')
    case 'cluster-reset':
      if (event.keep === 'data') return
      for (const message of model.messages.keys()) become(model, { ...event, message }, 'lost')
      model.operations.clear()
      model.last = null
  }
}

/** @param {Model} model @param {EventOf<'message-sent'>} event */
function send(model, { message: id, kind, from, to, dueMs, record, request, atMs, text }) {
  const { slot } = model.history
  const client = model.operations.get(request ?? 0)?.client ?? null
  /** @type {Message} */
  const message = {
    item: 'message',
    id,
    kind,
    from,
    to,
    client,
    record,
    request,
    atMs,
    slot,
    dueMs,
    endMs: null,
    endSlot: slot,
    fate: 'travelling',
    heldMs: null,
    told: [{ atMs, text }],
  }
  model.messages.set(id, message)
  if (model.messages.size > MESSAGES_FOLLOWED) dropFirst(model.messages)
  addItem(model.history, message)
}

/** @param {Model} model @param {{ message: number, atMs: number, text: string }} event @param {Fate} fate */
function become({ messages, history }, { message: id, atMs, text }, fate) {
  const message = messages.get(id)
  if (!message) return
  message.fate = fate
  message.told.push({ atMs, text })
  if (fate === 'held') message.heldMs = atMs
  if (fate === 'held' || fate === 'travelling') return
  // An early copy waits at the follower and is applied later, under the same number.
  if (fate !== 'early') messages.delete(id)
  if (message.endMs !== null) return
  message.endMs = atMs
  // Answers that took no time stand beside the question, not upon it.
  message.endSlot = message.kind === 'response' ? takeSlot(history, atMs, 0.5) : history.slot
  if (message.kind === 'response' && message.atMs === atMs) message.slot = message.endSlot
}

/** @param {Model} model @param {EventOf<'write-started'> | EventOf<'write-applied'> | EventOf<'read-started'>} event */
function begin(model, event) {
  const { request, client, atMs, text } = event
  const record = 'record' in event ? event.record : null
  const known = model.operations.get(request)
  if (known) {
    known.record = record
    known.told.push({ atMs, text })
    return
  }
  const slot = takeSlot(model.history, atMs, 1)
  /** @type {Operation} */
  const operation = {
    item: 'operation',
    request,
    event: event.id,
    verb: 'kind' in event ? event.kind : event.w === null ? 'write' : 'write-with-quorum',
    client,
    key: 'key' in event ? event.key : event.record.key,
    replicas: 'replicas' in event ? event.replicas : [event.replica],
    atMs,
    slot,
    record,
    endMs: null,
    endSlot: slot,
    outcome: 'open',
    replica: 'replica' in event ? event.replica : null,
    stale: false,
    cause: null,
    told: [{ atMs, text }],
  }
  model.operations.set(request, operation)
  if (model.operations.size > OPERATIONS_FOLLOWED) dropFirst(model.operations)
  addItem(model.history, operation)
}

/**
 * @param {Model} model
 * @param {EventOf<'write-acknowledged'> | EventOf<'write-failed'> | EventOf<'read-completed'> | EventOf<'read-failed'>} event
 * @param {'done' | 'failed'} outcome
 */
function finish(model, event, outcome) {
  const { request, atMs, text } = event
  const isRead = 'because' in event
  const stale = isRead && event.because !== null
  const operation = model.operations.get(request)
  if (!operation) return
  model.operations.delete(request)
  // The answer that ended it has taken room already.
  const room = isRead && model.history.slot > operation.slot ? 0 : 0.5
  operation.endSlot = takeSlot(model.history, atMs, room)
  operation.endMs = atMs
  operation.outcome = outcome
  operation.stale = stale
  operation.cause = (isRead && event.because?.message) || null
  operation.told.push({ atMs, text })
  if (isRead && event.answer) {
    operation.record = event.answer.record
    operation.replica = event.answer.replica
  }
  model.last = operation
}

/** @param {Map<unknown, unknown>} map */
function dropFirst(map) {
  map.delete(map.keys().next().value)
}
