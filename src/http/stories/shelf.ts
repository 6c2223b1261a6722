// The stories that a server has: those that come with it, read when first asked for, and those of a folder of one's
// own, looked at again whenever somebody asks, so that a file just saved is there. One that is broken hides no other:
// what is wrong with it is told instead.

import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { sayFault } from '../../scenario/run-to-end.ts'
import { finish } from '../../scenario/slices.ts'
import { type BrokenStory, isStory, type Shelf, type Story, type Telling } from './shapes.ts'
import { tellStory } from './story.ts'

const BUNDLED = new URL('../../scenario/stories/', import.meta.url)
const SUFFIX = '.scenario'
/** They are played while others wait. */
const RUN_BOUNDS = { eventsMax: 50_000, advancesMax: 1 }
const FILE_BYTES_MAX = 256 * 1024
const FILES_MAX = 500

/** The order in which one thing builds on another; all others follow by name. */
const FIRST: readonly string[] = [
  'too-early-read',
  'repair',
  'quorum',
  'timeout-that-survives',
  'r-plus-w-counter-example',
  'lost-write',
  'split-brain',
]

export interface LessonsFolder {
  /** Absolute. */
  readonly path: string
  /** Told of each file that cannot be told as a lesson, once per version of it. */
  readonly say: (sentence: string) => void
}

let read: ReadonlyMap<string, Story> | undefined

/** By name, in teaching order. A start should not wait for them. */
export function bundledStories(): ReadonlyMap<string, Story> {
  read ??= new Map(
    namesIn(readdirSync(BUNDLED))
      .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
      .map((name) => [name, bundled(name)]),
  )
  return read
}

function bundled(name: string): Story {
  const text = readFileSync(new URL(name + SUFFIX, BUNDLED), 'utf8')
  const telling = finish(tellStory(name, text, RUN_BOUNDS))
  if (isStory(telling)) return telling
  throw new Error(`The bundled story ${name} is broken: ${sayFaults(telling)}`)
}

function rank(name: string): number {
  const place = FIRST.indexOf(name)
  return place === -1 ? FIRST.length : place
}

function namesIn(files: readonly string[]): string[] {
  return files
    .filter((file) => file.endsWith(SUFFIX) && !file.startsWith('.'))
    .map((file) => file.slice(0, -SUFFIX.length))
}

export class Stories {
  readonly #folder: LessonsFolder | undefined
  /** What each file was when it was last looked at. */
  #seen = new Map<string, { readonly stamp: string; readonly telling: Story | BrokenStory }>()
  #trouble = ''

  constructor(folder: LessonsFolder | undefined) {
    this.#folder = folder
    // Whoever starts the server should not have to open the page to hear of a mistake.
    if (folder) this.shelf()
  }

  shelf(): Shelf {
    const own = this.#own()
    const stories = own.filter((one): one is Story => 'steps' in one)
    return {
      // A file of the name of a bundled one stands in its place.
      stories: new Map([...stories.map((one) => [one.name, one] as const), ...others(stories)]),
      broken: own.filter((one): one is BrokenStory => 'file' in one),
    }
  }

  #own(): (Story | BrokenStory)[] {
    if (!this.#folder) return []
    const { path, say } = this.#folder
    const seen = new Map<
      string,
      { readonly stamp: string; readonly telling: Story | BrokenStory }
    >()
    const trouble = attempt(path, () => {
      const names = namesIn(readdirSync(path)).sort()
      if (names.length > FILES_MAX)
        throw new Error(`there are more than ${FILES_MAX} lessons in it`)
      for (const name of names) seen.set(name, this.#look(join(path, name + SUFFIX), name))
    })
    if (trouble && trouble.message !== this.#trouble)
      say(`No lessons from ${path}: ${trouble.message}`)
    this.#trouble = trouble?.message ?? ''
    this.#seen = seen
    return [...(trouble ? [trouble] : []), ...[...seen.values()].map(({ telling }) => telling)]
  }

  #look(path: string, name: string) {
    const file = name + SUFFIX
    let stamp = ''
    let telling: Story | BrokenStory | undefined
    const trouble = attempt(file, () => {
      const stats = statSync(path)
      stamp = [stats.ino, stats.size, stats.mtimeMs].join()
      const before = this.#seen.get(name)
      telling = before?.stamp === stamp ? before.telling : readOwn(path, name, stats)
    })
    const found = { stamp, telling: telling ?? (trouble as BrokenStory) }
    const isNews = this.#seen.get(name)?.stamp !== stamp
    if ('file' in found.telling && isNews) {
      this.#folder?.say(`No lesson from ${file}: ${found.telling.message}`)
    }
    return found
  }
}

/** The bundled ones, but for those whose name is taken. */
function others(own: readonly Story[]): [string, Story][] {
  return [...bundledStories()].filter(([name]) => !own.some((one) => one.name === name))
}

/** @param stats of what it is: there are files without an end */
function readOwn(path: string, name: string, stats: Stats): Story {
  if (!stats.isFile()) throw new Error('it is no file')
  if (stats.size > FILE_BYTES_MAX) throw new Error(`it has more than ${FILE_BYTES_MAX} bytes`)
  const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  const telling = finish(tellStory(name, text, RUN_BOUNDS))
  if (isStory(telling)) return telling
  throw new Error(sayFaults(telling))
}

function attempt(file: string, look: () => void): BrokenStory | undefined {
  try {
    look()
    return undefined
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const isText = code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
    const why = code === 'ENOENT' ? 'it is not there' : isText ? 'it is not UTF-8 text' : message
    return { file, message: why }
  }
}

/** What is wrong with it, as one text. */
function sayFaults(faults: Exclude<Telling, Story>): string {
  return faults.map(sayFault).join('; ')
}
