// npm run wal:kill [-- LIVES [MAIN]]: kills a server under rapid failovers, life after life on one file, and says whether
// any version or epoch was ever used twice. MAIN is another main.ts, to be held against this one.

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { live, nothingSeen } from './killed.ts'

const [lives = '10', main = 'src/main.ts'] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'replication-lab-'))
const path = join(folder, 'lab.wal')
const seen = nothingSeen()
try {
  for (let life = 1; life <= Number(lives); life++) {
    const command = [process.execPath, '--import', 'tsx', main]
    await live(command, path, life, 100 + Math.random() * 500, seen)
  }
  const { values, epochs, conflicts } = seen
  for (const conflict of conflicts.slice(0, 20)) console.log(conflict)
  console.log(
    `${lives} lives, ${values.size} versions and ${epochs.size} epochs seen, ${conflicts.length} used twice; the file has ${statSync(path).size} bytes`,
  )
  process.exitCode = conflicts.length > 0 || values.size === 0 || epochs.size === 0 ? 1 : 0
} finally {
  rmSync(folder, { recursive: true, force: true })
}
