// npm run bench [-- http core behind memory start verdicts forecast labs class looking-back library page write-ahead]: how fast the program is, and next to each number the limit it is
// held against, measured in the same run on the same machine. One table, ratios first. About two
// minutes for all of it; a machine that does something else meanwhile makes the numbers worse, and
// the ratios less so.

import { cpus, loadavg } from 'node:os'
import { beginYoung } from '../../src/runtime/heap.ts'
import { benchBehind } from './behind.ts'
import { benchClass } from './class.ts'
import { benchCore } from './core.ts'
import { benchForecast } from './forecast.ts'
import { benchHttp } from './http.ts'
import { benchLabs } from './labs.ts'
import { benchLibrary } from './library.ts'
import { benchLookingBack } from './looking-back.ts'
import { benchMemory } from './memory.ts'
import { benchPage } from './page.ts'
import { benchStart } from './start.ts'
import { type Row, renderTable } from './table.ts'
import { benchVerdicts } from './verdicts.ts'
import { benchWriteAhead } from './write-ahead.ts'

const SECTIONS: Readonly<Record<string, () => Promise<Row[]>>> = {
  http: benchHttp,
  core: benchCore,
  behind: benchBehind,
  memory: benchMemory,
  start: benchStart,
  verdicts: benchVerdicts,
  forecast: benchForecast,
  labs: benchLabs,
  class: benchClass,
  'looking-back': benchLookingBack,
  library: benchLibrary,
  page: benchPage,
  'write-ahead': benchWriteAhead,
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !Object.hasOwn(SECTIONS, name))
if (unknown.length > 0) {
  console.error(`There is no section ${unknown.join(', ')}: ${Object.keys(SECTIONS).join(', ')}`)
  process.exit(2)
}

// As the server does.
beginYoung()

const [busy = 0] = loadavg()
const rows: Row[] = []
for (const [name, run] of Object.entries(SECTIONS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  process.stderr.write(`${name} …\n`)
  rows.push(...(await run()))
}
const machine = `Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores`
const warning = `At the start this machine was busy already, with a load of ${busy.toFixed(1)}.\n`
console.log(`${machine}\n${busy >= 1 ? warning : ''}\n${renderTable(rows)}`)
