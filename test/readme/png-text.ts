// A line of text inside a PNG, where no viewer shows it: the picture says from which source it was drawn.

import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

const SIGNATURE_BYTES = 8
/** Length and type before a chunk's data, a checksum after it. */
const CHUNK_BYTES = 12
const HEADER_BYTES = SIGNATURE_BYTES + CHUNK_BYTES + 13

export function fingerprint(source: string): string {
  return `drawn from ${createHash('sha256').update(source).digest('hex')}`
}

/** The picture with a comment right behind its header. */
export function withComment(png: Buffer, comment: string): Buffer {
  const body = Buffer.from(`tEXtComment\0${comment}`, 'latin1')
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(body.length - 4, 0)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), body.length + 4)
  return Buffer.concat([png.subarray(0, HEADER_BYTES), chunk, png.subarray(HEADER_BYTES)])
}
