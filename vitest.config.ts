import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more workers than that only make the process tests slower.
    maxWorkers: 2,
    globalSetup: ['test/support/azurite-global-setup.ts'],
  },
});
