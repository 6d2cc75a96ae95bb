import { defineConfig } from 'vitest/config';

// Real go commands compile in most files: two files at a time keep two cores busy without starving either.
export default defineConfig({
  test: {
    include: ['__tests__/**/*.test.ts'],
    globalSetup: ['__tests__/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
  },
});
