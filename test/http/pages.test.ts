// The files of the page, as a browser is given them.

import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { ROUTES } from '../../src/http/routes/table.ts'
import { lab } from './lab.ts'

const script = ROUTES.find(({ path }) => path.endsWith('/main.js'))?.path ?? ''

test('are kept by browsers for as long as they like, for their address tells their content; the page is not', async () => {
  const { ask } = lab()
  expect(script).toMatch(/^\/assets\/[\w-]{16}\/main\.js$/)
  expect((await ask.get(script)).headers['cache-control']).toBe('max-age=31536000, immutable')
  expect((await ask.get('/')).headers['cache-control']).toBe('no-store')
  expect((await ask.get(script.replace(/\/[\w-]{16}\//, '/another/'))).status).toBe(404)
})

test('travel packed to whoever takes that, under the same policy', async () => {
  const { ask } = lab()
  const asked = (encoding: string) =>
    ask
      .get(script)
      .set('Accept-Encoding', encoding)
      .buffer(true)
      .parse((res, done) => {
        const chunks: Buffer[] = []
        res.on('data', (chunk: Buffer) => void chunks.push(chunk))
        res.on('end', () => done(null, Buffer.concat(chunks)))
      })
  const plain = await asked('gzip;q=0, identity')
  const packed = await asked('gzip, deflate')
  expect([plain, packed].map(({ headers }) => headers['content-encoding'])).toEqual([
    undefined,
    'gzip',
  ])
  expect(packed.headers.vary).toBe('Accept-Encoding')
  expect(packed.headers['content-security-policy']).toBe(plain.headers['content-security-policy'])
  // supertest unpacks by itself what says that it is packed.
  const body = packed.body as Buffer
  const unpacked = body[0] === 0x1f ? gunzipSync(body) : body
  expect(unpacked.equals(plain.body)).toBe(true)
  expect(Number(packed.headers['content-length'])).toBeLessThan(plain.body.length / 2)
})
