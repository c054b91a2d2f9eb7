/** Children that are given the id of one that runs: the newest has it, and who waits for the other hears of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import type { InstanceRecord } from '../../src/core/instance-status.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { eventually } from '../support/eventually.ts';
import { LIFECYCLE_APP } from '../support/lifecycle-app.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

interface Hub {
  readonly client: TaskHubClient;
  logged(): string[];
  ended(instanceId: string): Promise<InstanceRecord>;
  close(): Promise<void>;
}

let app: SdkApp;
beforeAll(async () => {
  app = await loadSdkApp('3.5.0', LIFECYCLE_APP);
});
afterAll(async () => {
  await app.dispose();
});

async function inMemory(): Promise<Hub> {
  const hub = new SdkHub(app.invoker);
  await hub.worker.start();
  return {
    client: hub.client,
    ended: (id) => hub.ended(id),
    logged: () => hub.records.map(({ message }) => message),
    close: () => hub.worker.stop(),
  };
}

async function inAzure(): Promise<Hub> {
  const logged: string[] = [];
  const log = { write: ({ message }: { message: string }) => logged.push(message) };
  const hub = new AzureHub({ log }, { invoker: app.invoker });
  await hub.start();
  return {
    client: hub.client,
    ended: (id) => hub.ended(id),
    logged: () => logged,
    close: async () => {
      await hub.stop();
      await hub.backend.deleteHub();
    },
  };
}

function start(hub: Hub, name: string, instanceId: string, childId: string): Promise<string> {
  const input = JSON.stringify({ child: 'WaitForEvent', childId });
  return hub.client.start({ name, instanceId, input });
}

/** Waits for the child of one parent, and only of that one. */
async function childOf(hub: Hub, childId: string, parentId: string): Promise<void> {
  await eventually(async () => {
    const history = await hub.client.readHistory(childId).catch(() => []);
    return history.some(
      (event) =>
        event.EventType === 'ExecutionStarted' &&
        event.ParentInstance?.OrchestrationInstance.InstanceId === parentId,
    );
  });
}

describe.each([
  ['in memory', inMemory],
  ['in Azure Storage', inAzure],
])('%s: a child that is started under the id of one that runs', (_where, open) => {
  let hub: Hub;
  beforeAll(async () => {
    hub = await open();
  });
  afterAll(async () => {
    await hub.close();
  });

  it('by two parents fails the task of the first, and the log says so', async () => {
    await start(hub, 'Parent', 'first', 'shared');
    await childOf(hub, 'shared', 'first');
    await start(hub, 'Parent', 'second', 'shared');
    await childOf(hub, 'shared', 'second');

    const { runtimeStatus, output } = await hub.ended('first');
    expect(runtimeStatus).toBe('Failed');
    expect(output).toContain(
      "The sub-orchestration 'WaitForEvent' was replaced by another start of the same instance id 'shared', by orchestration 'second'.",
    );
    expect(hub.logged().join()).toContain(
      "shared: 'WaitForEvent' was still running under this id when orchestration 'second' started 'WaitForEvent' under it",
    );
    await hub.client.raiseEvent('shared', 'Go', '"now"');
    expect(await hub.ended('second')).toMatchObject({
      runtimeStatus: 'Completed',
      output: '"now"',
    });
  });

  it('twice by one parent fails the first of the two tasks', async () => {
    await start(hub, 'Twins', 'parent', 'twin');
    await eventually(async () => {
      const history = await hub.client.readHistory('parent');
      return history.some(({ EventType }) => EventType === 'SubOrchestrationInstanceFailed');
    });
    await hub.client.raiseEvent('twin', 'Go', '"now"');

    const { runtimeStatus, output } = await hub.ended('parent');
    expect(runtimeStatus).toBe('Completed');
    expect(output).toContain("same instance id 'twin', by orchestration 'parent'");
  });
});
