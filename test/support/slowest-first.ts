/** The order of test files: those that take longest come first, so that none of them is left when all others are done. */
import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Ten seconds and more. Some wait for leases and timers most of the time, others keep a core busy: they take turns here, so that at any time
 * some of each kind run.
 */
const SLOW: readonly string[] = [
  'azure-storage/lease-blobs',
  'e2e/hub-moves',
  'e2e/crash-points',
  'e2e/official-worker/every-way',
  'e2e/local-hub',
  'engine/two-hosts',
  'local/crash-points',
  'e2e/dotnet-together',
  'e2e/dotnet-sharing',
  'e2e/two-apps',
  'e2e/reload',
  'dashboard/dashboard',
  'e2e/crash',
  'engine/random-orchestrators.property',
  'contract/azure-storage',
  'e2e/rolling-restart',
  'dashboard/instance-page',
  'engine/backlogs',
  'engine/clock-skew',
  'e2e/processes',
  'e2e/dotnet-interop',
  'cli/durable-with-host',
  'e2e/storage-faults',
  'e2e/development-storage',
  'e2e/event-grid',
  'e2e/official-worker/life',
  'engine/other-workers',
  'azure-storage/unfinished-checkpoint',
  'engine/moved-hub',
  'engine/leaked-requests-azurite',
  'e2e/scenarios/events',
  'e2e/killed-purge',
  'e2e/official-apps',
  'e2e/full-disk',
  'azure-storage/far-timers',
];

export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const others = await super.sort(files);
    return others.toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const file = path.relative(path.join(import.meta.dirname, '..'), moduleId);
  const place = SLOW.indexOf(file.replaceAll(path.sep, '/').replace(/\.test\.ts$/, ''));
  return place === -1 ? SLOW.length : place;
}
