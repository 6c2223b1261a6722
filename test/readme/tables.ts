// The README's tables, made from the code where the code knows everything, and held against it where the
// README adds the reasons.

import { readdirSync, readFileSync } from 'node:fs'
import { ROUTES } from '../../src/http/routes/table.ts'
import { FLAGS, GROUPS, TABLE } from '../../src/options/table.ts'
import { OPTIONS } from '../../src/scenario/header.ts'
import { GRAMMAR } from '../../src/scenario/verbs/table.ts'

/** By the comment above the table: what should stand there, given what does. */
export const TABLES: Readonly<Record<string, (shown: string) => string>> = {
  options: renderOptions,
  routes: renderRoutes,
  dependencies: (shown) => withRowsFor(shown, dependencies()),
  'scenario lines': renderScenarioLines,
  scripts: (shown) => withRowsFor(shown, scripts()),
  'code map': (shown) => withRowsFor(shown, folders()),
}

/** Each flag's name once; `--help` and `/docs` have the rest. */
function renderOptions(): string {
  return listed('| about | flags |', [...GROUPS], (group) =>
    FLAGS.filter((flag) => TABLE[flag].group === group).map((flag) => `--${flag}`),
  )
}

function renderRoutes(): string {
  const shown = ROUTES.filter((route) => !route.hidden)
  return listed('| about | routes |', [...new Set(shown.map(({ group }) => group))], (group) => {
    const paths = new Set(shown.filter((route) => route.group === group).map(({ path }) => path))
    return [...paths].map((path) => {
      const methods = shown.filter((route) => route.path === path).map(({ method }) => method)
      return `${methods.join(',')} ${path}`
    })
  })
}

/** The first words of a scenario's lines; `run --help` has what follows them. */
function renderScenarioLines(): string {
  const named = { options: Object.keys(OPTIONS), commands: Object.keys(GRAMMAR) }
  return listed('| lines | |', ['options', 'commands'] as const, (kind) => named[kind])
}

function listed<T extends string | number>(
  head: string,
  groups: readonly T[],
  namesOf: (group: T) => readonly string[],
): string {
  const rows = groups.map(
    (group) =>
      `| ${group} | ${namesOf(group)
        .map((name) => `\`${name}\``)
        .join(' ')} |`,
  )
  return [head, '|---|---|', ...rows].join('\n')
}

/** The table with exactly these rows: what is said of them stays, what is missing is asked for. */
function withRowsFor(shown: string, names: readonly string[]): string {
  const [head = '', rule = '', ...rows] = shown.split('\n')
  const nameIn = (row: string) => /`([^`]+)`/.exec(row)?.[1] ?? ''
  const known = rows.filter((row) => names.includes(nameIn(row)))
  const missing = names.filter((name) => !rows.some((row) => nameIn(row) === name))
  return [head, rule, ...known, ...missing.map((name) => `| \`${name}\` | to be said |`)].join('\n')
}

function manifest(): {
  readonly dependencies: Readonly<Record<string, string>>
  readonly scripts: Readonly<Record<string, string>>
} {
  return JSON.parse(readFileSync('package.json', 'utf8'))
}

function dependencies(): string[] {
  return Object.keys(manifest().dependencies)
}

/** As one types them. */
function scripts(): string[] {
  return Object.keys(manifest().scripts)
    .filter((name) => !/^(pre|post)(pack|install|pare)/.test(name))
    .map((name) => (name === 'start' || name === 'test' ? `npm ${name}` : `npm run ${name}`))
}

/** Every file at the top of src/, and every folder that holds any. */
function folders(): string[] {
  const files = readdirSync('src', { withFileTypes: true, recursive: true }).filter((entry) =>
    entry.isFile(),
  )
  const places = files.map(({ parentPath, name }) =>
    parentPath === 'src' ? `src/${name}` : `${parentPath}/`,
  )
  return [...new Set(places)].sort()
}
