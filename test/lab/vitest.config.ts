import { defineConfig } from 'vitest/config';

/** Whole labs over real processes: one at a time, but for those that are judged only by what they leave (decision 15). */
export default defineConfig({
  test: {
    include: ['test/lab/**/*.test.ts'],
    fileParallelism: false,
    // Of the tests that say that they may run beside each other.
    maxConcurrency: 2,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
