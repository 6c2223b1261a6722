// A real terminal that nobody reads: `script` gives a process one, and stops reading it when nobody reads
// `script` itself. The same happens to a terminal that is stopped with Ctrl-S.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { reopenTerminal } from '../../src/runtime/terminal.ts'

/** The util-linux one; that of other systems has other options. */
const hasScript = spawnSync('script', ['--version']).stdout?.includes('util-linux') ?? false

const flood = (port: number) => `
  import { connect } from 'node:net'
  import { bytesTo, LogOutput } from './src/runtime/log-output.ts'
  const output = new LogOutput({ write: bytesTo(1), onDropped: () => {}, bufferBytesMax: 1_000_000 })
  const witness = connect(${port}, '127.0.0.1', () => {
    for (let i = 0; i < 100_000; i++) output.write('x'.repeat(100) + '\\n')
    witness.end(String(process.stdout.isTTY), () => process.exit())
  })
`

test.skipIf(!hasScript)('a process goes on and ends though nobody reads its terminal', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const source = flood((server.address() as AddressInfo).port)
  const command = `${process.execPath} --import tsx --input-type=module -e "${source}"`
  const terminal = spawn('script', ['-q', '-c', command, '/dev/null'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void terminal.kill('SIGKILL'))
  // Nobody touches it, so the pipe fills up, then the terminal.
  terminal.stdout.pause()
  const [witness] = (await once(server, 'connection')) as [Socket]
  let said = ''
  for await (const chunk of witness) said += chunk
  expect(said).toBe('true')
})

test('what is no terminal is not opened a second time', () => {
  expect(reopenTerminal(999)).toBeUndefined()
})
