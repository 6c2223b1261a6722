import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Tests that a browser shows the page to. One Chromium serves them all. */
const LIVE = ['test/page/live/*.test.ts']

/** Tests that start processes, or that lay hands on what a whole process shares: timers, signals, output. */
const PROCESSES = [
  'test/main.test.ts',
  'test/run.test.ts',
  'test/readme/*.test.ts',
  'test/runtime/**/*.test.ts',
]

/** The longest first, so that no worker is left alone with them at the end. */
const LONGEST_FIRST = ['live', 'processes', 'within']

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project }: TestSpecification) => LONGEST_FIRST.indexOf(project.name)
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  test: {
    // Vitest would leave one core to itself: of two that is every other one.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'live',
          include: LIVE,
          isolate: false,
          globalSetup: 'test/page/live/one-browser.ts',
        },
      },
      {
        extends: true,
        test: { name: 'processes', include: PROCESSES, globalSetup: 'test/tools/one-build.ts' },
      },
      {
        extends: true,
        test: {
          // Nothing here changes what other tests see, so that they may share what was loaded.
          name: 'within',
          include: ['test/**/*.test.ts'],
          // A workspace of the tests may hold packages of its own, whose tests are not ours; and recipes are run
          // where the package is installed.
          exclude: [...LIVE, ...PROCESSES, '**/node_modules/**', 'test/install/**'],
          isolate: false,
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
