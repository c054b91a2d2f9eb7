/** A purge of very many instances that is stopped again and again: each try gets further, and it comes to an end. */
import { afterAll, describe, expect, it } from 'vitest';
import { BackendUnavailableError } from '../../../src/core/errors.ts';
import type { TaskHubBackend } from '../../../src/engine/backend.ts';
import { type PurgeFilter, purgeBy } from '../../../src/engine/purge/purge-instances.ts';
import { createLocalBackend } from '../../../src/local/local-backend.ts';
import { createMemoryBackend } from '../../../src/memory/memory-backend.ts';
import { completedPatch, firstCommit, id, start } from '../../contract/sample-messages.ts';
import { localOptions, removeFolder, temporaryFolder } from '../../support/local-hub.ts';
import { overriding } from '../../support/overriding.ts';
import { LONG } from '../../support/patience.ts';

const COUNT = 2_000;
const ALL: PurgeFilter = { createdTimeFrom: new Date(0), runtimeStatuses: ['Completed'] };
const ambient = { now: () => Date.now(), newId: () => 'new' };

const folder = temporaryFolder();
afterAll(() => {
  removeFolder(folder);
});

async function fill(backend: TaskHubBackend): Promise<void> {
  await backend.createHub();
  for (let first = 0; first < COUNT; first += 500) {
    const some = Array.from({ length: Math.min(500, COUNT - first) }, (_, at) => first + at);
    await Promise.all(
      some.map((number) => {
        const started = start(id(`order-${number}`));
        const { instanceId } = started.target;
        const instance = { ...firstCommit(started).instance, ...completedPatch(started, '"done"') };
        return backend.repairInstance({ instanceId, instance });
      }),
    );
  }
}

async function countOf(backend: TaskHubBackend): Promise<number> {
  let count = 0;
  let continuationToken: string | undefined;
  do {
    const page = await backend.listInstances({
      pageSize: 1000,
      includeInput: false,
      includeOutput: false,
      ...(continuationToken === undefined ? {} : { continuationToken }),
    });
    count += page.instances.length;
    ({ continuationToken } = page);
  } while (continuationToken !== undefined);
  return count;
}

describe.each([
  { storage: 'memory', open: () => createMemoryBackend() },
  { storage: 'local', open: () => createLocalBackend(localOptions(folder)) },
])('a purge of very many instances in $storage', LONG, ({ open }) => {
  it('gets further with each try, wherever storage goes away, and ends', async () => {
    const inner = open();
    await fill(inner);
    expect(await countOf(inner)).toBe(COUNT);
    let left = COUNT;
    let tries = 0;

    for (let isDone = false; !isDone;) {
      tries += 1;
      // A different place each time, also within the first page and at a page's end.
      let calls = 37 * tries;
      const backend = overriding(inner, {
        purgeInstance: (...args) => {
          calls -= 1;
          if (calls < 0) return Promise.reject(new BackendUnavailableError('Storage went away.'));
          return inner.purgeInstance(...args);
        },
      });
      try {
        await purgeBy({ backend, ambient }, ALL);
        isDone = true;
      } catch (error) {
        expect(error).toBeInstanceOf(BackendUnavailableError);
      }
      const now = await countOf(inner);
      expect(now).toBeLessThan(left + (isDone ? 1 : 0));
      left = now;
    }

    expect(left).toBe(0);
    await inner.deleteHub();
  });

  it('gets further with each look at the clock, and says where it goes on', async () => {
    const backend = open();
    await fill(backend);
    let continuationToken: string | undefined;
    let deleted = 0;
    let parts = 0;

    do {
      const range = { deadlineMs: 0, continuationToken };
      const report = await purgeBy({ backend, ambient }, ALL, range);
      ({ continuationToken } = report);
      if (continuationToken !== undefined) expect(report.instancesDeleted).toBeGreaterThan(0);
      deleted += report.instancesDeleted;
      parts += 1;
    } while (continuationToken !== undefined);

    expect(deleted).toBe(COUNT);
    expect(parts).toBeGreaterThan(1);
    expect(await countOf(backend)).toBe(0);
    await backend.deleteHub();
  });
});
