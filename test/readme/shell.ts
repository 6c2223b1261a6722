// Reads the commands of a shell block as far as the README uses the shell: curl with the few options it
// needs, `| grep -o`, a trailing `&`, `cat`, and npm. Anything else is refused, so that nothing in the
// README passes unseen.

export interface Curl {
  readonly kind: 'curl'
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  /** `-N`: an answer without an end. */
  readonly endless: boolean
  /** The pattern of `| grep -o`. */
  readonly grep: string | undefined
  /** A trailing `&`: the next command does not wait for it. */
  readonly inBackground: boolean
}

export type Command =
  | Curl
  | { readonly kind: 'cat'; readonly file: string }
  /** `npm start -- …`, with what follows the dashes. */
  | { readonly kind: 'start'; readonly args: readonly string[] }
  /** A script of package.json. */
  | { readonly kind: 'script'; readonly name: string }
  | { readonly kind: 'install' }
  | { readonly kind: 'checks'; readonly file: string }

export function readCommands(block: string): Command[] {
  return logicalLines(block).flatMap((line) =>
    splitAt(wordsOf(line), '&&').map((words) => readCommand(words, line)),
  )
}

/** Without comments, and with lines that a backslash continues put together. */
function logicalLines(block: string): string[] {
  return block
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
}

function readCommand(words: readonly string[], line: string): Command {
  const [program, ...rest] = words
  if (program === 'curl') return readCurl(rest, line)
  if (program === 'cat' && rest.length === 1) return { kind: 'cat', file: rest[0] as string }
  if (program === '.ci/run') return { kind: 'checks', file: program }
  if (program === 'npm') {
    const [verb, ...args] = rest
    if (verb === 'ci' && args.length === 0) return { kind: 'install' }
    if (verb === 'start') return { kind: 'start', args: args.slice(1) }
    if (verb === 'test') return { kind: 'script', name: 'test' }
    if (verb === 'run' && args[0]) return { kind: 'script', name: args[0] }
  }
  throw new Error(`The README's test cannot run: ${line}`)
}

function readCurl(words: readonly string[], line: string): Curl {
  const inBackground = words.at(-1) === '&'
  const [args = [], pipe] = splitAt(inBackground ? words.slice(0, -1) : words, '|')
  const headers: Record<string, string> = {}
  let method: string | undefined
  let url: string | undefined
  let body: string | undefined
  let endless = false
  const rest = [...args]
  while (rest.length > 0) {
    const arg = rest.shift() as string
    const value = () => rest.shift() ?? refuse(line)
    if (arg === '-X') method = value()
    else if (arg === '-d') body = value()
    else if (arg === '--json') {
      body = value()
      headers['Content-Type'] = 'application/json'
    } else if (arg === '-H') {
      const [name = '', ...text] = value().split(':')
      headers[name] = text.join(':').trim()
    } else if (arg === '-N') endless = true
    else if (arg === '-s') continue
    else if (arg.startsWith('-') || url !== undefined) refuse(line)
    else url = arg
  }
  // What curl does by itself, and the reason why the -H matters.
  if (body !== undefined) headers['Content-Type'] ??= 'application/x-www-form-urlencoded'
  return {
    kind: 'curl',
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    url: new URL(/^https?:/.test(url ?? '') ? (url as string) : `http://${url}`),
    headers,
    body,
    endless,
    grep: pipe && readGrep(pipe, line),
    inBackground,
  }
}

function readGrep([program, option, pattern]: readonly string[], line: string): string {
  return program === 'grep' && option === '-o' && pattern ? pattern : refuse(line)
}

function refuse(line: string): never {
  throw new Error(`The README's test does not know this way to call curl: ${line}`)
}

function splitAt(words: readonly string[], separator: string): string[][] {
  const parts: string[][] = [[]]
  for (const word of words) {
    if (word === separator) parts.push([])
    else parts.at(-1)?.push(word)
  }
  return parts
}

/** Words as a shell parts them, quotes taken off. */
function wordsOf(line: string): string[] {
  const words: string[] = []
  for (const match of line.matchAll(/(?:[^\s'"]|'[^']*'|"(?:[^"\\]|\\.)*")+/g)) {
    const text = match[0].replaceAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"/g, (_, single, double) =>
      single === undefined ? String(double).replaceAll(/\\(["\\$`])/g, '$1') : String(single),
    )
    words.push(text)
  }
  return words
}
