// The program, built once for all tests that start it as a process: a built one starts in a third of the time that
// tsx takes to compile it anew. It is built from a copy of the sources, as a package is.

import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { TestProject } from 'vitest/node'
import { NPM } from './npm.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder with package.json and dist. */
    readonly built: string
  }
}

const WHAT_A_BUILD_NEEDS = [
  'package.json',
  'README.md',
  'tsconfig.json',
  'tsconfig.build.json',
  'src',
]

export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'replication-lab-built-'))
  for (const name of WHAT_A_BUILD_NEEDS) cpSync(name, join(folder, name), { recursive: true })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  try {
    execFileSync(NPM, ['run', '--silent', 'build'], { cwd: folder, encoding: 'utf8' })
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw new Error(`The program does not build:\n${(error as { stdout: string }).stdout}`)
  }
  project.provide('built', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}
