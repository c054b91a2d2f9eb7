/** The order of test files: those that take longest come first, so that none of them is left when all others are done. */
import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Half a minute and more, most of it spent waiting for leases, processes and timers. The longest comes first. */
const SLOW: readonly string[] = [
  'e2e/hub-moves',
  'e2e/crash-points',
  'azure-storage/lease-blobs',
  'engine/two-hosts',
  'e2e/official-worker/every-way',
  'local/crash-points',
  'e2e/dotnet-sharing',
  'e2e/dotnet-together',
  'e2e/rolling-restart',
  'e2e/local-hub',
  'e2e/crash',
  'engine/random-orchestrators.property',
  'engine/backlogs',
  'e2e/reload',
  'engine/moved-hub',
  'engine/leaked-requests-azurite',
  'e2e/development-storage',
  'e2e/processes',
  'e2e/event-grid',
  'contract/azure-storage',
  'azure-storage/far-timers',
  'e2e/official-apps',
  'e2e/official-worker/life',
  'azure-storage/unfinished-checkpoint',
  'e2e/scenarios/events',
  'e2e/dotnet-interop',
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
