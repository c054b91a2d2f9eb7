/** two workers on one hub in Azure Storage, without an agreement on who runs what. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { LIFECYCLE_APP } from '../support/lifecycle-app.ts';
import { LONG } from '../support/patience.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';

const INSTANCES = [0, 1, 2, 3, 4, 5];
let app: SdkApp;
let hubs: readonly [AzureHub, AzureHub];
beforeAll(async () => {
  app = await loadSdkApp('3.5.0', LIFECYCLE_APP);
  const first = new AzureHub({ partitionCount: 2 }, { invoker: app.invoker });
  hubs = [first, new AzureHub(first.options, { invoker: app.invoker })];
  for (const hub of hubs) await hub.start();
});
afterAll(async () => {
  for (const hub of hubs) await hub.stop();
  await hubs[0].backend.deleteHub();
  await app.dispose();
});

const startAt = (n: number, name: string, input: unknown): Promise<string> =>
  (n % 2 === 0 ? hubs[0] : hubs[1]).client.start({ name, input: JSON.stringify(input) });

/** Each step of the instance was recorded once. */
async function expectOneRun(instanceId: string): Promise<void> {
  const history = await hubs[0].client.readHistory(instanceId);
  const steps = history.flatMap(stepOf);
  expect(steps).toEqual([...new Set(steps)]);
  expect(steps.at(-1)).toBe('ExecutionCompleted');
}

function stepOf(event: HistoryEvent): string[] {
  switch (event.EventType) {
    case 'ExecutionStarted':
    case 'ExecutionCompleted':
    case 'EventRaised':
      return [event.EventType];
    case 'TaskScheduled':
    case 'SubOrchestrationInstanceCreated':
      return [`${event.EventType} ${event.EventId}`];
    case 'TaskCompleted':
    case 'SubOrchestrationInstanceCompleted':
      return [`${event.EventType} ${event.TaskScheduledId}`];
    default:
      return [];
  }
}

describe('R-13 two workers of one hub', () => {
  it('run instances that each of them started, each once', LONG, async () => {
    const started = INSTANCES.flatMap((n) => [
      startAt(n, 'Fan', { key: `two-fan-${n}`, failing: [] }),
      startAt(n, 'Parent', { child: 'One', input: { key: `two-child-${n}` } }),
    ]);

    for (const instanceId of await Promise.all(started)) {
      const { runtimeStatus } = await hubs[0].ended(instanceId, { timeoutMs: 60_000 });
      expect(runtimeStatus).toBe('Completed');
      await expectOneRun(instanceId);
    }
  });

  it('pass on events that the other one takes', LONG, async () => {
    const ids = await Promise.all(INSTANCES.map((n) => startAt(n, 'WaitForEvent', null)));
    for (const [n, instanceId] of ids.entries()) {
      await (n % 2 === 0 ? hubs[1] : hubs[0]).client.raiseEvent(instanceId, 'Go', String(n));
    }

    for (const [n, instanceId] of ids.entries()) {
      expect((await hubs[0].ended(instanceId, { timeoutMs: 60_000 })).output).toBe(String(n));
      await expectOneRun(instanceId);
    }
  });
});
