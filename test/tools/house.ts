// The rules of the house, checked on source text: who may import whom, what keeps the core pure, and how long a
// file may get. Each breach is told with its file and line. Text is enough for this, and needs no compiler.

export interface SourceFile {
  /** From the root, e.g. `src/core/log.ts`. */
  readonly path: string
  readonly text: string
}

/** What each room may import besides itself. Files that lie in no room (main.ts, index.ts) may import all. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  analysis: ['core'],
  scenario: ['analysis', 'core'],
  runtime: ['analysis', 'core'],
  http: ['scenario', 'analysis', 'core'],
  options: ['core'],
  commands: ['options', 'runtime', 'scenario', 'analysis', 'core'],
  lab: ['http', 'options', 'runtime', 'scenario', 'analysis', 'core'],
  page: [],
}

/**
 * The same inside the core. Files that lie loose there are the door, the nouns and the parts everyone needs: they
 * may import all, and all may import them.
 */
const CORE_ARROWS: Readonly<Record<string, readonly string[]>> = {
  text: [],
  network: ['text'],
  replica: ['network', 'text'],
  replication: ['replica', 'network', 'text'],
  requests: ['replication', 'replica', 'network', 'text'],
  faults: ['replication', 'replica', 'network', 'text'],
  output: ['replica', 'network', 'text'],
  verbs: ['output', 'faults', 'requests', 'replication', 'replica', 'network', 'text'],
}

/** How many files may lie loose in the core, before it is a slab again. */
const LOOSE_CORE_FILES_MAX = 30

const PURE_ROOMS = ['core', 'analysis']

/** Packages a pure room may use: arithmetic only. */
const PURE_PACKAGES = ['pure-rand']

const IMPURE: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  // A Date made of a number reads no clock; record.ts writes timestamps with one.
  { pattern: /\bDate\.now\b|\bnew Date\(\s*\)|\bnew Date\b(?!\()/, what: 'the wall clock' },
  { pattern: /\bperformance\s*\.|\bhrtime\b/, what: 'the wall clock' },
  { pattern: /\bMath\.random\b/, what: 'chance that no seed decides' },
  { pattern: /\bMath\.pow\b|\*\*/, what: 'powers, whose last bits differ between Nodes' },
  { pattern: /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/, what: 'a timer' },
  {
    pattern: /(?<!')\b(async|await)\b(?!')|\bPromise\b/,
    what: 'a promise: nothing simulated awaits',
  },
  { pattern: /\b(process|globalThis|console)\s*\./, what: 'the process' },
]

/** Rooms whose sentences are read by people who may know neither routes nor flags. */
const DOORLESS_ROOMS = ['core', 'analysis', 'scenario']

const DOOR: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: /\b(GET|POST|PUT|PATCH|DELETE)\b/, what: 'an HTTP method' },
  { pattern: /(^|[\s('"`])--[a-z]/, what: 'a flag' },
  { pattern: /(^|[\s('"`])\/[a-z]/, what: 'a route' },
]

const LINES_MAX = 320

export function breaches(files: readonly SourceFile[]): string[] {
  const loose = files.filter(({ path }) => /^src\/core\/[^/]+$/.test(path)).length
  return [
    ...files.flatMap((file) => [
      ...badImports(file),
      ...impurities(file),
      ...wordsOfTheDoor(file),
      ...tooLong(file),
    ]),
    ...circles(files),
    ...(loose > LOOSE_CORE_FILES_MAX
      ? [`src/core has ${loose} loose files, more than ${LOOSE_CORE_FILES_MAX}`]
      : []),
  ]
}

function badImports(file: SourceFile): string[] {
  const room = roomOf(file.path)
  const allowed = ARROWS[room]
  const found: string[] = []
  for (const { line, target, isType } of importsOf(file.text)) {
    const said = `${file.path}:${line} imports ${target}`
    if (!target.startsWith('.')) {
      if (PURE_ROOMS.includes(room) && !PURE_PACKAGES.includes(packageOf(target))) {
        found.push(`${said}: ${room} is pure`)
      }
      continue
    }
    const targetPath = resolve(file.path, target)
    const other = roomOf(targetPath)
    const [from, to] = [coreRoomOf(file.path), coreRoomOf(targetPath)]
    if (from && to && from !== to && !CORE_ARROWS[from]?.includes(to)) {
      found.push(`${said}: no arrow leads from core/${from} to core/${to}`)
    }
    if (!allowed || other === room || allowed.includes(other)) continue
    // The shape of what comes over HTTP is no code: it is gone when the page runs.
    if (room === 'page' && isType) continue
    found.push(`${said}: no arrow leads from ${room} to ${other}`)
  }
  return found
}

/**
 * Files that import one another, be it round a corner and be it types only: neither can be read, moved or tested
 * without the other. Each circle is told once, by the import that closes it.
 */
function circles(files: readonly SourceFile[]): string[] {
  const imports = new Map(
    files.map(({ path, text }) => [
      path,
      importsOf(text)
        .filter(({ target }) => target.startsWith('.'))
        .map(({ line, target }) => ({ line, path: resolve(path, target) })),
    ]),
  )
  const found: string[] = []
  const way: string[] = []
  const done = new Set<string>()
  const visit = (path: string) => {
    way.push(path)
    for (const next of imports.get(path) ?? []) {
      const at = way.indexOf(next.path)
      if (at >= 0) found.push(`${path}:${next.line} closes a circle: ${sayCircle(way.slice(at))}`)
      else if (!done.has(next.path)) visit(next.path)
    }
    way.pop()
    done.add(path)
  }
  for (const { path } of files) if (!done.has(path)) visit(path)
  return found
}

function sayCircle(way: readonly string[]): string {
  return [...way, way[0]].join(' imports ')
}

function impurities({ path, text }: SourceFile): string[] {
  if (!PURE_ROOMS.includes(roomOf(path))) return []
  const lines = withoutComments(text).split('\n')
  return lines.flatMap((line, i) =>
    IMPURE.filter(({ pattern }) => pattern.test(line)).map(
      ({ what }) => `${path}:${i + 1} uses ${what}: ${line.trim()}`,
    ),
  )
}

/** What is made of words must not name the door by which some reader came. */
function wordsOfTheDoor({ path, text }: SourceFile): string[] {
  if (!DOORLESS_ROOMS.includes(roomOf(path))) return []
  const source = withoutComments(text)
  return [...source.matchAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g)].flatMap(
    ({ 0: literal, index }) => {
      const line = source.slice(0, index).split('\n').length
      return DOOR.filter(({ pattern }) => pattern.test(literal.slice(1, -1))).map(
        ({ what }) => `${path}:${line} names ${what}: ${literal.split('\n')[0]}`,
      )
    },
  )
}

function tooLong({ path, text }: SourceFile): string[] {
  const lines = text.replace(/\n$/, '').split('\n').length
  return lines > LINES_MAX ? [`${path}:${lines} has more than ${LINES_MAX} lines`] : []
}

/** `src/core/log.ts` lies in `core`; `src/main.ts` is its own. */
function roomOf(path: string): string {
  return path.split('/')[1] ?? ''
}

/** `src/core/replica/log.ts` lies in `replica`; `src/core/events.ts` in no room of the core. */
function coreRoomOf(path: string): string | undefined {
  return /^src\/core\/([^/]+)\//.exec(path)?.[1]
}

function packageOf(target: string): string {
  return target.startsWith('@') ? target.split('/', 2).join('/') : (target.split('/')[0] ?? '')
}

function resolve(from: string, target: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const part of target.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

interface Import {
  readonly line: number
  readonly target: string
  readonly isType: boolean
}

function importsOf(text: string): Import[] {
  const source = withoutComments(text)
  const statement =
    /\b(?:import|export)\s+(type\s)?[^'";()]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g
  return [...source.matchAll(statement)].map((match) => ({
    line: source.slice(0, match.index + match[0].length).split('\n').length,
    target: match[2] ?? match[3] ?? '',
    isType: match[1] !== undefined,
  }))
}

/** Comments become blanks, so that lines keep their numbers. A `//` inside a string ends at a quote. */
function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|[\s;{}(,])\/\/[^\n]*/g, '$1')
}
