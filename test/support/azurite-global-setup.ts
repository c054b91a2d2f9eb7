/** Starts the Azurite that all test files of a run share, and ends it with the run. Named in vitest.config.ts. */
import type { TestProject } from 'vitest/node';
import { startAzurite } from './azurite.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const azurite = await startAzurite();
  project.provide('azuriteConnectionString', azurite.connectionString);
  return () => azurite.stop();
}
