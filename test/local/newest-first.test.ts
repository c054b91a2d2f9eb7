/** Who lists the newest first gets them so of folders and of memory, by whichever index. */
import { afterEach, expect, it } from 'vitest';
import { toInstanceId } from '../../src/core/ids.ts';
import type { InstanceQuery, TaskHubBackend } from '../../src/engine/backend.ts';
import { createLocalBackend } from '../../src/local/local-backend.ts';
import { createMemoryBackend } from '../../src/memory/memory-backend.ts';
import { completedPatch, start } from '../contract/sample-messages.ts';
import { localOptions, removeFolder, temporaryFolder } from '../support/local-hub.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) removeFolder(folder);
});

function localBackend(): TaskHubBackend {
  const folder = temporaryFolder();
  folders.push(folder);
  return createLocalBackend(localOptions(folder));
}

async function listAll(
  backend: TaskHubBackend,
  query: Partial<InstanceQuery>,
): Promise<readonly string[]> {
  const ids: string[] = [];
  let token: string | undefined;
  do {
    const page = await backend.listInstances({
      pageSize: 2,
      includeInput: false,
      includeOutput: false,
      newestFirst: true,
      ...query,
      ...(token === undefined ? {} : { continuationToken: token }),
    });
    ids.push(...page.instances.map(({ instanceId }) => instanceId));
    token = page.continuationToken;
  } while (token !== undefined);
  return ids;
}

it.each([
  ['a folder', localBackend],
  ['memory', () => createMemoryBackend()],
])('the newest come first in %s', async (_, open) => {
  const backend = open();
  await backend.createHub();
  for (const n of [3, 1, 5, 2, 4]) {
    const message = start(toInstanceId(`o-${n}`), { Timestamp: `2026-01-0${n}T00:00:00Z` });
    await backend.createInstance(message, undefined);
    if (n % 2 === 1) continue;
    const instance = completedPatch(message, null);
    await backend.repairInstance({ instanceId: toInstanceId(`o-${n}`), instance });
  }
  const day = (n: number): Date => new Date(`2026-01-0${n}T00:00:00Z`);

  expect(await listAll(backend, {})).toEqual(['o-5', 'o-4', 'o-3', 'o-2', 'o-1']);
  expect(await listAll(backend, { runtimeStatuses: ['Completed'] })).toEqual(['o-4', 'o-2']);
  expect(await listAll(backend, { runtimeStatuses: ['Completed', 'Pending'] })).toEqual([
    'o-5',
    'o-4',
    'o-3',
    'o-2',
    'o-1',
  ]);
  expect(await listAll(backend, { createdTimeFrom: day(2), createdTimeTo: day(4) })).toEqual([
    'o-4',
    'o-3',
    'o-2',
  ]);
  expect(await listAll(backend, { runtimeStatuses: ['Pending'], createdTimeTo: day(3) })).toEqual([
    'o-3',
    'o-1',
  ]);
});
