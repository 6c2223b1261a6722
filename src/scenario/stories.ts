// The bundled stories: scenario files that come with the program, are run in the README and are the lessons of
// the page. Whoever may read files hands in their texts. To add one, put a file beside the others.

import { type Lesson, lessonOf } from './lesson.ts'
import { parseScenario } from './parse.ts'

export interface StoryFile {
  /** The file's name without `.scenario`. */
  readonly name: string
  readonly text: string
}

export interface Story extends StoryFile, Lesson {}

/** In the order in which one learns them; what is not named here comes after. */
const ORDER = [
  'too-early-read',
  'hold-and-release',
  'repair',
  'quorum',
  'timeout-that-survives',
  'r-plus-w-counter-example',
  'lost-write',
  'split-brain',
]

export const STORY_EXTENSION = '.scenario'

/** Throws for a file that is no scenario: these are ours. */
export function storiesOf(files: readonly StoryFile[]): Story[] {
  return files.map(storyOf).sort((a, b) => placeOf(a) - placeOf(b) || (a.name < b.name ? -1 : 1))
}

function storyOf({ name, text }: StoryFile): Story {
  const parsing = parseScenario(text)
  if (!parsing.ok) throw new Error(`The story ${name} is no scenario: run it to see why`)
  return { name, text, ...lessonOf(parsing.scenario) }
}

function placeOf({ name }: StoryFile): number {
  const place = ORDER.indexOf(name)
  return place < 0 ? ORDER.length : place
}
