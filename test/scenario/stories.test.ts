// The bundled stories are lessons, and good ones: short, with questions that have one right answer.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { StepPart } from '../../src/scenario/lesson.ts'
import { type Story, storiesOf } from '../../src/scenario/stories.ts'

const FOLDER = new URL('../../src/scenario/stories/', import.meta.url)

const stories = storiesOf(
  readdirSync(FOLDER).map((file) => ({
    name: file.replace('.scenario', ''),
    text: readFileSync(new URL(file, FOLDER), 'utf8'),
  })),
)

function partsOf<K extends StepPart['kind']>(
  { steps }: Story,
  kind: K,
): Extract<StepPart, { kind: K }>[] {
  return steps.flat().filter((part) => part.kind === kind) as Extract<StepPart, { kind: K }>[]
}

test('they come in the order in which one learns them', () => {
  expect(stories.map(({ name }) => name)).toEqual([
    'too-early-read',
    'hold-and-release',
    'repair',
    'quorum',
    'timeout-that-survives',
    'r-plus-w-counter-example',
    'lost-write',
    'split-brain',
    'crash-and-catch-up',
    'redis-empty-leader',
    'snapshot',
  ])
})

describe.each(stories.map((story) => [story.name, story] as const))('%s', (_, story) => {
  test('says in one or two sentences what it shows', () => {
    expect(story.title).toMatch(/^[A-Z].{9,59}$/)
    expect(story.summary.startsWith(story.title)).toBe(true)
    expect(story.summary.match(/[.!?](\s|$)/g)?.length).toBeLessThanOrEqual(2)
  })

  test('asks, and has one right answer and a reason for it', () => {
    const questions = partsOf(story, 'question')
    expect(questions.length).toBeGreaterThan(0)
    for (const { question } of questions) {
      expect(question.text).toMatch(/\?$/)
      expect(question.choices.length).toBeGreaterThanOrEqual(2)
      expect(question.choices.filter((choice) => choice.isRight)).toHaveLength(1)
    }
    expect(partsOf(story, 'remark').length).toBeGreaterThan(0)
  })

  test('asks before the command that shows it', () => {
    for (const step of story.steps) {
      const asked = step.findIndex((part) => part.kind === 'question')
      if (asked < 0) continue
      expect(step.slice(asked).some((part) => part.kind === 'command')).toBe(true)
    }
  })

  test('expects something in nearly every step', () => {
    const lines = partsOf(story, 'command').map(({ line }) => line)
    expect(lines.filter((line) => line.expectation).length).toBeGreaterThan(lines.length / 3)
  })

  test('fits a terminal', () => {
    const wide = story.text.split('\n').filter((line) => line.length > 80)
    expect(wide).toEqual([])
  })
})

test('a file that is no scenario is no story', () => {
  expect(() => storiesOf([{ name: 'odd', text: 'flurb' }])).toThrow('The story odd')
})
