// npm run openapi: reads the API description as strangers would. A validator and a linter must find nothing, and
// the types that a generator makes of it must compile, and fit who uses them. It has a TypeScript of its own, for
// the generator knows no newer one. What the answers really look like, the tests of src/http hold against it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { Validator } from '@seriousme/openapi-schema-validator'
import generate, { astToString } from 'openapi-typescript'
import typescript from 'typescript'
import { describeApi } from '../../src/http/openapi.ts'
import { ROUTES } from '../../src/http/routes/table.ts'

/** Somebody who reads with the generated types: right uses, and wrong ones that must not pass. */
const READER = `
import type { components, operations } from './api.js'
type Shapes = components['schemas']
export type Read = operations['getRead']['responses'][200]['content']['application/json']
export const age = ({ staleness }: Read): number => staleness.ms
export const lags = (cluster: Shapes['Cluster']): number[] =>
  cluster.replicas.map((replica: Shapes['Replica']) => replica.lagMs)
export const why = (problem: Shapes['Problem']): string => problem.code
// @ts-expect-error
export const wrong = ({ value }: Read): number => value
// @ts-expect-error
export const unknown = (cluster: Shapes['Cluster']) => cluster.followers
`

async function faultsOfValidator(text) {
  const { valid, errors } = await new Validator().validate(JSON.parse(text))
  return valid ? [] : [errors].flat().map((error) => JSON.stringify(error))
}

async function faultsOfLinter(text) {
  // Nobody has been given a licence yet.
  const rules = { 'info-license': 'off' }
  const config = await createConfig({ extends: ['recommended-strict'], rules })
  const found = await lintFromString({ source: text, absoluteRef: '/openapi.json', config })
  return found.map(({ ruleId, message, location }) =>
    [ruleId, location[0]?.pointer, message].join(' '),
  )
}

/** Of the types that come of it, and of a program that uses them. */
async function faultsOfTypes(text) {
  const folder = mkdtempSync(join(tmpdir(), 'replication-lab-'))
  try {
    writeFileSync(join(folder, 'api.d.ts'), astToString(await generate(JSON.parse(text))))
    writeFileSync(join(folder, 'reader.ts'), READER)
    return compile([join(folder, 'reader.ts'), join(folder, 'api.d.ts')])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function compile(files) {
  const program = typescript.createProgram(files, { strict: true, noEmit: true, types: [] })
  return typescript
    .getPreEmitDiagnostics(program)
    .map(({ messageText, file, start }) =>
      [
        file && `${file.fileName}:${file.getLineAndCharacterOfPosition(start ?? 0).line + 1}`,
        typescript.flattenDiagnosticMessageText(messageText, '\n'),
      ].join(' '),
    )
}

const text = JSON.stringify(describeApi(ROUTES))
const readers = { validator: faultsOfValidator, linter: faultsOfLinter, types: faultsOfTypes }
for (const [name, faultsOf] of Object.entries(readers)) {
  const faults = await faultsOf(text)
  console.log(`${name}: ${faults.length === 0 ? 'nothing to complain of' : faults.length}`)
  for (const fault of faults.slice(0, 50)) console.log(`  ${fault}`)
  if (faults.length > 0) process.exitCode = 1
}
