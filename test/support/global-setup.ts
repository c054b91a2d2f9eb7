/** Starts what all test files of a run share, and ends it with the run. Named in vitest.config.ts. */
import type { TestProject } from 'vitest/node';
import { startAzurite } from './azurite.ts';
import { keepSharedProbes } from './shared-probes.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const azurite = await startAzurite();
  project.provide('azuriteConnectionString', azurite.connectionString);
  const probes = await keepSharedProbes(azurite.connectionString);
  project.provide('sharedProbesUrl', probes.url);
  return async () => {
    await probes.stop();
    await azurite.stop();
  };
}
