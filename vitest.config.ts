import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A frozen clock makes every test quick; one that takes this long is hanging.
    testTimeout: 20_000,
    // A browser on a busy machine may take its time to draw.
    expect: { poll: { timeout: 5_000, interval: 25 } },
  },
})
