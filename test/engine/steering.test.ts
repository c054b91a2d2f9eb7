/** Terminate, suspend, resume, restart and purge, with the official SDKs on a hub in memory. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isTerminal } from '../../src/core/instance-status.ts';
import type { InstanceRecord } from '../../src/core/instance-status.ts';
import type { HistoryEventType } from '../../src/core/history-event.ts';
import { toInstanceId } from '../../src/core/ids.ts';
import { eventually } from '../support/eventually.ts';
import { breakIt, LIFECYCLE_APP, mend, openGate, runsOf } from '../support/lifecycle-app.ts';
import { loadSdkApp, type Sdk, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const hubs: SdkHub[] = [];
let nextId = 0;

afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.worker.stop()));
});

async function startHub(app: SdkApp): Promise<SdkHub> {
  const hub = new SdkHub(app.invoker, { commitWindowMs: 0 });
  hubs.push(hub);
  await hub.worker.start();
  return hub;
}

function freshId(): string {
  return `steering${nextId++}`;
}

/** Starts an instance and waits until its history holds such an event. */
async function started(
  hub: SdkHub,
  name: string,
  { input, until = 'OrchestratorCompleted' }: { input?: unknown; until?: HistoryEventType } = {},
): Promise<string> {
  const id = await hub.start(name, input, freshId());
  await seen(hub, id, until);
  return id;
}

async function seen(hub: SdkHub, id: string, type: HistoryEventType): Promise<void> {
  await hub.history(id, (history) => history.some(({ EventType }) => EventType === type));
}

async function status(hub: SdkHub, id: string): Promise<InstanceRecord | undefined> {
  return hub.client.findStatus(id, { input: true });
}

async function hasStatus(hub: SdkHub, id: string, wanted: string): Promise<void> {
  await eventually(async () => (await status(hub, id))?.runtimeStatus === wanted);
}

describe.each<Sdk>(['2.1.3', '3.5.0'])('durable-functions %s', (sdk) => {
  let app: SdkApp;
  beforeAll(async () => {
    app = await loadSdkApp(sdk, LIFECYCLE_APP);
  });
  afterAll(async () => {
    await app.dispose();
  });

  describe('terminate', () => {
    const WAITING: readonly { name: string; input?: unknown; until: HistoryEventType }[] = [
      { name: 'WaitForEvent', until: 'OrchestratorCompleted' },
      { name: 'WaitForTimer', until: 'TimerCreated' },
      { name: 'WaitForActivity', until: 'TaskScheduled' },
      { name: 'WaitForEntity', until: 'EventSent' },
      { name: 'WaitForRetry', until: 'TimerCreated' },
      {
        name: 'Parent',
        input: { child: 'WaitForEvent' },
        until: 'SubOrchestrationInstanceCreated',
      },
      { name: 'Forever', until: 'ExecutionStarted' },
    ];

    it.each(WAITING)('ends $name, with the reason as output', async ({ name, input, until }) => {
      const hub = await startHub(app);
      const id = await started(hub, name, { input, until });

      await hub.client.terminate(id, 'sayōnara "1"');

      expect(await hub.ended(id)).toMatchObject({
        runtimeStatus: 'Terminated',
        output: 'sayōnara "1"',
      });
      openGate(id);
    });

    it('works without a reason, and with one of 200,000 characters', async () => {
      const hub = await startHub(app);
      const long = 'r'.repeat(200_000);
      const [quiet, loud] = [
        await started(hub, 'WaitForEvent'),
        await started(hub, 'WaitForEvent'),
      ];

      await hub.client.terminate(quiet, null);
      await hub.client.terminate(loud, long);

      expect((await hub.ended(quiet)).output).toBeNull();
      expect((await hub.ended(loud)).output).toBe(long);
    });

    it('is not undone by the late result of an activity', async () => {
      const hub = await startHub(app);
      const id = await started(hub, 'WaitForActivity', { until: 'TaskScheduled' });
      await eventually(() => runsOf(id) === 1);
      await hub.client.terminate(id, 'enough');
      const before = await hub.ended(id);
      const history = await hub.client.readHistory(id);

      openGate(id);
      await discarded(hub, id, 'TaskCompleted');

      expect(await hub.client.findStatus(id, { input: false })).toEqual(before);
      expect(await hub.client.readHistory(id)).toEqual(history);
    });

    it('leaves sub-orchestrations alone', async () => {
      const hub = await startHub(app);
      const childId = freshId();
      const id = await started(hub, 'Parent', { input: { child: 'WaitForEvent', childId } });
      await seen(hub, childId, 'OrchestratorCompleted');
      await hub.client.terminate(id, 'enough');
      await hub.ended(id);

      await hub.client.raiseEvent(childId, 'Go', '1');

      expect(await hub.ended(childId)).toMatchObject({ runtimeStatus: 'Completed', output: '1' });
      expect(await status(hub, id)).toMatchObject({ runtimeStatus: 'Terminated' });
    });

    it('ends a suspended instance', async () => {
      const hub = await startHub(app);
      const id = await started(hub, 'WaitForEvent');
      await hub.client.suspend(id, 'pause');
      await hasStatus(hub, id, 'Suspended');

      await hub.client.terminate(id, 'enough');

      expect(await hub.ended(id)).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
    });

    it('keeps an instance from starting later', async () => {
      const hub = await startHub(app);
      const scheduledStartTime = new Date(hub.clock.now() + MINUTE_MS).toISOString();
      const id = freshId();
      await hub.client.start({ name: 'Echo', input: '1', instanceId: id, scheduledStartTime });

      await hub.client.terminate(id, 'never');
      expect(await hub.ended(id)).toMatchObject({ runtimeStatus: 'Terminated', output: 'never' });
      hub.clock.skip(2 * MINUTE_MS);
      await discarded(hub, id, 'ExecutionStarted');

      expect(await status(hub, id)).toMatchObject({ runtimeStatus: 'Terminated', output: 'never' });
    });

    it('lets the id be used again at once; the old run does not come back', async () => {
      const hub = await startHub(app);
      const id = await started(hub, 'WaitForEvent');
      await hub.client.terminate(id, 'old');
      await hub.ended(id);

      await hub.start('Echo', 'new', id);

      await hasStatus(hub, id, 'Completed');
      expect(await status(hub, id)).toMatchObject({ name: 'Echo', output: '"new"' });
    });

    it('refuses what is finished and what is not there', async () => {
      const hub = await startHub(app);
      const id = await started(hub, 'Echo', { input: 1, until: 'ExecutionCompleted' });
      const before = await hub.ended(id);

      await expect(hub.client.terminate(id, 'x')).rejects.toMatchObject({
        code: 'INSTANCE_STATE_CONFLICT',
      });
      await expect(hub.client.terminate('nope', 'x')).rejects.toThrow(
        "No instance with ID 'nope' found.",
      );
      expect(await hub.client.findStatus(id, { input: false })).toEqual(before);
    });
  });

  describe('suspend', () => {
    async function suspended(hub: SdkHub, name: string, until?: HistoryEventType) {
      const id = await started(hub, name, { ...(until && { until }), input: freshId() });
      await hub.client.suspend(id, 'pause');
      await hasStatus(hub, id, 'Suspended');
      return id;
    }

    async function resumed(hub: SdkHub, id: string): Promise<InstanceRecord> {
      await hub.client.resume(id, 'go on');
      return hub.ended(id);
    }

    it('keeps events for later', async () => {
      const hub = await startHub(app);
      const id = await suspended(hub, 'CountedWait');
      await hub.client.raiseEvent(id, 'Go', '"kept"');
      await seen(hub, id, 'EventRaised');
      expect(await status(hub, id)).toMatchObject({ runtimeStatus: 'Suspended', output: 'pause' });

      expect(await resumed(hub, id)).toMatchObject({
        runtimeStatus: 'Completed',
        output: '"kept"',
      });
      const key = JSON.parse((await status(hub, id))?.input ?? '""') as string;
      expect(runsOf(key)).toBe(1);
    });

    it('keeps the result of an activity for later', async () => {
      const hub = await startHub(app);
      const id = await suspended(hub, 'WaitForActivity', 'TaskScheduled');
      await eventually(() => openGate(id, 'done'));
      await seen(hub, id, 'TaskCompleted');
      expect(await status(hub, id)).toMatchObject({ runtimeStatus: 'Suspended' });

      expect(await resumed(hub, id)).toMatchObject({ output: '"done"' });
    });

    it('keeps a timer that rings for later', async () => {
      const hub = await startHub(app);
      const id = await suspended(hub, 'WaitForTimer', 'TimerCreated');
      hub.clock.skip(25 * HOUR_MS);
      await seen(hub, id, 'TimerFired');
      expect(await status(hub, id)).toMatchObject({ runtimeStatus: 'Suspended' });

      expect(await resumed(hub, id)).toMatchObject({ output: '"rang"' });
    });

    it('shows Running after the resume, also when nothing else happens', async () => {
      const hub = await startHub(app);
      const id = await suspended(hub, 'WaitForEvent');

      await hub.client.resume(id, null);

      await hasStatus(hub, id, 'Running');
    });

    it('is refused twice, as is a resume of what runs', async () => {
      const hub = await startHub(app);
      const id = await suspended(hub, 'WaitForEvent');

      await expect(hub.client.suspend(id, null)).rejects.toThrow(
        /because instance is in the Suspended state/,
      );
      await hub.client.resume(id, null);
      await hasStatus(hub, id, 'Running');
      await expect(hub.client.resume(id, null)).rejects.toThrow(/in the Running state/);
    });

    it('and resume are refused for what is finished and what is not there', async () => {
      const hub = await startHub(app);
      const id = await started(hub, 'Echo', { input: 1, until: 'ExecutionCompleted' });
      await hub.ended(id);

      for (const operation of ['suspend', 'resume'] as const) {
        await expect(hub.client[operation](id, null)).rejects.toThrow(/is Completed and can no/);
        await expect(hub.client[operation]('nope', null)).rejects.toThrow(/No instance with ID/);
      }
    });

    it('keeps the id in use', async () => {
      const hub = await startHub(app);
      const id = await suspended(hub, 'WaitForEvent');

      await expect(hub.start('Echo', 1, id)).rejects.toThrow(
        'An Orchestration instance with the status Suspended already exists.',
      );
    });
  });

  describe('restart', () => {
    it('runs a finished instance again under its id, with its input', async () => {
      const hub = await startHub(app);
      const id = await started(hub, 'Echo', { input: 'same', until: 'ExecutionCompleted' });
      await hub.ended(id);
      const before = await status(hub, id);
      hub.clock.skip(1000);

      expect(await hub.client.restart(id, { withNewInstanceId: false })).toBe(id);

      const after = await eventually(async () => {
        const record = await status(hub, id);
        const isNew = record?.executionId !== before?.executionId;
        return isNew && record?.runtimeStatus === 'Completed' ? record : undefined;
      });
      expect(after).toMatchObject({ input: '"same"', output: '"same"', generation: 1 });
      expect(Date.parse(after.createdTime)).toBeGreaterThan(Date.parse(before?.createdTime ?? ''));
    });

    it('runs it under a new id and leaves the old one alone', async () => {
      const hub = await startHub(app);
      const id = await started(hub, 'WaitForEvent', { input: 5 });

      const copy = await hub.client.restart(id, { withNewInstanceId: true });
      await seen(hub, copy, 'OrchestratorCompleted');

      expect(copy).not.toBe(id);
      expect(await status(hub, copy)).toMatchObject({ name: 'WaitForEvent', input: '5' });
      expect(await status(hub, id)).toMatchObject({ runtimeStatus: 'Running' });
    });

    it.each(['Failed', 'Terminated'])('works after %s', async (end) => {
      const hub = await startHub(app);
      const key = freshId();
      if (end === 'Failed') breakIt(key);
      const id = await started(hub, end === 'Failed' ? 'Throws' : 'WaitForEvent', {
        input: { key },
      });
      if (end === 'Terminated') await hub.client.terminate(id, 'enough');
      expect((await hub.ended(id)).runtimeStatus).toBe(end);
      mend(key);

      await hub.client.restart(id, { withNewInstanceId: false });

      await hasStatus(hub, id, end === 'Failed' ? 'Completed' : 'Running');
    });

    it('keeps tags, names the source of a copy, and takes the version of now', async () => {
      const hub = await startHub(app);
      const id = freshId();
      await hub.client.start({ name: 'Echo', input: '1', instanceId: id, version: '2.0' });
      await hub.ended(id);
      await tag(hub, id, { team: 'blue' });
      const sourceTag = 'MS_DurableFunctions_SourceInstanceId';

      const copy = await hub.client.restart(id, { withNewInstanceId: true });
      await hub.ended(copy);
      const tags = { team: 'blue', [sourceTag]: id };
      expect(await status(hub, copy)).toMatchObject({ tags, version: null });

      await hub.client.restart(copy, { withNewInstanceId: false });
      await hub.ended(copy);
      expect(await status(hub, copy)).toMatchObject({ tags });

      const chosen = toInstanceId(freshId());
      const options = { newInstanceId: chosen, version: '7.1' };
      expect(await hub.client.restart(copy, options)).toBe(chosen);
      await hub.ended(chosen);
      expect(await status(hub, chosen)).toMatchObject({
        tags: { team: 'blue', [sourceTag]: copy },
        version: '7.1',
      });
    });

    it('is refused while the instance runs under its id, and for what is not there', async () => {
      const hub = await startHub(app);
      const id = await started(hub, 'WaitForEvent');

      await expect(hub.client.restart(id, { withNewInstanceId: false })).rejects.toMatchObject({
        code: 'INSTANCE_EXISTS',
      });
      await expect(hub.client.restart('nope', { withNewInstanceId: true })).rejects.toMatchObject({
        code: 'INSTANCE_NOT_FOUND',
      });
    });
  });

  describe('purge', () => {
    async function finished(hub: SdkHub, name = 'Echo', input: unknown = 1): Promise<string> {
      const id = await started(hub, name, { input });
      await hub.ended(id);
      return id;
    }

    const everything = { createdTimeFrom: new Date(0), runtimeStatuses: [] };

    it('removes row and history, once', async () => {
      const hub = await startHub(app);
      const id = await finished(hub);

      expect(await hub.client.purge(id)).toBe(1);

      expect(await status(hub, id)).toBeUndefined();
      expect(await hub.client.readHistory(id)).toEqual([]);
      expect(await hub.client.purge(id)).toBe(0);
      expect(await hub.client.purge('nope')).toBe(0);
    });

    it('refuses an instance that is not finished', async () => {
      const hub = await startHub(app);
      const id = await started(hub, 'WaitForEvent');

      await expect(hub.client.purge(id)).rejects.toThrow(/has status Running/);
      expect(await status(hub, id)).toBeDefined();
    });

    it('by filter removes only what is finished, whatever statuses are asked for', async () => {
      const hub = await startHub(app);
      const alive = await started(hub, 'WaitForEvent');
      const ids = [await finished(hub), await finished(hub)];

      const filter = { ...everything, runtimeStatuses: ['Running', 'Completed'] as const };
      expect(await hub.client.purgeBy(filter)).toBe(2);

      expect(await status(hub, alive)).toBeDefined();
      for (const id of ids) expect(await status(hub, id)).toBeUndefined();
      expect(await hub.client.purgeBy(everything)).toBe(0);
    });

    it('by filter keeps to the window, which ends now, and to the statuses', async () => {
      const hub = await startHub(app);
      const early = await finished(hub);
      hub.clock.skip(HOUR_MS);
      const key = freshId();
      breakIt(key);
      const bad = await finished(hub, 'Throws', { key });
      const late = await finished(hub);
      const from = new Date(hub.clock.now() - MINUTE_MS);

      const onlyFailed = { createdTimeFrom: new Date(0), runtimeStatuses: ['Failed'] as const };
      expect(await hub.client.purgeBy(onlyFailed)).toBe(1);
      expect(await status(hub, bad)).toBeUndefined();
      expect(await hub.client.purgeBy({ createdTimeFrom: from, runtimeStatuses: [] })).toBe(1);
      expect(await status(hub, late)).toBeUndefined();
      expect(await status(hub, early)).toBeDefined();
    });

    it('by filter goes through all pages', async () => {
      const hub = await startHub(app);
      const ids = await Promise.all(Array.from({ length: 250 }, (_, n) => hub.start('Echo', n)));
      for (const id of ids) await hub.ended(id);

      expect(await hub.client.purgeBy(everything)).toBe(250);
    });

    it('leaves sub-orchestrations', async () => {
      const hub = await startHub(app);
      const childId = freshId();
      const id = await finished(hub, 'Parent', { child: 'Echo', input: 1, childId });

      await hub.client.purge(id);

      expect(await status(hub, childId)).toMatchObject({ runtimeStatus: 'Completed' });
    });

    it('removes an entity in any state; one that never was counts as none', async () => {
      const hub = await startHub(app);
      await hub.client.entities.signal('Register', 'purged', 'add', null);
      await eventually(() => hub.client.entities.readState('Register', 'purged'));

      expect(await hub.client.purge('@register@purged')).toBe(1);
      expect(await hub.client.entities.readState('Register', 'purged')).toBeUndefined();
      expect(await hub.client.purge('@register@never')).toBe(0);
    });

    it('makes room for a clean start', async () => {
      const hub = await startHub(app);
      const id = await finished(hub, 'Two', { key: freshId(), times: 0 });
      await hub.client.purge(id);

      await hub.start('Echo', 'new', id);

      expect(await hub.ended(id)).toMatchObject({ output: '"new"', generation: 0 });
      const types = (await hub.client.readHistory(id)).map(({ EventType }) => EventType);
      expect(types).toEqual([
        'OrchestratorStarted',
        'ExecutionStarted',
        'ExecutionCompleted',
        'OrchestratorCompleted',
      ]);
    });
  });
});

async function discarded(hub: SdkHub, id: string, eventType: string): Promise<void> {
  await eventually(() =>
    hub.records.some(
      ({ fields }) => fields['instanceId'] === id && fields['eventType'] === eventType,
    ),
  );
}

/** Tags come from clients of other languages; ours sets none. */
async function tag(hub: SdkHub, id: string, tags: Readonly<Record<string, string>>): Promise<void> {
  const record = await hub.client.findStatus(id, { input: false });
  if (!record || !isTerminal(record.runtimeStatus)) throw new Error(`${id} is not finished.`);
  await hub.backend.repairInstance({
    instanceId: record.instanceId,
    instance: {
      executionId: record.executionId ?? '',
      lastUpdatedTime: record.lastUpdatedTime,
      customStatus: record.customStatus,
      tags,
    },
  });
}
