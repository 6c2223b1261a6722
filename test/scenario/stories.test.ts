// The bundled stories are lessons, and good ones: short, with questions that have one right answer.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Lesson, lessonOf, type StepPart } from '../../src/scenario/lesson.ts'
import { parseScenario } from '../../src/scenario/parse.ts'

const FOLDER = new URL('../../src/scenario/stories/', import.meta.url)

interface Story extends Lesson {
  readonly name: string
  readonly text: string
}

const stories = readdirSync(FOLDER).map((file): Story => {
  const text = readFileSync(new URL(file, FOLDER), 'utf8')
  const parsing = parseScenario(text)
  if (!parsing.ok) throw new Error(`${file} is no scenario`)
  return { name: file.replace('.scenario', ''), text, ...lessonOf(parsing.scenario) }
})

function partsOf<K extends StepPart['kind']>(
  { steps }: Story,
  kind: K,
): Extract<StepPart, { kind: K }>[] {
  return steps.flat().filter((part) => part.kind === kind) as Extract<StepPart, { kind: K }>[]
}

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

describe('a lesson', () => {
  const lesson = (...lines: readonly string[]) => {
    const parsing = parseScenario(lines.join('\n'))
    if (!parsing.ok) throw new Error('this is no scenario')
    return lessonOf(parsing.scenario)
  }

  test('has the paragraphs of its file as steps, and its options in none', () => {
    const { title, summary, steps } = lesson(
      '# Two parts: one, and',
      '# another. The end.',
      'seed 1',
      '',
      '# Say this,',
      '# then that.',
      'write k v',
      '#! Because.',
      '',
      '',
      'read k',
    )
    expect({ title, summary }).toEqual({
      title: 'Two parts',
      summary: 'Two parts: one, and another. The end.',
    })
    expect(steps.map((parts) => parts.map(({ kind }) => kind))).toEqual([
      ['sentence', 'command', 'remark'],
      ['command'],
    ])
    expect(steps[0]?.[0]).toEqual({ kind: 'sentence', text: 'Say this, then that.' })
  })

  test('asks questions over several lines', () => {
    const { steps } = lesson('# T.', '', '#? What', '#? then?', '#- this', '#+ that', 'read k')
    expect(steps[0]?.[0]).toEqual({
      kind: 'question',
      question: {
        text: 'What then?',
        choices: [
          { text: 'this', isRight: false },
          { text: 'that', isRight: true },
        ],
      },
    })
  })

  test('is not disturbed by comments that only look special', () => {
    const { steps } = lesson('# T.', '', '#!/usr/bin/env run', '#-----', '#+', 'read k')
    expect(steps[0]?.map(({ kind }) => kind)).toEqual(['sentence', 'command'])
  })
})
