import { defineConfig } from 'vitest/config';
import { measuredPatience } from './test/support/patience.ts';
import { SlowestFirst } from './test/support/slowest-first.ts';

/** More than there are cores: many files wait most of the time, for leases, timers and processes. */
const WORKERS = 5;
const patience = measuredPatience(WORKERS);
// For what runs in this process: the global setup.
Object.assign(process.env, patience);
const factor = Math.max(...Object.values(patience).map(Number));

const each = {
  env: patience,
  testTimeout: 30_000 * factor,
  hookTimeout: 60_000 * factor,
  setupFiles: ['test/support/each-file.ts'],
};
/** The samples import the package as any app does. */
const resolve = {
  alias: {
    'durable-functions-extension/testing': `${import.meta.dirname}/src/testing/index.ts`,
  },
};
/** What `app.setup` of the programming model sets holds for the whole process, and so does the list of what ran lately. */
const NEED_A_PROCESS = [
  'test/function-app/blocked-loop.test.ts',
  'test/function-app/load-function-app.test.ts',
  'test/triggers/http-server.test.ts',
  'test/triggers/http-streaming.test.ts',
];

export default defineConfig({
  test: {
    // Only what failed, with all that it printed, and the sums.
    reporters: ['minimal'],
    maxWorkers: WORKERS,
    globalSetup: ['test/support/global-setup.ts'],
    sequence: { sequencer: SlowestFirst },
    projects: [
      {
        resolve,
        test: {
          ...each,
          name: 'together',
          include: ['test/**/*.test.ts', 'samples/typescript/test/*.test.ts'],
          exclude: NEED_A_PROCESS,
          // A process, and an import of everything, for each file would take a third of the whole time.
          isolate: false,
        },
      },
      { test: { ...each, name: 'alone', include: NEED_A_PROCESS } },
    ],
  },
});
