// Who issued an operation: the header `Client-Id`, else `default`.

import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { clientFault } from '../core/text/legal.ts'
import { BadRequest, invalidRequest } from './problems.ts'

const CLIENT_DEFAULT = 'default'

export function clientOf(req: IncomingMessage): string {
  const header = req.headers['client-id']
  if (header === undefined) return CLIENT_DEFAULT
  const text = decodeHeader(String(header))
  const fault = text === undefined ? 'must be UTF-8 text' : faultOf(text, req)
  if (text === undefined || fault !== undefined) {
    const error = {
      in: 'header',
      field: 'Client-Id',
      message: `Header Client-Id ${fault}.`,
    } as const
    throw new BadRequest(invalidRequest([error]))
  }
  return text
}

/** Node reads headers as Latin-1, but what clients send is UTF-8. */
function decodeHeader(latin1: string): string | undefined {
  if (!/[\u0080-\u00ff]/.test(latin1)) return latin1
  const bytes = Buffer.from(latin1, 'latin1')
  return isUtf8(bytes) ? bytes.toString() : undefined
}

function faultOf(text: string, req: IncomingMessage): string | undefined {
  const isRepeated = (req.headersDistinct['client-id']?.length ?? 0) > 1
  return isRepeated ? 'is given more than once' : clientFault(text)
}
