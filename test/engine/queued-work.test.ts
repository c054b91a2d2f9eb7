/** Activities that still wait for a free slot when their instance is terminated. */
import { afterEach, describe, expect, it } from 'vitest';
import { toExecutionId, toInstanceId } from '../../src/core/ids.ts';
import type { InstanceRecord, RuntimeStatus } from '../../src/core/instance-status.ts';
import type { ActivityMessage } from '../../src/core/task-message.ts';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { TerminatedExecutions } from '../../src/engine/terminated-executions.ts';
import { nextActivity } from '../contract/contract-hub.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { eventually } from '../support/eventually.ts';
import { answered, START_MS } from '../support/history.ts';
import { ScriptedInvoker } from '../support/scripted-invoker.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const CALLS = ['a', 'b', 'c', 'd'].map((input) => ({
  kind: 'callActivity' as const,
  functionName: 'Slow',
  input,
}));
const hubs: SdkHub[] = [];

afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.worker.stop()));
});

function slowApp() {
  let finish: () => void = () => undefined;
  const gate = new Promise<string>((resolve) => {
    finish = () => {
      resolve('"done"');
    };
  });
  const invoker = new ScriptedInvoker({
    orchestrators: {
      Fan: () => answered([{ kind: 'whenAll', children: CALLS }]),
      One: () => answered([{ kind: 'callActivity', functionName: 'Slow', input: 'a' }]),
    },
    activities: { Slow: () => gate, Other: () => '"other"' },
  });
  return {
    invoker,
    finish: () => {
      finish();
    },
  };
}

describe('the queued work of an instance that was terminated', () => {
  it('is not started any more', async () => {
    const { invoker, finish } = slowApp();
    const hub = new SdkHub(invoker, { maxConcurrentActivities: 1 });
    hubs.push(hub);
    await hub.worker.start();
    const id = await hub.start('Fan');
    await hub.history(id, (history) =>
      history.some((event) => event.EventType === 'TaskScheduled'),
    );
    expect(invoker.activityRuns).toEqual(['Slow']);

    await hub.client.terminate(id, 'enough');
    await hub.ended(id);
    finish();

    const told = () => hub.records.filter(({ message }) => message.includes('is not started'));
    await eventually(() => told().length === 3);
    expect(invoker.activityRuns).toEqual(['Slow']);
    expect(await hub.client.findStatus(id, { input: false })).toMatchObject({
      runtimeStatus: 'Terminated',
    });
  });

  it('is asked for in storage once it has waited, and seldom', async () => {
    let status: RuntimeStatus = 'Running';
    let asked = 0;
    let nowMs = START_MS;
    const backend = {
      findInstance: () => {
        asked++;
        return Promise.resolve({ executionId: 'e1', runtimeStatus: status } as InstanceRecord);
      },
    };
    const terminated = new TerminatedExecutions(backend, { now: () => nowMs });
    const isTerminated = () => terminated.has(taskScheduledMessage);

    expect([await isTerminated(), asked]).toEqual([false, 0]);
    nowMs += 6_000;
    expect([await isTerminated(), await isTerminated(), asked]).toEqual([false, false, 1]);
    status = 'Terminated';
    nowMs += 6_000;
    expect([await isTerminated(), await isTerminated(), asked]).toEqual([true, true, 2]);
  });
});

describe('queued work that there is no room for', () => {
  it('is left in the queue for others, while an activity of an orchestration here takes its time', async () => {
    const { invoker, finish } = slowApp();
    let polls = 0;
    const onRequest = (_: string, operation: string): void => {
      if (operation === 'get') polls += 1;
    };
    const settings = { maxConcurrentActivities: 1 };
    const busy = new AzureHub({ onRequest }, { invoker, settings });
    const other = createAzureStorageBackend(busy.options);
    await busy.start();
    try {
      await busy.client.start({ name: 'One', input: null });
      await eventually(() => invoker.activityRuns.length === 1);
      const client = new AzureHub(busy.options).backend;
      await client.sendMessage(taskScheduledMessage);
      const before = polls;
      await eventually(() => polls >= before + 4);

      await other.start();

      expect(await nextActivity(other)).toMatchObject({
        message: { target: { instanceId: 'i' } },
        dequeueCount: 1,
      });
    } finally {
      finish();
      await Promise.all([busy.stop(), other.stop()]);
      await other.deleteHub();
    }
  });
});

const taskScheduledMessage: ActivityMessage = {
  event: {
    EventType: 'TaskScheduled',
    EventId: 0,
    IsPlayed: false,
    Timestamp: new Date(START_MS).toISOString(),
    Name: 'Slow',
    Version: '',
    Input: '[1]',
    Tags: null,
    ParentTraceContext: null,
  },
  target: { instanceId: toInstanceId('i'), executionId: toExecutionId('e1') },
  sender: { instanceId: 'i', executionId: 'e1' },
};
