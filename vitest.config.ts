import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Tests that need more than this process: a browser that shows the page, or processes of the program as it is built. */
const OUTSIDE = [
  'test/page/live/*.test.ts',
  'test/main.test.ts',
  'test/run.test.ts',
  'test/readme/*.test.ts',
  'test/runtime/**/*.test.ts',
]

/** The longest first, so that no worker is left alone with them at the end. */
const LONGEST_FIRST = [
  'test/page/live/',
  'test/main.test.ts',
  'test/readme/',
  'test/runtime/write-ahead/',
  'test/page/lessons.test.ts',
  'test/http/labs-past.test.ts',
  'test/scenario/',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST_FIRST.findIndex((part) => moduleId.includes(part))
      return at < 0 ? LONGEST_FIRST.length : at
    }
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  test: {
    // Vitest would leave one core to itself: of two that is every other one. One more worker would load all once more.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    // Whoever changes what a whole process shares changes it back, so that tests may share what was loaded: to load
    // it anew for each file takes as long as the tests.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'outside',
          include: OUTSIDE,
          // One Chromium and one build serve them all.
          globalSetup: ['test/page/live/one-browser.ts', 'test/tools/one-build.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'within',
          include: ['test/**/*.test.ts'],
          // A workspace of the tests may hold packages of its own, whose tests are not ours; and recipes are run
          // where the package is installed.
          exclude: [...OUTSIDE, '**/node_modules/**', 'test/install/**'],
          pool: 'threads',
        },
      },
    ],
    // A frozen clock makes every test quick; one that takes this long is hanging.
    testTimeout: 20_000,
    // A browser on a busy machine may take its time to draw.
    expect: { poll: { timeout: 5_000, interval: 25 } },
  },
})
