/** One hub, two engines at the same time: they share its partitions, and each takes over what the other leaves. */
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AzureHub } from '../support/azure-hub.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { REFERENCE, startDotnetExtension, whyNoDotnet } from '../support/dotnet-extension.ts';
import { eventually } from '../support/eventually.ts';
import { startFunc } from '../support/func-process.ts';
import { LONG } from '../support/patience.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

const obstacle = whyNoDotnet();
if (obstacle !== undefined) {
  process.stderr.write(`SKIPPED: sharing partitions with the .NET extension: ${obstacle}\n`);
}

interface Engine {
  readonly management: string;
  stop(): Promise<unknown>;
}

/** .NET looks every ten seconds, a lease lasts for thirty, and what it left may be hidden for sixty. */
const PATIENCE = { timeoutMs: 100_000, intervalMs: 250 };
const HELLO = ['Hello Tokyo!', 'Hello Seattle!', 'Hello London!'];

let app: ScratchApp;
let hub: AzureHub;
const running = new Set<Engine>();

beforeEach(async () => {
  hub = new AzureHub({ taskHub: freshHubName('Shared'), partitionCount: 4 });
  app = await createScratchApp({
    copyOf: path.join(REFERENCE, 'node'),
    files: { 'package.json': { name: 'shared-app', main: 'app.js' } },
    packages: { 'durable-functions': 'durable-functions', '@azure/functions': '@azure/functions' },
  });
});

afterEach(async () => {
  await Promise.all([...running].map(stop));
  await hub.backend.deleteHub({ force: true });
  await app.remove();
});

async function startOurs(): Promise<Engine> {
  const prefix = 'AzureFunctionsJobHost__extensions__durableTask__';
  const func = await startFunc({
    cwd: app.folder,
    env: {
      AzureWebJobsStorage: azuriteConnectionString(),
      [`${prefix}hubName`]: hub.options.taskHub,
      [`${prefix}storageProvider__leaseAcquireInterval`]: '00:00:01',
      [`${prefix}storageProvider__maxQueuePollingInterval`]: '00:00:01',
    },
  });
  const engine = {
    management: `${func.url}/runtime/webhooks/durabletask`,
    stop: () => func.stop(),
  };
  running.add(engine);
  return engine;
}

async function startTheirs(): Promise<Engine> {
  const engine = await startDotnetExtension({
    app,
    connectionString: azuriteConnectionString(),
    hub: hub.options.taskHub,
  });
  running.add(engine);
  return engine;
}

async function stop(engine: Engine): Promise<void> {
  running.delete(engine);
  await engine.stop();
}

/** How many partitions .NET workers and ours have, with those that are on their way counted for nobody. */
async function shares(): Promise<{ readonly ours: number; readonly theirs: number }> {
  const { names, storage } = hub.storage();
  const owners: string[] = [];
  const rows = storage
    .table(names.partitionsTable)
    .listEntities<{ CurrentOwner?: string; NextOwner?: string }>();
  for await (const { CurrentOwner: owner, NextOwner: next } of rows) {
    if (owner !== undefined && next === undefined) owners.push(owner);
  }
  const ours = owners.filter((owner) => owner.includes(':')).length;
  return { ours, theirs: owners.length - ours };
}

async function untilShared(ours: number, theirs: number): Promise<void> {
  await eventually(async () => {
    const found = await shares();
    if (found.ours === ours && found.theirs === theirs) return true;
    throw new Error(`${found.ours} are ours, ${found.theirs} theirs`);
  }, PATIENCE);
}

/** Starts instances of all partitions, by turns with each engine, and waits for their outputs. */
async function runHellos(batch: string, engines: readonly Engine[]): Promise<void> {
  const ids = Array.from({ length: 12 }, (_, n) => `${batch}-${n}`);
  for (const [n, id] of ids.entries()) {
    const { management } = engines[n % engines.length] ?? { management: '' };
    const url = `${management}/orchestrators/HelloSequence/${id}?code=x`;
    expect((await fetch(url, { method: 'POST' })).status).toBe(202);
  }
  for (const id of ids) {
    expect(JSON.parse((await hub.ended(id, PATIENCE)).output ?? '')).toEqual(HELLO);
  }
}

describe.skipIf(obstacle !== undefined)('a hub on which the .NET extension works, too', () => {
  it('is shared, and taken over when one of the two stops', LONG, async () => {
    const theirs = await startTheirs();
    await untilShared(0, 4);
    const ours = await startOurs();
    await untilShared(2, 2);
    await runHellos('both', [ours, theirs]);

    await stop(theirs);
    await untilShared(4, 0);
    await runHellos('ours', [ours]);

    const theirsAgain = await startTheirs();
    await untilShared(2, 2);
    await runHellos('again', [theirsAgain, ours]);

    await stop(ours);
    await untilShared(0, 4);
    await runHellos('theirs', [theirsAgain]);
  });
});
