// The package as somebody else gets it: built and packed, unpacked into a project of their own, imported,
// type-checked and started.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { NPM } from '../tools/npm.ts'

const folder = mkdtempSync(join(tmpdir(), 'package-'))
const project = join(folder, 'project')
const installed = join(project, 'node_modules', 'replication-lab')

beforeAll(() => {
  run(NPM, ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], inject('built'))
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'none'
  mkdirSync(installed, { recursive: true })
  run('tar', ['-xzf', join(folder, tarball), '--strip-components=1', '-C', installed], folder)
  // What npm would have installed beside it.
  symlinkSync(resolve('node_modules'), join(installed, 'node_modules'))
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the package', () => {
  test('can be imported by its name, and works', () => {
    const program = `
      import { startLab } from 'replication-lab'
      const lab = await startLab({ followers: 1 })
      const url = await lab.listen()
      console.log((await fetch(url + '/docs')).status, (await fetch(url + '/')).status)
      await lab.close()`
    const args = ['--input-type=module', '--eval', program]
    expect(run(process.execPath, args, project)).toBe('200 200\n')
  })

  test('tells TypeScript its types', () => {
    const source = `
      import { createCluster, startLab, type QuorumWriteAnswer, type WriteReply } from 'replication-lab'
      import { createApp, createHttpServer } from 'replication-lab/http'
      const cluster = createCluster({ clock: 'instant' })
      createHttpServer(createApp({ cluster })).listen(0)
      await using lab = await startLab({ followers: 2 })
      const write = lab.client('alice').writeWithQuorum('k', 'v', { w: 2, timeout: '1s' })
      const { version, acknowledgedBy }: QuorumWriteAnswer = await write
      const [first]: readonly (number | undefined)[] = acknowledgedBy
      await lab.advance({ until: { replica: first ?? 0, version } })
      // @ts-expect-error: one of the two
      lab.crash(1, { for: '1s', forMs: 1000 })
      // @ts-expect-error: there is no such field
      lab.hold(0, 1, { forMS: 500 })
      // @ts-expect-error: a version is a text here
      lab.view().replicas[0]?.lagMs.toUpperCase()
      cluster.write({ key: 'a', value: 'b' }, (reply) => {
        const written: WriteReply | undefined = reply.ok ? reply.value : undefined
        // @ts-expect-error: a version is not a text here
        const version: string | undefined = written?.record.epoch
        version?.toUpperCase()
      })
      // @ts-expect-error: there is no such setting
      createCluster({ folowers: 2 })`
    writeFileSync(join(project, 'main.ts'), source)
    const tsc = resolve('node_modules/typescript/bin/tsc')
    // Nobody else's types are there, and those of the package are checked too.
    const flags = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022']
    const lib = ['--lib', 'es2022,esnext.disposable', '--skipLibCheck', 'false']
    run(process.execPath, [tsc, ...flags, ...lib, 'main.ts'], project)
  })

  test('starts a server by its command, without the sources', async () => {
    const command = [join(installed, 'src/bin.js'), '--port', '0']
    const child = spawn(process.execPath, command, {
      cwd: project,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let url = ''
    for await (const line of createInterface(child.stdout)) {
      url = /running at (http:[^" ]+)/.exec(line)?.[1] ?? ''
      if (url) break
    }
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    child.kill('SIGKILL')
    await once(child, 'exit')
  })

  test('holds what is needed and nothing else', () => {
    expect(readdirSync(installed).toSorted()).toEqual([
      'README.md',
      'dist',
      'node_modules',
      'package.json',
      'src',
    ])
    expect(readdirSync(join(installed, 'src'))).toEqual(['bin.js'])
  })
})

function run(program: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${program} ${args.join(' ')}\n${stdout}${stderr}`)
  }
}
