// `npm run test:faults`: what `npm test` breaks in a sample, broken in full: every request and every transaction of the crash points in
// every way, and many random programs on a store that loses, repeats and reorders. An hour and more; a failed program prints its seed.
// npm run test:faults -- [--programs <n>] [--seed <n>]
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const FILES = [
  'test/local/crash-points.test.ts',
  'test/e2e/crash-points.test.ts',
  'test/e2e/storage-faults.test.ts',
  'test/e2e/storage-outage.test.ts',
  'test/e2e/full-disk.test.ts',
  'test/e2e/local-hub.test.ts',
  'test/engine/clock-skew.test.ts',
  'test/engine/backlogs',
  'test/engine/leaked-requests',
  'test/engine/random-orchestrators.property.test.ts',
  'test/engine/two-hosts',
];

const { values } = parseArgs({
  options: {
    // Of each setting.
    programs: { type: 'string', default: '200' },
    // Repeats the programs of a failure.
    seed: { type: 'string' },
  },
});
const vitest = path.join(
  path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
);
// One file at a time: what is broken on purpose has the machine for itself, and every failure is a failure.
const args = [vitest, 'run', ...FILES, '--maxWorkers=1', '--reporter=verbose'];
const { status } = spawnSync(process.execPath, args, {
  cwd: ROOT,
  stdio: 'inherit',
  env: {
    ...process.env,
    DURABLE_TEST_IN_FULL: 'yes',
    RANDOM_ORCHESTRATOR_RUNS: values.programs,
    ...(values.seed !== undefined && { RANDOM_ORCHESTRATOR_SEED: values.seed }),
  },
});
process.exit(status ?? 1);
