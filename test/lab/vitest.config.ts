import { defineConfig } from 'vitest/config';

/** Whole labs over real processes: one at a time, they share the loopback addresses. */
export default defineConfig({
  test: {
    include: ['test/lab/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
