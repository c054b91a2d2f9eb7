/** A purge of an instance with all below it that breaks off anywhere: a worker goes on with it, and nobody has to ask again. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BackendUnavailableError } from '../../../src/core/errors.ts';
import { toInstanceId } from '../../../src/core/ids.ts';
import type { TaskHubBackend } from '../../../src/engine/backend.ts';
import { PurgeResumer } from '../../../src/engine/purge/purge-resumer.ts';
import { silentLogger } from '../../../src/telemetry/log.ts';
import { eventually } from '../../support/eventually.ts';
import { LIFECYCLE_APP } from '../../support/lifecycle-app.ts';
import { overriding } from '../../support/overriding.ts';
import { loadSdkApp, type SdkApp } from '../../support/sdk-app.ts';
import { SdkHub } from '../../support/sdk-hub.ts';

/** A root with two children that have two each. */
const FAMILY = ['f', 'f.0', 'f.1', 'f.0.0', 'f.0.1', 'f.1.0', 'f.1.1'];
/** Note it, purge seven, forget it. */
const WRITES = FAMILY.length + 2;

/** What a storage does that goes away with its write number `count`. */
interface Breaking {
  count: number;
  /** Whether that write is done all the same. */
  readonly isLying: boolean;
}

let app: SdkApp;
const hubs: SdkHub[] = [];

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', LIFECYCLE_APP);
});
afterAll(() => app.dispose());
afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.worker.stop()));
});

/** The whole family, all of it over, on a storage that goes away. */
async function familyIsOver(breaking: Breaking): Promise<SdkHub> {
  const breakable = { count: Infinity, isLying: breaking.isLying };
  const hub = new SdkHub(app.invoker, {}, (inner) => overriding(inner, broken(inner, breakable)));
  hubs.push(hub);
  await hub.worker.start();
  await hub.start('Family', { levels: 2, id: 'f' }, 'f');
  for (const id of FAMILY) await hub.history(id, (history) => history.length > 0);
  await hub.client.trees.terminate('f', null);
  for (const id of FAMILY) await hub.ended(id);
  breakable.count = breaking.count;
  return hub;
}

function broken(inner: TaskHubBackend, breaking: Breaking): Partial<TaskHubBackend> {
  const write = async <Result>(act: () => Promise<Result>): Promise<Result> => {
    breaking.count -= 1;
    if (breaking.count > 0) return await act();
    if (breaking.count === 0 && breaking.isLying) await act();
    throw new BackendUnavailableError('Storage went away.');
  };
  return {
    notePurge: (purge) => write(() => inner.notePurge(purge)),
    forgetPurge: (purge) => write(() => inner.forgetPurge(purge)),
    purgeInstance: (...args) => write(() => inner.purgeInstance(...args)),
  };
}

async function left(hub: SdkHub): Promise<readonly string[]> {
  const found = await Promise.all(
    FAMILY.map(async (id) => ((await hub.client.findStatus(id, { input: false })) ? [id] : [])),
  );
  return found.flat();
}

/** Another process looks for what broke off. */
async function resume(hub: SdkHub): Promise<void> {
  let looks = 0;
  const resumer = new PurgeResumer({
    backend: hub.backend,
    ambient: { now: Date.now, newId: () => 'id' },
    log: silentLogger,
    taskHub: 'Test',
    wait: async (_, signal) => {
      looks += 1;
      if (looks === 1) return;
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          resolve();
        });
      });
    },
  });
  resumer.start();
  await eventually(() => looks === 2);
  await resumer.stop();
}

describe('a purge of a whole tree', () => {
  const breaks = Array.from({ length: WRITES }, (_, index) => index + 1).flatMap((count) => [
    { count, isLying: false },
    { count, isLying: true },
  ]);

  it.each(breaks)(
    'is finished by a worker when it broke off at write $count (done all the same: $isLying)',
    async (breaking) => {
      const hub = await familyIsOver(breaking);
      const asked = hub.client.trees.purge('f');
      // That all is gone is known before the note of it is.
      if (breaking.count === WRITES) expect((await asked).instances).toHaveLength(7);
      else await expect(asked).rejects.toThrow(BackendUnavailableError);
      const hasBegun = breaking.count > 1 || breaking.isLying;
      const next = hub.again(app.invoker);
      if (breaking.count <= WRITES - 2) expect(await left(next)).toContain('f');

      await resume(next);

      expect(await left(next)).toEqual(hasBegun ? [] : FAMILY);
      expect(await next.backend.listPurges()).toEqual([]);
      for (const id of hasBegun ? FAMILY : []) {
        expect(await next.client.readHistory(id)).toEqual([]);
      }
    },
  );

  it('spares a root that was started anew since it broke off', async () => {
    const hub = await familyIsOver({ count: 4, isLying: false });
    await expect(hub.client.trees.purge('f')).rejects.toThrow(BackendUnavailableError);
    const next = hub.again(app.invoker);
    await next.start('WaitForEvent', null, 'f');
    const before = await left(next);

    await resume(next);

    expect(await left(next)).toEqual(before);
    expect(await next.backend.listPurges()).toEqual([]);
  });

  it('spares a child whose id was taken since it was looked at, and goes on', async () => {
    const hub = await familyIsOver({ count: Infinity, isLying: false });
    const child = await hub.backend.findInstance(toInstanceId('f.0.0'));
    const purged: string[] = [];
    const slow = hub.again(app.invoker);
    const client = new SdkHub(
      app.invoker,
      {},
      (inner) =>
        overriding(inner, {
          purgeInstance: async (id, record) => {
            if (purged.length === 0) await slow.start('WaitForEvent', null, 'f.0.0');
            purged.push(id);
            return await inner.purgeInstance(id, record);
          },
        }),
      hub,
    ).client;

    await client.trees.purge('f');

    expect(await left(hub)).toEqual(['f.0.0']);
    const now = await hub.backend.findInstance(toInstanceId('f.0.0'));
    expect(now?.executionId).not.toBe(child?.executionId);
  });

  it('finds the row of a child again that a purge left without its history', async () => {
    const hub = await familyIsOver({ count: Infinity, isLying: false });
    const row = await hub.backend.findInstance(toInstanceId('f.1.1'));
    if (row === undefined) throw new Error('There is no row.');
    await hub.client.purge('f.1.1');
    const { etag: _etag, instanceId, ...instance } = row;
    await hub.backend.repairInstance({
      instanceId,
      instance: {
        executionId: instance.executionId ?? '',
        parentInstanceId: instance.parentInstanceId,
        customStatus: null,
        lastUpdatedTime: instance.lastUpdatedTime,
        createdTime: instance.createdTime,
        name: instance.name,
        runtimeStatus: 'Terminated',
      },
    });

    await hub.client.trees.purge('f');

    expect(await left(hub)).toEqual([]);
  });
});
