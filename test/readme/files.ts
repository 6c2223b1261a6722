// Files that the README shows. A test of its own is shown as a reader would write it: without the opening
// comment, and importing the package by its name.

import { readFileSync } from 'node:fs'

export function showFile(path: string): string {
  const text = readFileSync(path, 'utf8').trimEnd()
  if (!path.endsWith('.ts')) return text
  return text
    .replace(/^(\/\/.*\n)+\n/, '')
    .replaceAll(/'(\.\.\/)+src\/lab\/http\.ts'/g, "'replication-lab/http'")
    .replaceAll(/'(\.\.\/)+src\/index\.ts'/g, "'replication-lab'")
}
