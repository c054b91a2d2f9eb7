import { defineConfig } from 'vitest/config';
import { measuredPatience } from './test/support/patience.ts';

const patience = measuredPatience();
// For what runs in this process: the global setup.
Object.assign(process.env, patience);
const factor = Math.max(...Object.values(patience).map(Number));

const each = { env: patience, testTimeout: 30_000 * factor, hookTimeout: 60_000 * factor };
/** What `app.setup` of the programming model sets holds for the whole process. */
const NEED_A_PROCESS = [
  'test/function-app/load-function-app.test.ts',
  'test/triggers/http-server.test.ts',
  'test/triggers/http-streaming.test.ts',
];

export default defineConfig({
  test: {
    // Only what failed, with all that it printed, and the sums.
    reporters: ['minimal'],
    // Two cores, and one emulator for all: with more workers than that the tests of crashes and leases run out of time.
    maxWorkers: 2,
    globalSetup: ['test/support/global-setup.ts'],
    projects: [
      {
        test: {
          ...each,
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: NEED_A_PROCESS,
          // A process, and an import of everything, for each file would take a third of the whole time.
          isolate: false,
        },
      },
      { test: { ...each, name: 'alone', include: NEED_A_PROCESS } },
    ],
  },
});
