// A scenario as it stands in a link: deflated, and in letters that need no escape there.

import { deflateRawSync, inflateRawSync } from 'node:zlib'

export function pack(text: string): string {
  return deflateRawSync(text, { level: 9 }).toString('base64url')
}

/**
 * @param bytesMax of the text, for a few letters may stand for a great many
 * @returns undefined where a link was cut short or mistyped
 */
export function unpack(packed: string, bytesMax: number): string | undefined {
  try {
    const bytes = inflateRawSync(Buffer.from(packed, 'base64url'), { maxOutputLength: bytesMax })
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
