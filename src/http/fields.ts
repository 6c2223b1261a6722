// The fields that requests are made of, each with its bound and a message that names it. Which route takes
// which field is the business of routes/; how a failure is told is validate.ts's.

import { z } from 'zod'
import { BOUNDS } from '../core/bounds.ts'
import { API } from '../core/nodes.ts'
import { clientFault, keyFault, readWhole, valueFault, WHOLE } from '../core/text/legal.ts'
import { US_PER_MS, usFromMs } from '../core/units.ts'
import { parseVersion } from '../core/version.ts'

const { keyBytesMax, valueBytesMax } = BOUNDS

/** A string with one judge, whose verdict is the message. */
function judgedText(fault: (text: string) => string | undefined) {
  return z.string().superRefine((text, context) => {
    const message = fault(text)
    if (message !== undefined) context.addIssue({ code: 'custom', message, input: text })
  })
}

export const key = judgedText(keyFault).meta({
  minLength: 1,
  maxLength: keyBytesMax,
  description: `1 to ${keyBytesMax} bytes of well-formed text without control characters.`,
  example: 'user:1',
})

export const value = judgedText(valueFault).meta({
  maxLength: valueBytesMax,
  description: `Text of at most ${valueBytesMax} bytes (64 KiB); it may be empty.`,
  example: 'Jessica',
})

/** A client's name where it is not the header's. */
export const clientText = judgedText(clientFault).meta({ minLength: 1, example: 'alice' })

/** A whole number in a JSON body. */
export function whole(min: number, max: number) {
  return z.int().min(min).max(max)
}

/** A whole number in a query: plain decimal digits, neither `1e2` nor `0x10` nor ` 1`. */
export function wholeText(min: number, max: number) {
  return z
    .string()
    .superRefine((text, context) => {
      const number = readWhole(text)
      if (number !== undefined && number >= min && number <= max) return
      const message = `must be a whole number from ${min} to ${max} in plain decimal digits`
      context.addIssue({ code: 'custom', message, input: text })
    })
    .transform(Number)
    .meta({ type: 'integer', minimum: min, maximum: max })
}

/** A replica is named by its number; whether there is such a one is the cluster's to say. */
const A_NUMBER = "must be a replica's number"

export const replica = z
  .int({ error: A_NUMBER })
  .min(0, { error: A_NUMBER })
  .meta({ description: "A replica's number.", minimum: 0, example: 1 })

export const replicaText = z
  .string()
  .regex(WHOLE, { error: A_NUMBER })
  .transform(Number)
  .meta({ type: 'integer', minimum: 0, description: "A replica's number.", example: 1 })

/** `0,2`: several replicas in one parameter. */
export const replicasText = z
  .string()
  .transform((text, context) => {
    const numbers = text.split(',').map(readWhole)
    if (numbers.every((number) => number !== undefined)) return numbers
    const message = "must be replicas' numbers with commas between them, as in 0,2"
    context.addIssue({ code: 'custom', message, input: text })
    return z.NEVER
  })
  .meta({
    pattern: '^\\d+(,\\d+)*$',
    description: "Replicas' numbers, with commas.",
    example: '0,2',
  })

/** Milliseconds with up to three decimals. */
export function milliseconds(minMs: number, maxUs: number) {
  return z
    .number()
    .min(minMs)
    .max(maxUs / US_PER_MS)
    .refine((ms) => usFromMs(ms) / US_PER_MS === ms, {
      error: 'has more than three decimals: simulated time is counted in microseconds',
    })
}

const MS_TEXT = /^\d{1,15}(\.\d{1,3})?$/

/** An instant in a query: milliseconds in plain decimal digits, to microseconds. */
export const instantText = z
  .string()
  .transform((text, context) => {
    const us = MS_TEXT.test(text) ? usFromMs(Number(text)) : Number.NaN
    if (us <= BOUNDS.clockUsMax) return us
    const message = `must be milliseconds from 0 to ${BOUNDS.clockUsMax / US_PER_MS} with at most three decimals`
    context.addIssue({ code: 'custom', message, input: text })
    return z.NEVER
  })
  .meta({ type: 'number', minimum: 0, maximum: BOUNDS.clockUsMax / US_PER_MS, example: 350.5 })

/** A replica's number or the server's own end, to a NodeId. */
export const node = z
  .union([replica, z.literal('api')], { error: 'must be a replica\'s number or "api"' })
  .transform((node) => (node === 'api' ? API : node))

/** `1.7`, to a Version. */
export const version = z
  .string()
  .transform((text, context) => {
    const parsed = parseVersion(text)
    if (parsed) return parsed
    const message = 'must be epoch.offset, as in "1.7"'
    context.addIssue({ code: 'custom', message, input: text })
    return z.NEVER
  })
  .meta({ pattern: '^[1-9]\\d*\\.[1-9]\\d*$', example: '1.7' })
