import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/lab/**', 'test/lab-run/**', 'test/real/**', 'node_modules/**'],
    maxWorkers: 2,
    testTimeout: 30_000,
    // Programs are started in hooks, as in tests.
    hookTimeout: 30_000,
  },
});
