// Events as JSON, for the stream and wherever else events leave the program. The rule is json.ts's, the words
// are describe.ts's.

import type { ClusterEvent } from '../events.ts'
import { type Description, describeEvent } from './describe.ts'
import { type Json, renderFields } from './json.ts'

/** Any event as JSON: the same fields, in the same order, then its level, its group and its sentence. */
export type EventJson = Json<ClusterEvent> & Description

/** @param startTimeMs when simulated time was zero, in ms since 1970 */
export function renderEvent(event: ClusterEvent, startTimeMs: number): EventJson {
  const json = renderFields(event, startTimeMs) as Record<string, unknown>
  const { level, group, text } = describeEvent(event)
  json.level = level
  json.group = group
  json.text = text
  return json as unknown as EventJson
}
