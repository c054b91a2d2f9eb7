/** Rewind, with the official SDKs: what failed runs again, everything else does not. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { azureOptions } from '../azure-storage/azure-options.ts';
import { eventually } from '../support/eventually.ts';
import { breakIt, LIFECYCLE_APP, mend, runsBelow, runsOf } from '../support/lifecycle-app.ts';
import { ALL_SDKS, loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { failAt, type Fault } from '../support/failing-backend.ts';
import { brief, SdkHub } from '../support/sdk-hub.ts';

const SETTINGS = [
  { how: 'with sessions kept', settings: {} },
  {
    how: 'with every session read from storage',
    settings: { sessionCacheBytes: 0, commitWindowMs: 0 },
  },
];
const hubs: SdkHub[] = [];
let nextKey = 0;

afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.worker.stop()));
});

async function startHub(app: SdkApp, settings: object = {}): Promise<SdkHub> {
  const hub = new SdkHub(app.invoker, settings);
  hubs.push(hub);
  await hub.worker.start();
  return hub;
}

function freshKey(): string {
  return `rewind${nextKey++}`;
}

async function failed(hub: SdkHub, name: string, input: unknown, id?: string): Promise<string> {
  const instanceId = await hub.start(name, input, id);
  expect(await hub.ended(instanceId)).toMatchObject({ runtimeStatus: 'Failed' });
  return instanceId;
}

function clientOf(backend: TaskHubBackend): TaskHubClient {
  const ambient = { now: () => Date.now(), newId: () => 'f'.repeat(32) };
  return new TaskHubClient({ backend, ambient, log: silentLogger, taskHub: 'Test' });
}

/** Rewinds and waits for the next end. */
async function rewound(hub: SdkHub, instanceId: string) {
  await hub.client.rewind(instanceId, 'again');
  return hub.ended(instanceId);
}

describe.each(ALL_SDKS.flatMap((sdk) => SETTINGS.map((setting) => ({ sdk, ...setting }))))(
  'durable-functions $sdk $how: a rewind',
  ({ sdk, settings }) => {
    let app: SdkApp;
    beforeAll(async () => {
      app = await loadSdkApp(sdk, LIFECYCLE_APP);
    });
    afterAll(async () => {
      await app.dispose();
    });

    it('runs a failed activity again', async () => {
      const hub = await startHub(app, settings);
      const key = freshKey();
      const id = await failed(hub, 'One', { key, times: 1 });

      expect(await rewound(hub, id)).toMatchObject({
        runtimeStatus: 'Completed',
        output: `"Hello, ${key}"`,
      });
      expect(runsOf(key)).toBe(2);
      expect((await hub.client.readHistory(id)).map(brief)).toEqual([
        'OrchestratorStarted',
        'ExecutionStarted',
        'GenericEvent',
        'OrchestratorCompleted',
        'OrchestratorStarted',
        'GenericEvent',
        'GenericEvent',
        'OrchestratorCompleted',
        'OrchestratorStarted',
        'GenericEvent',
        'TaskScheduled 0 Flaky',
        'OrchestratorCompleted',
        'OrchestratorStarted',
        'TaskCompleted 0',
        'ExecutionCompleted',
        'OrchestratorCompleted',
      ]);
    });

    it('may be needed twice, when one activity after the other fails', async () => {
      const hub = await startHub(app, settings);
      const key = freshKey();
      const id = await failed(hub, 'Two', { key, times: 1 });

      expect(await rewound(hub, id)).toMatchObject({ runtimeStatus: 'Failed' });
      expect(await rewound(hub, id)).toMatchObject({
        runtimeStatus: 'Completed',
        output: JSON.stringify([`${key}:first`, `${key}:second`]),
      });
      expect(runsBelow(key)).toEqual({ ':first': 2, ':second': 2 });
    });

    it('runs of a fan-out only what failed', async () => {
      const hub = await startHub(app, settings);
      const key = freshKey();
      const id = await failed(hub, 'Fan', { key, failing: [1, 3], times: 1 });

      expect(await rewound(hub, id)).toMatchObject({
        runtimeStatus: 'Completed',
        output: JSON.stringify([0, 1, 2, 3].map((n) => `${key}:${n}`)),
      });
      expect(runsBelow(key)).toEqual({ ':0': 1, ':1': 2, ':2': 1, ':3': 2 });
    });

    it('goes on where an orchestrator threw that was mended since, and touches no other instance', async () => {
      const hub = await startHub(app, settings);
      const key = freshKey();
      breakIt(key);
      const id = await failed(hub, 'Throws', { key });
      const other = await failed(hub, 'Throws', { key });
      const before = await hub.client.readHistory(other);
      mend(key);

      expect(await rewound(hub, id)).toMatchObject({ runtimeStatus: 'Completed', output: '6' });
      expect(await hub.client.readHistory(other)).toEqual(before);
      expect(runsBelow(key)).toEqual({ ':before': 2, ':after': 1 });
    });

    it('reaches a sub-orchestration that threw, twice', async () => {
      const hub = await startHub(app, settings);
      const key = freshKey();
      breakIt(key);
      const id = await failed(hub, 'Parent', { child: 'Throws', input: { key } });
      expect(await rewound(hub, id)).toMatchObject({ runtimeStatus: 'Failed' });
      mend(key);

      expect(await rewound(hub, id)).toMatchObject({ runtimeStatus: 'Completed', output: '6' });
      expect(runsBelow(key)).toEqual({ ':before': 1, ':after': 1 });
    });

    it('reaches a failed activity two levels down, twice', async () => {
      const hub = await startHub(app, settings);
      const key = freshKey();
      const child = { child: 'One', input: { key, times: 2 } };
      const id = await failed(hub, 'Parent', { child: 'Parent', input: child });
      expect(await rewound(hub, id)).toMatchObject({ runtimeStatus: 'Failed' });

      expect(await rewound(hub, id)).toMatchObject({ runtimeStatus: 'Completed' });
      expect(runsOf(key)).toBe(3);
    });

    it.each([1, 2])(
      'repeated %i times mends a tree and runs everything else exactly once',
      async (times) => {
        const hub = await startHub(app, settings);
        const key = freshKey();
        const id = await failed(hub, 'Tree', { key, times, id: key }, key);
        for (let n = 1; n < times; n++) {
          expect(await rewound(hub, id)).toMatchObject({ runtimeStatus: 'Failed' });
        }

        expect(await rewound(hub, id)).toMatchObject({ runtimeStatus: 'Completed', output: '16' });
        const fan = (n: number, failing: number) => ({
          [`:${n}:0`]: 1,
          [`:${n}:1`]: failing,
          [`:${n}:2`]: failing,
          [`:${n}:3`]: 1,
        });
        expect(runsBelow(key)).toEqual({
          ...fan(0, 1 + times),
          ...fan(1, 1 + times),
          ...fan(2, 1),
          ...fan(3, 1),
          ':end': 1,
        });
        await eventually(async () => {
          expect(await hub.client.entities.readState('Register', key)).toBe(
            sdk === '1.5.4' ? '1' : '2',
          );
          return true;
        });
      },
    );

    it('does not disturb a timer that rang before the failure', async () => {
      const hub = await startHub(app, settings);
      const key = freshKey();
      const id = await failed(hub, 'AfterTimer', { key, times: 1 });

      expect(await rewound(hub, id)).toMatchObject({ runtimeStatus: 'Completed' });
    });

    it.each(['Retries', 'RetriesChild'])(
      'gives what used up its retries its last attempt again (%s)',
      async (name) => {
        const hub = await startHub(app, settings);
        const key = freshKey();
        const id = await failed(hub, name, { key, times: 3 });
        expect(await rewound(hub, id)).toMatchObject({ runtimeStatus: 'Failed' });

        expect(await rewound(hub, id)).toMatchObject({ runtimeStatus: 'Completed' });
        expect(runsOf(key)).toBe(4);
      },
    );

    it('gives one of several that used up its retries its last attempt again', async () => {
      const hub = await startHub(app, settings);
      const key = freshKey();
      const id = await failed(hub, 'RetriesAll', { key, times: 2 });

      expect(await rewound(hub, id)).toMatchObject({ runtimeStatus: 'Completed', output: '3' });
      expect(runsBelow(key)).toEqual({ ':0': 1, ':1': 3, ':2': 1 });
    });

    it('leaves a failure alone that the orchestrator coped with', async () => {
      const hub = await startHub(app, settings);
      const key = freshKey();
      const id = await failed(hub, 'Copes', { key, times: 1 });

      expect(await rewound(hub, id)).toMatchObject({ runtimeStatus: 'Completed' });
      expect(runsBelow(key)).toEqual({ ':caught': 1, ':instead': 1, ':uncaught': 2 });
    });

    it('after a clean-up ends in the same failure, and cleans up no second time', async () => {
      const hub = await startHub(app, settings);
      const key = freshKey();
      const id = await failed(hub, 'CleansUp', { key, times: 1 });
      const before = await hub.client.findStatus(id, { input: false });

      const { runtimeStatus, output } = await rewound(hub, id);

      expect({ runtimeStatus, output }).toEqual({
        runtimeStatus: 'Failed',
        output: before?.output,
      });
      expect(runsBelow(key)).toEqual({ '': 1, ':clean': 1 });
    });
  },
);

describe('a rewind', () => {
  let app: SdkApp;
  beforeAll(async () => {
    app = await loadSdkApp('3.5.0', LIFECYCLE_APP);
  });
  afterAll(async () => {
    await app.dispose();
  });

  it('of a child alone leaves its parent failed; the parent then hears the answer when it is rewound', async () => {
    const hub = await startHub(app);
    const key = freshKey();
    const input = { child: 'One', childId: `${key}-child`, input: { key, times: 1 } };
    const id = await failed(hub, 'Parent', input);

    expect(await rewound(hub, `${key}-child`)).toMatchObject({ runtimeStatus: 'Completed' });
    expect(await hub.client.findStatus(id, { input: false })).toMatchObject({
      runtimeStatus: 'Failed',
    });

    expect(await rewound(hub, id)).toMatchObject({
      runtimeStatus: 'Completed',
      output: `"Hello, ${key}"`,
    });
    expect(runsOf(key)).toBe(2);
  });

  it('starts a child anew that was purged', async () => {
    const hub = await startHub(app);
    const key = freshKey();
    const input = { child: 'One', childId: `${key}-child`, input: { key, times: 1 } };
    const id = await failed(hub, 'Parent', input);
    expect(await hub.client.purge(`${key}-child`)).toBe(1);

    expect(await rewound(hub, id)).toMatchObject({ runtimeStatus: 'Completed' });
  });

  it('starts a child anew that was terminated', async () => {
    const hub = await startHub(app);
    const key = freshKey();
    const childId = `${key}-child`;
    const id = await hub.start('Parent', { child: 'WaitForEvent', childId });
    await hub.history(childId, (history) => history.length > 0);
    await hub.client.terminate(childId, 'enough');
    expect(await hub.ended(id)).toMatchObject({ runtimeStatus: 'Failed' });

    await hub.client.rewind(id, null);
    await eventually(async () => {
      await hub.client.raiseEvent(childId, 'Go', '"now"');
      return true;
    });

    expect(await hub.ended(id)).toMatchObject({ runtimeStatus: 'Completed', output: '"now"' });
  });

  it.each(['Completed', 'Running', 'Terminated'])(
    'refuses an instance that is %s',
    async (state) => {
      const hub = await startHub(app);
      const name = state === 'Completed' ? 'Echo' : 'WaitForEvent';
      const id = await hub.start(name, 1);
      await hub.history(id, (history) => history.length > 2);
      if (state === 'Terminated') await hub.client.terminate(id, 'enough');
      if (state !== 'Running') await hub.ended(id);
      const before = await hub.client.findStatus(id, { input: true });

      await expect(hub.client.rewind(id, 'again')).rejects.toMatchObject({
        code: 'INSTANCE_STATE_CONFLICT',
        message: `This orchestration has status ${state}, but only orchestrations in the "Failed" state can be rewound.`,
      });
      expect(await hub.client.findStatus(id, { input: true })).toEqual(before);
    },
  );

  it('mends a tree in Azure Storage, with failures too long for a row', async () => {
    const backend = createAzureStorageBackend(azureOptions());
    await backend.createHub();
    const hub = new SdkHub(app.invoker, {}, () => backend);
    hubs.push(hub);
    await hub.worker.start();
    const key = `${freshKey()}${'x'.repeat(70_000)}`;
    const input = { key, failing: [1, 2], times: 1 };
    const id = await hub.start('Parent', { child: 'Parent', input: { child: 'Fan', input } });
    expect(await hub.ended(id, 20_000)).toMatchObject({ runtimeStatus: 'Failed' });

    await hub.client.rewind(id, 'again');

    await eventually(async () => {
      expect(await hub.ended(id, 20_000)).toMatchObject({ runtimeStatus: 'Completed' });
      return true;
    });
    expect(runsBelow(key)).toEqual({ ':0': 1, ':1': 2, ':2': 2, ':3': 1 });
    await hub.worker.stop();
    await backend.deleteHub();
  });

  it('refuses an instance that does not exist', async () => {
    const hub = await startHub(app);

    await expect(hub.client.rewind('nope', null)).rejects.toMatchObject({
      code: 'INSTANCE_NOT_FOUND',
    });
  });

  it('shows no output of the failure while the instance runs again, nor after a null result', async () => {
    const hub = await startHub(app);
    const key = freshKey();
    const id = await failed(hub, 'Parent', { child: 'One', input: { key, times: 1 } });
    await hub.worker.stop();

    await hub.client.rewind(id, 'again');

    expect(await hub.client.findStatus(id, { input: true })).toMatchObject({
      runtimeStatus: 'Pending',
      output: null,
      completedTime: null,
    });
  });
});

describe.each<Fault>(['before', 'after'])('a rewind that breaks off %s a write', (fault) => {
  let app: SdkApp;
  beforeAll(async () => {
    app = await loadSdkApp('3.5.0', LIFECYCLE_APP);
  });
  afterAll(async () => {
    await app.dispose();
  });

  // Three histories, two rows below the root, three messages (two at most are needed), the root's row.
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'completes when it is asked for again (write %i)',
    async (write) => {
      const hub = await startHub(app);
      const key = freshKey();
      const grandchild = { child: 'Fan', input: { key, failing: [1, 2], times: 1 } };
      const id = await failed(hub, 'Parent', { child: 'Parent', input: grandchild });
      const broken = clientOf(
        failAt(hub.backend, ['rewriteHistory', 'reviveInstance', 'sendMessage'], { write, fault }),
      );

      await broken.rewind(id, 'first').catch((error: unknown) => {
        expect(error).toMatchObject({ message: 'The test lets this write fail.' });
      });
      // It may be on its way already.
      await hub.client.rewind(id, 'again').catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'INSTANCE_STATE_CONFLICT' });
      });

      expect(await hub.ended(id)).toMatchObject({ runtimeStatus: 'Completed' });
      expect(runsBelow(key)).toEqual({ ':0': 1, ':1': 2, ':2': 2, ':3': 1 });
    },
  );
});
