/** Entities as clients see them: signals, lists and house-keeping. */
import { afterEach, describe, expect, it } from 'vitest';
import type { EntityInvocation, EntityOutcome } from '../../../src/engine/function-invoker.ts';
import { encodeRequest } from '../../../src/core/entity/request-message.ts';
import { toInstanceId } from '../../../src/core/ids.ts';
import { eventually } from '../../support/eventually.ts';
import { answered, event, eventRaised } from '../../support/history.ts';
import { ScriptedInvoker } from '../../support/scripted-invoker.ts';
import { SdkHub } from '../../support/sdk-hub.ts';

const hubs: SdkHub[] = [];
const HOUR_MS = 60 * 60 * 1000;

afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.worker.stop()));
});

/** `set` keeps its input, `delete` ends the entity. */
function register({ exists, state, operations }: EntityInvocation): EntityOutcome {
  const last = operations.at(-1);
  const results = operations.map(() => ({ isError: false, result: null }));
  return last?.name === 'delete'
    ? { kind: 'ran', exists: false, state: null, results, signals: [] }
    : {
        kind: 'ran',
        exists: last ? true : exists,
        state: last?.input ?? state,
        results,
        signals: [],
      };
}

async function startHub(): Promise<SdkHub> {
  const orchestrators = { Wait: () => answered([event('Go')]) };
  const hub = new SdkHub(new ScriptedInvoker({ orchestrators, entities: { register } }));
  hubs.push(hub);
  await hub.worker.start();
  return hub;
}

async function set(hub: SdkHub, key: string, value: unknown): Promise<void> {
  await hub.client.entities.signal('Register', key, 'set', JSON.stringify(value));
  await eventually(async () => (await read(hub, key)) === JSON.stringify(value));
}

async function remove(hub: SdkHub, key: string): Promise<void> {
  await hub.client.entities.signal('Register', key, 'delete', null);
  await eventually(async () => (await read(hub, key)) === undefined);
}

const read = (hub: SdkHub, key: string) => hub.client.entities.readState('register', key);

async function keys(
  hub: SdkHub,
  query: Partial<Parameters<SdkHub['client']['entities']['list']>[0]> = {},
): Promise<string[]> {
  const found: string[] = [];
  let token: string | undefined;
  do {
    const page = await hub.client.entities.list({
      pageSize: 100,
      ...query,
      ...(token !== undefined && { continuationToken: token }),
    });
    found.push(...page.entities.map(({ entityId }) => entityId.key));
    token = page.continuationToken;
  } while (token !== undefined);
  return found.sort();
}

describe('a signal', () => {
  it('may be scheduled for later', async () => {
    const hub = await startHub();
    const scheduledTime = new Date(hub.clock.now() + HOUR_MS);
    await hub.client.entities.signal('register', 'k', 'set', '"late"', { scheduledTime });
    await set(hub, 'k', 'early');

    hub.clock.skip(HOUR_MS - 5000);
    await set(hub, 'other', 1);
    expect(await read(hub, 'k')).toBe('"early"');
    hub.clock.skip(5000);
    await eventually(async () => (await read(hub, 'k')) === '"late"');
  });

  it('that is weeks away waits in turns, and keeps its time', async () => {
    const hub = await startHub();
    const scheduledTime = new Date(hub.clock.now() + 20 * 24 * HOUR_MS);
    await hub.client.entities.signal('register', 'k', 'set', '"late"', { scheduledTime });

    for (let days = 0; days < 19; days += 1) hub.clock.skip(24 * HOUR_MS);
    await set(hub, 'other', 1);
    expect(await read(hub, 'k')).toBeUndefined();
    await eventually(async () => {
      hub.clock.skip(HOUR_MS);
      return (await read(hub, 'k')) === '"late"';
    });
    expect(hub.clock.now()).toBeGreaterThanOrEqual(scheduledTime.getTime());
  });

  it.each([
    ['', 'k', "'' is not an entity name."],
    ['a@b', 'k', "'a@b' is not an entity name."],
    ['a', 'x/y', 'Entity keys must not contain /, \\, #, ?, or control characters.'],
    ['a', 'x#y', 'Entity keys must not contain /, \\, #, ?, or control characters.'],
    ['a', 'x\u0007', 'Entity keys must not contain /, \\, #, ?, or control characters.'],
  ])('to %j %j is refused', async (name, key, message) => {
    const hub = await startHub();

    await expect(hub.client.entities.signal(name, key, 'op', null)).rejects.toThrow(message);
  });

  it('to an entity whose id fits in no storage is refused', async () => {
    const hub = await startHub();

    await expect(hub.client.entities.signal('a', 'k'.repeat(510), 'op', null)).rejects.toThrow(
      /@name@key must not exceed 512 characters/,
    );
  });

  it.each(['', '@', 'a@b', 'ä ö', '%25', "it's", 'K', 'k'])('reaches the key %j', async (key) => {
    const hub = await startHub();
    await set(hub, key, 1);

    expect(await keys(hub)).toEqual([key]);
  });
});

describe('the list of entities', () => {
  it('shows what exists, with the state when it is asked for', async () => {
    const hub = await startHub();
    await set(hub, 'a', { n: 1 });
    await set(hub, 'b', 2);
    await remove(hub, 'b');

    const { entities } = await hub.client.entities.list({ pageSize: 10, fetchState: true });
    expect(entities).toMatchObject([
      { entityId: { name: 'register', key: 'a' }, exists: true, state: '{"n":1}' },
    ]);
    expect(await keys(hub, { includeDeleted: true })).toEqual(['a', 'b']);
    expect(await keys(hub, { entityName: 'REGISTER' })).toEqual(['a']);
    expect(await keys(hub, { entityName: 'other' })).toEqual([]);
  });

  it('knows when an entity last did something', async () => {
    const hub = await startHub();
    await set(hub, 'old', 1);
    await set(hub, 'used', 1);
    hub.clock.skip(HOUR_MS);
    const between = new Date(hub.clock.now() - HOUR_MS / 2);
    await set(hub, 'used', 2);

    expect(await keys(hub, { lastOperationFrom: between })).toEqual(['used']);
    expect(await keys(hub, { lastOperationTo: between })).toEqual(['old']);
  });

  it.each([1, 2, 3])('comes in pages of %i', async (pageSize) => {
    const hub = await startHub();
    for (const key of ['a', 'b', 'c', 'd']) await set(hub, key, 1);
    for (const key of ['a', 'b', 'c']) await remove(hub, key);

    expect(await keys(hub, { pageSize })).toEqual(['d']);
    expect(await keys(hub, { pageSize, includeDeleted: true })).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('cleaning', () => {
  const all = { removeEmptyEntities: true, releaseOrphanedLocks: true };

  /** Locks `@register@<key>` for an orchestration that there may or may not be. */
  async function lock(hub: SdkHub, key: string, owner: string): Promise<void> {
    const input = encodeRequest({
      operation: null,
      isSignal: false,
      input: null,
      id: `lock of ${key}`,
      parentInstanceId: owner,
      parentExecutionId: null,
      due: null,
      lockSet: [{ name: 'register', key }],
    });
    await hub.backend.sendMessage({
      event: eventRaised('op', input),
      target: { instanceId: toInstanceId(`@register@${key}`), executionId: null },
      sender: { instanceId: owner, executionId: null },
    });
    await eventually(async () => (await status(hub, key))?.includes('lockedBy'));
  }

  const status = async (hub: SdkHub, key: string) =>
    (await hub.client.findStatus(`@register@${key}`, { input: false }))?.customStatus;

  it('purges entities that were deleted longer ago than the reorder window', async () => {
    const hub = await startHub();
    for (const key of ['gone', 'lately', 'kept']) await set(hub, key, 1);
    await remove(hub, 'gone');
    hub.clock.skip(HOUR_MS);
    await remove(hub, 'lately');

    expect(await hub.client.entities.cleanStorage(all)).toEqual({
      emptyEntitiesRemoved: 1,
      orphanedLocksReleased: 0,
      continuationToken: undefined,
    });
    expect(await keys(hub, { includeDeleted: true })).toEqual(['kept', 'lately']);
  });

  it('releases locks whose owner does not run', async () => {
    const hub = await startHub();
    await set(hub, 'k', 1);
    await lock(hub, 'k', 'nobody');
    await hub.client.entities.signal('register', 'k', 'set', '2');

    const { orphanedLocksReleased } = await hub.client.entities.cleanStorage(all);

    expect(orphanedLocksReleased).toBe(1);
    await eventually(async () => (await read(hub, 'k')) === '2');
    expect(await status(hub, 'k')).toBe('{"entityExists":true}');
  });

  it('leaves alone what it was not asked to clean', async () => {
    const hub = await startHub();
    await set(hub, 'gone', 1);
    await remove(hub, 'gone');
    await lock(hub, 'k', 'nobody');
    hub.clock.skip(HOUR_MS);

    expect(
      await hub.client.entities.cleanStorage({
        removeEmptyEntities: false,
        releaseOrphanedLocks: false,
      }),
    ).toMatchObject({ emptyEntitiesRemoved: 0, orphanedLocksReleased: 0 });
  });

  it('leaves alone the locks of what runs', async () => {
    const hub = await startHub();
    await hub.start('Wait', undefined, 'owner');
    await hub.history('owner', (history) => history.length > 0);
    await lock(hub, 'k', 'owner');

    expect(await hub.client.entities.cleanStorage(all)).toMatchObject({ orphanedLocksReleased: 0 });
    // The look at the lock may wait in the entity's queue for a moment.
    await expect.poll(() => status(hub, 'k'), { timeout: 5_000 }).toBe('{"lockedBy":"owner"}');
  });
});
