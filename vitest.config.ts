import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The real projects and the histories take minutes: they start first, so that no core waits for them at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = (file: TestSpecification) => /\/(projects|histories)\//.test(file.moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

// Real go commands compile in most files: two files at a time keep two cores busy without starving either.
export default defineConfig({
  test: {
    include: ['__tests__/**/*.test.ts'],
    globalSetup: ['__tests__/global-setup.ts'],
    sequence: { sequencer: LongestFirst },
    testTimeout: 300_000, // A guard against hanging alone: no test measures time by it.
    hookTimeout: 300_000,
    maxWorkers: 2,
  },
});
