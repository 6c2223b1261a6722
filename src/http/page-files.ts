// The files of the live page as a browser takes them in few round trips: of the modules that the first view needs one
// script, of all styles one sheet, and each further module when somebody asks for it. Their address holds a hash of
// everything, so that a browser need never ask again; another page has another address. An import map would keep
// the modules apart, but it would have to stand in the page, which the policy forbids.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

const FIRST = 'main.js'
const STYLES = 'page.css'
/** Modules are written so that these find all of it; `linked` refuses what they would miss. */
const IMPORT = /^import \{([^}]*)\} from '(\.[^']+)'$/gm
const LATER = /\bimport\('(\.[^']+)'\)/g
const WORKER = /new URL\('(\.[^']+)', import\.meta\.url\)/g
const EXPORT = /^export ((?:async )?function|class|const) (\w+)/gm
const EXPORTED = /;?export\{([^}]*)\};?\s*$/

export interface PageFiles {
  /** The document; addresses in it begin with `up`, which leads to where `assets` is. */
  readonly document: (up: string) => string
  /** By path, from the root of the server. */
  readonly files: ReadonlyMap<string, string>
}

/**
 * @param at the folder of the page
 * @throws Error when a module imports or exports in a way that is not understood here
 */
export function readPageFiles(at: URL): PageFiles {
  const read = (name: string) => readFileSync(new URL(name, at), 'utf8')
  const names = readdirSync(at, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .sort()
  const document = read('index.html')
  const files = linkModules(new Map(namesIn(names, 'js').map((name) => [name, read(name)])))
  files.set(STYLES, namesIn(names, 'css').map(read).join('\n'))
  const hash = createHash('sha256').update(document)
  for (const [name, text] of files) hash.update(`\n${name}\n${text}`)
  const folder = `assets/${hash.digest('base64url').slice(0, 16)}`
  return {
    document: (up) => document.replaceAll('"assets/', `"${up}${folder}/`),
    files: new Map([...files].map(([name, text]) => [`/${folder}/${name}`, text])),
  }
}

function namesIn(names: readonly string[], extension: string): string[] {
  return names.filter((name) => name.endsWith(`.${extension}`))
}

/** @param modules by name, `view/app.js` */
export function linkModules(modules: ReadonlyMap<string, string>): Map<string, string> {
  const first = neededBy(FIRST, modules)
  const parts = first.map((name) => linked(name, modules.get(name) as string))
  const files = new Map([[FIRST, `export const modules = {}\n${parts.join('\n')}`]])
  for (const [name, text] of modules) {
    if (!first.includes(name)) files.set(name, lateModule(name, text, first))
    for (const [, worker = ''] of text.matchAll(WORKER)) {
      files.set(beside(name, worker), workerScript(beside(name, worker), modules))
    }
  }
  return files
}

/** No module, for not every browser that has shared workers lets them be that. */
function workerScript(name: string, modules: ReadonlyMap<string, string>): string {
  const parts = neededBy(name, modules).map((one) => linked(one, modules.get(one) as string))
  return `const modules = {}\n${parts.join('\n')}`
}

/** A module and all that it imports, each behind what it needs itself. */
function neededBy(name: string, modules: ReadonlyMap<string, string>): string[] {
  const order = new Set<string>()
  const add = (one: string, path: readonly string[]) => {
    if (order.has(one)) return
    const text = modules.get(one)
    const way = [...path, one]
    if (text === undefined) throw new Error(`page: there is no ${way.join(', asked for by ')}`)
    if (path.includes(one)) throw new Error(`page: modules in a circle: ${way.join(', ')}`)
    for (const [, , from = ''] of text.matchAll(IMPORT)) add(beside(one, from), way)
    order.add(one)
  }
  add(name, [])
  return [...order]
}

/** A module as a function that is called once, with what it exports as its answer. */
function linked(name: string, text: string): string {
  const exported: string[] = []
  const body = text
    .replace(IMPORT, (_all, names: string, from: string) => taken(names, beside(name, from)))
    .replace(LATER, (_all, from: string) => `import('./${beside(name, from)}')`)
    .replace(WORKER, (all, from: string) => all.replace(from, `./${beside(name, from)}`))
    .replace(EXPORT, (_all, kind: string, one: string) => {
      exported.push(one)
      return `${kind} ${one}`
    })
    .replace(EXPORTED, (_all, names: string) => {
      exported.push(...names.split(',').map((one) => one.replace(/(\S+) as (\S+)/, '$2: $1')))
      return '\n'
    })
  const missed = /^(import|export)\b(?!\().*/m.exec(body)
  if (missed) throw new Error(`page: ${name} has a line that is not understood: ${missed[0]}`)
  return `modules['${name}'] = (() => {\n${body}\nreturn { ${exported.join(', ')} }\n})()`
}

/** One that comes later shares with the first script what that has: there is one session, and one of each view. */
function lateModule(name: string, text: string, first: readonly string[]): string {
  let isSharing = false
  const body = text.replace(IMPORT, (all, names: string, from: string) => {
    if (!first.includes(beside(name, from))) return all
    isSharing = true
    return taken(names, beside(name, from))
  })
  if (!isSharing) return text
  return `import { modules } from '${posix.relative(posix.dirname(`/${name}`), `/${FIRST}`)}'\n${body}`
}

function taken(names: string, from: string): string {
  return `const {${names.replaceAll(' as ', ': ')}} = modules['${from}']`
}

function beside(name: string, from: string): string {
  return posix.join(posix.dirname(name), from)
}
