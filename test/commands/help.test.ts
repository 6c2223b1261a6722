// `run --help`: what a scenario may say.

import { expect, test } from 'vitest'
import { renderRunHelp } from '../../src/commands/help.ts'
import { OPTIONS } from '../../src/scenario/header.ts'
import { GRAMMAR } from '../../src/scenario/verbs/table.ts'

test('every option and every command is explained once', () => {
  const lines = renderRunHelp().split('\n')
  for (const word of [...Object.keys(OPTIONS), ...Object.keys(GRAMMAR)]) {
    expect(lines.filter((line) => line.startsWith(`  ${word} `))).toHaveLength(1)
  }
})
