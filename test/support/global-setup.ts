/** Starts what all test files of a run share, and ends it with the run. Named in vitest.config.ts. */
import type { TestProject } from 'vitest/node';
import { startAzurite } from './azurite.ts';
import { keepSharedProbes } from './shared-probes.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { maxWorkers } = project.vitest.config;
  const started = await Promise.all(Array.from({ length: maxWorkers }, () => startAzurite()));
  const accounts = started.map(({ connectionString }) => connectionString);
  project.provide('azuriteConnectionStrings', accounts);
  const probes = await keepSharedProbes(accounts);
  project.provide('sharedProbesUrl', probes.url);
  return async () => {
    await probes.stop();
    await Promise.all(started.map((azurite) => azurite.stop()));
  };
}
