// The README's tables, made from the code where the code knows everything, and held against it where the
// README adds the reasons.

import { readdirSync, readFileSync } from 'node:fs'
import { BOUNDS } from '../../src/core/bounds.ts'
import { PROBLEMS } from '../../src/http/problems.ts'
import { ROUTES } from '../../src/http/routes/table.ts'
import { renderMarkdown } from '../../src/options/help.ts'
import { OPTIONS } from '../../src/scenario/header.ts'
import { GRAMMAR } from '../../src/scenario/verbs/table.ts'

/** By the comment above the table: what should stand there, given what does. */
export const TABLES: Readonly<Record<string, (shown: string) => string>> = {
  options: () => renderMarkdown().trimEnd(),
  routes: renderRoutes,
  errors: renderErrors,
  dependencies: (shown) => withRowsFor(shown, dependencies()),
  'scenario lines': renderScenarioLines,
  bounds: (shown) => withValues(withRowsFor(shown, Object.keys(BOUNDS)), BOUNDS),
  scripts: (shown) => withRowsFor(shown, scripts()),
  'code map': (shown) => withRowsFor(shown, folders()),
}

function renderRoutes(): string {
  const shown = ROUTES.filter((route) => !route.hidden)
  const methods = (path: string) =>
    shown.filter((route) => route.path === path).map((route) => route.method)
  const rows = shown
    .filter(
      (route, at) =>
        shown.findIndex(({ path }) => path === route.path) === at || differs(route.path),
    )
    .map(({ method, path, summary }) => {
      const how = differs(path) ? method : methods(path).join(', ')
      return `| \`${how} ${path}\` | ${summary} |`
    })
  return ['| route | what it does |', '|---|---|', ...rows].join('\n')

  /** One path, but its methods do different things. */
  function differs(path: string): boolean {
    return (
      new Set(shown.filter((route) => route.path === path).map((route) => route.summary)).size > 1
    )
  }
}

function renderErrors(): string {
  const rows = Object.entries(PROBLEMS)
    .sort(([, a], [, b]) => a.status - b.status)
    .map(
      ([code, { status, outcome, title }]) => `| \`${code}\` | ${status} | ${outcome} | ${title} |`,
    )
  return ['| code | status | outcome of a write | in words |', '|---|---|---|---|', ...rows].join(
    '\n',
  )
}

/** How each line of a scenario is written: the options first, then the commands. */
function renderScenarioLines(): string {
  const cell = ({ usage }: { readonly usage: string }) => {
    // What follows three spaces is an explanation.
    const [line = '', ...rest] = usage.split(/ {3}/)
    const said = rest.length > 0 ? ` ${rest.join(' ')}` : ''
    return `| \`${line.replaceAll('|', '\\|')}\`${said.replaceAll('|', '\\|')} |`
  }
  const options = Object.values(OPTIONS).map(cell)
  const commands = Object.values(GRAMMAR).map(cell)
  return [
    '| options, before all commands |',
    '|---|',
    ...options,
    '| **commands** |',
    ...commands,
  ].join('\n')
}

/** The table with exactly these rows: what is said of them stays, what is missing is asked for. */
function withRowsFor(shown: string, names: readonly string[]): string {
  const [head = '', rule = '', ...rows] = shown.split('\n')
  const nameIn = (row: string) => /`([^`]+)`/.exec(row)?.[1] ?? ''
  const known = rows.filter((row) => names.includes(nameIn(row)))
  const missing = names.filter((name) => !rows.some((row) => nameIn(row) === name))
  return [head, rule, ...known, ...missing.map((name) => `| \`${name}\` | to be said |`)].join('\n')
}

/** The second column is the code's. */
function withValues(table: string, values: Readonly<Record<string, number>>): string {
  return table.replaceAll(/^(\| `(\w+)` \|)[^|]*\|/gm, (_, start: string, name: string) => {
    return `${start} ${sayBound(name, values[name] ?? Number.NaN)} |`
  })
}

function sayBound(name: string, value: number): string {
  if (name.includes('Us')) return sayLongTime(value)
  return value < 1 ? String(value) : value.toLocaleString('en-US')
}

function sayLongTime(us: number): string {
  const hours = us / 3_600_000_000
  if (hours < 24) return `${hours} h`
  return `${hours / 24} days`
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
