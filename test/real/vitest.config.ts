import { defineConfig } from 'vitest/config';

/** What needs programs of others: skipped, with one clear line, where they are not installed. */
export default defineConfig({
  test: {
    include: ['test/real/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
