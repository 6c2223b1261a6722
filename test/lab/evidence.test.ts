// What a failing test leaves behind, with the names that each runner gives it.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type Lab, saveEvidence, startLab, withLab } from '../../src/index.ts'

function newFolder(): { folder: string; said: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'evidence-'))
  const said: string[] = []
  const spy = vi
    .spyOn(process.stderr, 'write')
    .mockImplementation((text) => said.push(String(text)) > 0)
  onTestFinished(() => {
    spy.mockRestore()
    rmSync(folder, { recursive: true, force: true })
  })
  return { folder, said }
}

async function failing(lab: Lab): Promise<void> {
  await lab.client().write('k', 'v')
  throw new Error('it does not hold')
}

test.each([
  ['vitest', { task: { name: 'is not shown: "too early"' } }, 'is-not-shown-too-early.scenario'],
  ['node:test', { name: 'a/b', fullName: 'suite > a/b' }, 'suite-a-b.scenario'],
  ['nobody', undefined, undefined],
])(
  'the session of a failed test is saved under the name that %s gives it',
  async (_, context, name) => {
    const { folder, said } = newFolder()
    const body = withLab({ seed: 9 }, failing, { folder })
    expect(body.length).toBe(0)
    await expect(body(context)).rejects.toThrow('it does not hold')
    const [file = ''] = readdirSync(folder)
    if (name) expect(file).toBe(name)
    expect(readFileSync(join(folder, file), 'utf8')).toContain('seed 9\nfollowers 2\n\nwrite k v\n')
    expect(said.join('')).toBe(
      `Seed 9. To see it again: npx replication-lab run ${join(folder, file)}\n`,
    )
  },
)

test('a test that passes leaves nothing but a lab that is closed', async () => {
  const { folder, said } = newFolder()
  let seen: Lab | undefined
  const body = (lab: Lab) => {
    seen = lab
  }
  await withLab({}, body, { folder })()
  expect([readdirSync(folder), said, seen?.isClosed]).toEqual([[], [], true])
})

test('a lab that is closed still has its session', async () => {
  const { folder } = newFolder()
  const lab = await startLab()
  await lab.client().write('k', 'v')
  await lab.close()
  expect(readFileSync(saveEvidence(lab, { folder, name: '../..' }), 'utf8')).toContain('write k v')
  expect(readdirSync(folder)).toEqual(['lab.scenario'])
})
