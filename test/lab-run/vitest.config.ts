import { defineConfig } from 'vitest/config';

/** The whole product in real processes, by itself: other tests beside it would show up in its latencies. */
export default defineConfig({
  test: {
    include: ['test/lab-run/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
