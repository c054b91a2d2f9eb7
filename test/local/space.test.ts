/** Room that purged instances leave is used again. */
import { statSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { createLocalBackend } from '../../src/local/local-backend.ts';
import {
  completedPatch,
  firstCommit,
  id,
  runningPatch,
  start,
} from '../contract/sample-messages.ts';
import { commitItem, nextItem } from '../contract/contract-hub.ts';
import { hubFile, localOptions, removeFolder, temporaryFolder } from '../support/local-hub.ts';

const ROUNDS = 12;
const INSTANCES = 60;

let folder: string;
let backend: TaskHubBackend;

beforeEach(async () => {
  folder = temporaryFolder();
  backend = createLocalBackend(localOptions(folder));
  await backend.createHub();
  await backend.start();
});

afterEach(async () => {
  await backend.stop();
  removeFolder(folder);
});

/** Runs and purges as many instances, with a large input, output and history each. */
async function round(number: number): Promise<void> {
  const payload = JSON.stringify('x'.repeat(20_000));
  const ids = Array.from({ length: INSTANCES }, (_, n) => id(`round-${number}-${n}`));
  for (const instanceId of ids) {
    const started = start(instanceId, { Input: payload });
    await backend.createInstance(started, undefined);
    const instance = { ...runningPatch(started), ...completedPatch(started, payload) };
    await commitItem(backend, await nextItem(backend), firstCommit(started, { instance }));
  }
  for (const instanceId of ids) await backend.purgeInstance(instanceId);
}

it('the file of a hub stays as large as what it held at most, however often that is purged', async () => {
  for (let number = 0; number < 3; number++) await round(number);
  const before = statSync(hubFile(folder)).size;

  for (let number = 3; number < ROUNDS; number++) await round(number);

  expect(statSync(hubFile(folder)).size).toBeLessThan(before * 1.5);
});
