import { defineConfig } from 'vitest/config';
import { measuredPatience } from './test/support/patience.ts';

const patience = measuredPatience();
// For what runs in this process: the global setup.
Object.assign(process.env, patience);
const factor = Math.max(...Object.values(patience).map(Number));

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    env: patience,
    testTimeout: 30_000 * factor,
    hookTimeout: 60_000 * factor,
    // Only what failed, with all that it printed, and the sums.
    reporters: ['minimal'],
    // Two cores: more workers than that only make the process tests slower.
    maxWorkers: 2,
    globalSetup: ['test/support/azurite-global-setup.ts'],
  },
});
