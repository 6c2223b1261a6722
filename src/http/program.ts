// Name and version, as package.json has them. Found from this file, so that it works from any folder.

import { readFileSync } from 'node:fs'

const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
const { name, version } = JSON.parse(text) as { name: string; version: string }

export const PROGRAM: { readonly name: string; readonly version: string } = { name, version }
