/** Starts over ids of instances that are not finished, where `overridableExistingInstanceStates` is `AnyState`. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { toInstanceId } from '../../src/core/ids.ts';
import { terminateMessage } from '../../src/core/lifecycle/control-messages.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { eventually } from '../support/eventually.ts';
import { LIFECYCLE_APP } from '../support/lifecycle-app.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const MINUTE_MS = 60_000;
const ID = 'taken';
let app: SdkApp;
const hubs: SdkHub[] = [];

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', LIFECYCLE_APP);
});
afterAll(async () => {
  await app.dispose();
});
afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.worker.stop()));
});

interface LaxHub {
  readonly hub: SdkHub;
  readonly client: TaskHubClient;
  readonly startEcho: (input: string) => Promise<string>;
}

function laxHub(passedMs: () => number = () => 0): LaxHub {
  const hub = new SdkHub(app.invoker, { commitWindowMs: 0 });
  hubs.push(hub);
  let nextId = 0;
  const client = new TaskHubClient({
    backend: hub.backend,
    ambient: {
      now: () => hub.clock.now() + passedMs(),
      newId: () => String(nextId++).padStart(32, 'b'),
    },
    log: { write: () => undefined },
    taskHub: 'Test',
    overridableStates: 'AnyState',
  });
  const startEcho = (input: string) =>
    client.start({ name: 'Echo', input: JSON.stringify(input), instanceId: ID });
  return { hub, client, startEcho };
}

async function becomes(hub: SdkHub, expected: Readonly<Record<string, unknown>>): Promise<void> {
  await eventually(async () => {
    const record = await hub.client.findStatus(ID, { input: true });
    return record?.name === expected['name'] && record?.runtimeStatus === 'Completed';
  });
  expect(await hub.client.findStatus(ID, { input: true })).toMatchObject(expected);
}

describe('a start over an instance that is not finished', () => {
  it('ends one that goes from generation to generation', async () => {
    const { hub, startEcho } = laxHub();
    await hub.worker.start();
    await hub.start('Forever', 0, ID);
    await hub.history(ID, (history) => history.length > 0);

    await startEcho('new');

    await becomes(hub, { name: 'Echo', input: '"new"', output: '"new"' });
  });

  it('ends it as a request to terminate does, with a reason, so that its parent hears of it', async () => {
    const { hub, startEcho } = laxHub();
    await hub.worker.start();
    const parent = await hub.start('Parent', { child: 'WaitForEvent', childId: ID });
    await hub.history(ID, (history) => history.length > 0);

    await startEcho('new');

    const { runtimeStatus, output } = await hub.ended(parent);
    expect(runtimeStatus).toBe('Failed');
    expect(output).toContain(`A new instance creation request has been issued for instance ${ID}`);
    await becomes(hub, { name: 'Echo', output: '"new"' });
  });

  it('ends one that is suspended', async () => {
    const { hub, client, startEcho } = laxHub();
    await hub.worker.start();
    await hub.start('WaitForEvent', null, ID);
    await hub.history(ID, (history) => history.length > 0);
    await client.suspend(ID, 'a while');

    await startEcho('new');

    await becomes(hub, { name: 'Echo', output: '"new"' });
  });

  it('ends one that waits for its time', async () => {
    const { hub, client, startEcho } = laxHub();
    await hub.worker.start();
    const scheduledStartTime = new Date(hub.clock.now() + MINUTE_MS).toISOString();
    await client.start({ name: 'WaitForEvent', input: '1', instanceId: ID, scheduledStartTime });

    await startEcho('new');
    await becomes(hub, { name: 'Echo', output: '"new"' });
    hub.clock.skip(2 * MINUTE_MS);

    await becomes(hub, { name: 'Echo', output: '"new"' });
  });

  it('is done by one of many that come at once', async () => {
    const { hub, startEcho } = laxHub();
    await hub.worker.start();
    await hub.start('Forever', 0, ID);
    await hub.history(ID, (history) => history.length > 0);

    await Promise.all(Array.from({ length: 20 }, (_, n) => startEcho(`new ${n}`)));

    await becomes(hub, { name: 'Echo' });
    const record = await hub.client.findStatus(ID, { input: true });
    expect(record?.output).toBe(record?.input);
  });

  it('is refused after three minutes without a worker, and says so', async () => {
    let minutes = 0;
    const { hub, startEcho } = laxHub(() => minutes++ * MINUTE_MS);
    await hub.start('WaitForEvent', null, ID);

    await expect(startEcho('new')).rejects.toThrow(/is still Pending after 180 s/);
  });
});

describe('a request to terminate that is older than the start of its successor', () => {
  it('does not end the successor', async () => {
    const { hub } = laxHub();
    await hub.worker.start();
    await hub.start('Echo', 'old', ID);
    await becomes(hub, { name: 'Echo', output: '"old"' });
    await hub.worker.stop();
    const earlier = new Date(hub.clock.now() - 1000).toISOString();
    const next = new SdkHub(app.invoker, { commitWindowMs: 0 }, () => hub.backend);
    hubs.push(next);
    await next.start('Echo', 'new', ID);
    await next.backend.sendMessage(terminateMessage(toInstanceId(ID), 'late', earlier));
    await next.worker.start();

    expect(await next.ended(ID)).toMatchObject({ runtimeStatus: 'Completed', output: '"new"' });
  });
});
