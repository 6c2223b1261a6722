#!/usr/bin/env node
// What `replication-lab` starts once the package is installed. Node 20 cannot run TypeScript by itself, so
// this teaches it by tsx and hands over to main.ts. In the package's own folder `npm start` does the same.

import { fileURLToPath } from 'node:url'
import { register } from 'tsx/esm/api'

// Else the tsconfig.json of the folder in which the user happens to stand would decide.
process.env.TSX_TSCONFIG_PATH ??= fileURLToPath(new URL('../tsconfig.json', import.meta.url))
register()
await import('./main.ts')
