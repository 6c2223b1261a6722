#!/usr/bin/env node
// What the command `replication-lab` starts. In a package the program has been built and is started as it is;
// in the program's own folder it has not, and tsx teaches Node to run TypeScript, as for `npm start`.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

if (existsSync(new URL('./main.ts', import.meta.url))) {
  const { register } = await import('tsx/esm/api')
  // Else the tsconfig.json of the folder in which the user happens to stand would decide.
  process.env.TSX_TSCONFIG_PATH ??= fileURLToPath(new URL('../tsconfig.json', import.meta.url))
  register()
  await import('./main.ts')
} else {
  await import('../dist/main.js')
}
