// npm run install:matrix [-- --all]: the package as strangers get it, in empty folders. It is installed from a tarball,
// imported, read by three TypeScripts, and used by the test runners and languages that the README names. With --all
// it also comes from a folder and from git, by npm 10 as well.

import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { NPM } from '../tools/npm.ts'

const RECIPES = resolve('test/install/recipes')
const TYPESCRIPTS = ['5.4', '5.9', '7.0']
const NPM_10 = 'npm@10.9'
const IMPORTED = `
  import { startLab } from 'replication-lab'
  const lab = await startLab()
  console.log('ready', (await fetch((await lab.listen()) + '/readyz')).status)
  await lab.close()`

const isWhole = process.argv.includes('--all')
const root = mkdtempSync(join(tmpdir(), 'install-'))
let [passed, failed] = [0, 0]

function check(name: string, action: () => void): void {
  try {
    action()
    passed++
    console.log(`ok      ${name}`)
  } catch (error) {
    failed++
    const {
      stdout = '',
      stderr = '',
      message,
    } = error as Error & { stdout?: string; stderr?: string }
    console.log(`FAILED  ${name}\n${message}\n${stdout}${stderr}`)
  }
}

function run(cwd: string, program: string, ...args: readonly string[]): string {
  // What npm and a runner above put there is not for those below.
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_|VITEST|CI$)/i.test(name),
  )
  const env = { ...Object.fromEntries(kept), NO_COLOR: '1' }
  return execFileSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function expectText(text: string, wanted: string): void {
  if (!text.includes(wanted)) throw new Error(`${JSON.stringify(wanted)} is not in\n${text}`)
}

function newProject(name: string): string {
  const folder = join(root, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  return folder
}

/** A folder in which `npm ci` has run, and all that git has. */
function newCheckout(): string {
  const folder = join(root, 'replication-lab')
  run('.', 'git', 'clone', '--quiet', '--depth', '1', `file://${resolve('.')}`, folder)
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  run(folder, NPM, 'run', '--silent', 'build')
  return folder
}

function recipe(project: string, name: string): string {
  cpSync(join(RECIPES, name), join(project, name))
  return name
}

const checkout = newCheckout()
run(checkout, NPM, 'pack', '--ignore-scripts', '--silent', '--pack-destination', root)
const tarball = join(root, readdirSync(root).find((name) => name.endsWith('.tgz')) ?? 'none')

const project = newProject('project')
check('installs from a tarball, and can be imported', () => {
  run(project, NPM, 'install', '--omit=dev', tarball)
  expectText(run(project, process.execPath, '--input-type=module', '--eval', IMPORTED), 'ready 200')
})

check('its command tells its sub-commands, each with help', () => {
  const help = run(project, 'npx', 'replication-lab', '--help')
  for (const name of ['serve', 'run', 'wait', 'check', 'predict']) {
    expectText(help, name)
    expectText(run(project, 'npx', 'replication-lab', name, '--help'), 'Usage: replication-lab ')
  }
})

for (const version of TYPESCRIPTS) {
  check(`its types stand alone for TypeScript ${version}`, () => {
    const folder = newProject(`typescript-${version}`)
    run(folder, NPM, 'install', '--omit=dev', tarball, `typescript@${version}`)
    rmSync(join(folder, 'node_modules/@types'), { recursive: true, force: true })
    const strict = [
      '--strict',
      '--noEmit',
      '--skipLibCheck',
      'false',
      '--exactOptionalPropertyTypes',
    ]
    for (const module of ['nodenext', 'esnext']) {
      const resolution = module === 'esnext' ? ['--moduleResolution', 'bundler'] : []
      const target = ['--target', 'es2022', '--module', module, ...resolution]
      run(folder, 'npx', 'tsc', ...strict, ...target, recipe(folder, 'types.ts'))
    }
  })
}

check('jest 30', () => {
  run(project, NPM, 'install', 'jest@30')
  recipe(project, 'jest.test.js')
  const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', 'jest.test.js']
  run(project, process.execPath, ...jest)
  expectText(
    readFileSync(
      join(project, 'lab-failures/what-fails-leaves-its-session-behind.scenario'),
      'utf8',
    ),
    'seed 7',
  )
})

check('node:test', () => {
  run(project, process.execPath, '--test', recipe(project, 'node.test.js'))
})

check('vitest', () => {
  run(project, NPM, 'install', 'vitest@4.1')
  run(project, 'npx', 'vitest', 'run', recipe(project, 'vitest.test.ts'))
})

check('bash', () => {
  expectText(run(project, 'bash', recipe(project, 'lab.sh')), 'the order is paid')
})

check('pytest', () => {
  try {
    run(project, 'python3', '-m', 'pytest', '--version')
  } catch {
    console.log('        (this machine has no pytest: not tried)')
    return
  }
  run(project, 'python3', '-m', 'pytest', '-q', recipe(project, 'test_lab.py'))
})

check('publint and attw find nothing', () => {
  run(checkout, 'npx', 'publint', '--strict')
  run(project, 'npx', '--yes', '@arethetypeswrong/cli@0.18', tarball, '--profile', 'esm-only')
})

if (isWhole) {
  const clean = join(root, 'clean')
  run('.', 'git', 'clone', '--quiet', `file://${resolve('.')}`, clean)
  for (const npm of [[NPM], ['npx', '--yes', NPM_10]] as const) {
    const [program, ...before] = npm
    for (const [name, source] of [
      ['a tarball', tarball],
      ['a folder', checkout],
      ['git', `git+file://${clean}`],
    ] as const) {
      check(`installs from ${name} by ${npm.at(-1)}`, () => {
        const folder = newProject(`from-${name}-${npm.length}`.replaceAll(' ', '-'))
        run(folder, program, ...before, 'install', source)
        expectText(
          run(folder, process.execPath, '--input-type=module', '--eval', IMPORTED),
          'ready 200',
        )
      })
    }
  }
  check('a production install starts without TypeScript', () => {
    run(clean, NPM, 'ci', '--omit=dev')
    expectText(run(clean, NPM, 'start', '--silent', '--', '--version'), '0.')
  })
}

rmSync(root, { recursive: true, force: true })
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
