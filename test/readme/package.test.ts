// The package as somebody else gets it: built and packed, unpacked into a project of their own, imported,
// type-checked and started.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { NPM } from '../tools/one-build.ts'

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
  symlinkSync(resolve('node_modules/@types'), join(project, 'node_modules', '@types'))
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the package', () => {
  test('can be imported by its name, and works', () => {
    const program = `
      import { startLab } from 'replication-lab'
      const lab = await startLab({ followers: 1 })
      console.log((await fetch(lab.url + '/docs')).status, (await fetch(lab.url + '/')).status)
      await lab.close()`
    const args = ['--input-type=module', '--eval', program]
    expect(run(process.execPath, args, project)).toBe('200 200\n')
  })

  test('tells TypeScript its types', () => {
    const source = `
      import { createApp, createCluster, type WriteReply } from 'replication-lab'
      const cluster = createCluster({ clock: 'instant' })
      export const app = createApp({ cluster })
      cluster.write({ key: 'a', value: 'b' }, (reply) => {
        const written: WriteReply | undefined = reply.ok ? reply.value : undefined
        // @ts-expect-error: a version is not a text here
        const version: string | undefined = written?.record.epoch
        console.log(version)
      })
      // @ts-expect-error: there is no such setting
      createCluster({ folowers: 2 })`
    writeFileSync(join(project, 'main.ts'), source)
    const tsc = resolve('node_modules/typescript/bin/tsc')
    const flags = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023']
    run(process.execPath, [tsc, ...flags, '--types', 'node', 'main.ts'], project)
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
