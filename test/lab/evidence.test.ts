// What a failing test leaves behind, with the names that each runner gives it.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
  [
    'vitest',
    { task: { name: 'is not shown: "too early"', suite: { name: 'x' } } },
    'x-is-not-shown-too-early.scenario',
  ],
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
    expect(readFileSync(join(folder, file), 'utf8')).toContain('\nseed 9\n')
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

test('what cannot be written does not stand in for what the test failed with', async () => {
  const { folder, said } = newFolder()
  const file = join(folder, 'file')
  writeFileSync(file, '')
  await expect(withLab({}, failing, { folder: file })()).rejects.toThrow('it does not hold')
  expect(said.join('')).toMatch(/^Seed 1\. The session could not be saved: /)
})

test('a second failure of the same name is another file', async () => {
  const { folder } = newFolder()
  for (let i = 0; i < 2; i++) {
    await expect(withLab({}, failing, { folder, name: 'twice' })()).rejects.toThrow()
  }
  expect(readdirSync(folder)).toEqual(['twice-2.scenario', 'twice.scenario'])
})

test('a test that takes too long leaves its session, and what it waits for is said', async () => {
  const { folder, said } = newFolder()
  const timeout = new AbortController()
  const body = withLab({}, (lab) => lab.client().writeWithQuorum('k', 'v', { w: 2 }), { folder })
  const over = body({ task: { name: 'slow' }, signal: timeout.signal })
  await new Promise((resolve) => setTimeout(resolve, 5))
  timeout.abort()
  await expect(over).rejects.toMatchObject({ code: 'lab-closed' })
  expect(readdirSync(folder)).toEqual(['slow.scenario'])
  expect(said.join('')).toContain('1 request waits: advance the clock.')
})

test('the session replays to the same instants, timestamps included', async () => {
  const lab = await startLab()
  const { timestamp } = await lab.client().write('k', 'v')
  const again = await startLab({ scenario: lab.scenario() })
  expect(again.replica(0).records[0]?.timestamp).toBe(timestamp)
  await lab.close()
  await again.close()
})

test('a lab that is closed still has its session', async () => {
  const { folder } = newFolder()
  const lab = await startLab()
  await lab.client().write('k', 'v')
  await lab.close()
  expect(readFileSync(saveEvidence(lab, { folder, name: '../..' }), 'utf8')).toContain('write k v')
  expect(readdirSync(folder)).toEqual(['lab.scenario'])
})
