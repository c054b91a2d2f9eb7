/**
 * Messages that belong nowhere, or come twice: dropped, and without any effect on the instance. Scenarios
 * and L-12, through an official SDK.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { toExecutionId, toInstanceId } from '../../src/core/ids.ts';
import {
  CLIENT_SENDER,
  type MessageSender,
  type StartMessage,
} from '../../src/core/task-message.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { eventually } from '../support/eventually.ts';
import { overriding } from '../support/overriding.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const HEAD = { EventId: -1, IsPlayed: false, Timestamp: '2026-01-31T10:00:00Z' } as const;
/** Answers to tasks that no orchestration scheduled. */
const STRAYS: readonly HistoryEvent[] = [
  { ...HEAD, EventType: 'TaskCompleted', TaskScheduledId: 77, Result: '"stray"' },
  {
    ...HEAD,
    EventType: 'TaskFailed',
    TaskScheduledId: 77,
    Reason: 'stray',
    Details: null,
    FailureDetails: null,
  },
  { ...HEAD, EventType: 'TimerFired', TimerId: 77, FireAt: HEAD.Timestamp },
  {
    ...HEAD,
    EventType: 'SubOrchestrationInstanceCompleted',
    TaskScheduledId: 77,
    Result: '"stray"',
  },
  {
    ...HEAD,
    EventType: 'SubOrchestrationInstanceFailed',
    TaskScheduledId: 77,
    Reason: 'stray',
    Details: null,
    FailureDetails: null,
  },
];
const FROM_ENTITY: MessageSender = { instanceId: '@adder@x', executionId: null };
const WAITS_FOR_GO = ['counted', 'child', 1, 'on', 1];

let app: SdkApp;
let hub: SdkHub;
const starts = new Map<string, StartMessage>();

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', 'orchestrations/strays.cjs');
});

afterAll(async () => {
  await app.dispose();
});

function remembersStarts(backend: TaskHubBackend): TaskHubBackend {
  const createInstance: TaskHubBackend['createInstance'] = (start, existing) => {
    starts.set(start.target.instanceId, start);
    return backend.createInstance(start, existing);
  };
  return overriding(backend, { createInstance });
}

async function discarded(instanceId: string, eventType: string, count = 1): Promise<void> {
  await eventually(() => {
    const found = hub.records.filter(
      ({ eventId, fields }) =>
        eventId === 20003 &&
        fields['instanceId'] === instanceId &&
        fields['eventType'] === eventType,
    );
    return found.length >= count;
  });
}

async function send(
  instanceId: string,
  event: HistoryEvent,
  sender: MessageSender = CLIENT_SENDER,
): Promise<void> {
  const row = await hub.client.findStatus(instanceId, { input: false });
  await hub.backend.sendMessage({
    event,
    sender,
    target: {
      instanceId: toInstanceId(instanceId),
      executionId: toExecutionId(row?.executionId ?? 'e'.repeat(32)),
    },
  });
}

/** Runs an instance until only its event is missing. */
async function waiting(instanceId: string): Promise<readonly HistoryEvent[]> {
  await hub.start('Steps', undefined, instanceId);
  const isOver = ({ EventType }: HistoryEvent): boolean => EventType === 'EventRaised';
  return hub.history(
    instanceId,
    (history) => history.some(isOver) && history.at(-1)?.EventType === 'OrchestratorCompleted',
  );
}

async function goOn(instanceId: string): Promise<unknown> {
  await hub.client.raiseEvent(instanceId, 'Go', '"on"');
  const { runtimeStatus, output } = await hub.ended(instanceId);
  return [runtimeStatus, JSON.parse(output ?? 'null')];
}

describe.each([
  { how: 'with sessions kept', settings: {} },
  {
    how: 'with every session read from storage',
    settings: { sessionCacheBytes: 0, commitWindowMs: 0 },
  },
])('$how, a message', ({ settings }) => {
  beforeEach(async () => {
    hub = new SdkHub(app.invoker, settings, remembersStarts);
    await hub.worker.start();
  });
  afterEach(async () => {
    await hub.worker.stop();
  });

  it.each(STRAYS)('R-07: $EventType for an instance that is not there goes', async (event) => {
    await send('nobody', event);

    await discarded('nobody', event.EventType);
    expect(await hub.client.findStatus('nobody', { input: false })).toBeUndefined();
    expect(await hub.client.readHistory('nobody')).toEqual([]);
  });

  it.each(STRAYS)('R-08 L-12: $EventType that nothing asked for is dropped', async (event) => {
    const id = `stray-${event.EventType}-${String(Object.keys(settings).length)}`;
    const before = await waiting(id);

    await send(id, event);
    await discarded(id, event.EventType);

    expect(await hub.client.readHistory(id)).toEqual(before);
    expect(await goOn(id)).toEqual(['Completed', WAITS_FOR_GO]);
  });

  it('R-08: an answer of an entity that was not called is dropped', async () => {
    const id = `stray-entity-${String(Object.keys(settings).length)}`;
    await waiting(id);
    const answer = { ...HEAD, ParentTraceContext: null, Name: 'f'.repeat(32), Input: '{}' };

    await send(id, { ...answer, EventType: 'EventRaised' }, FROM_ENTITY);
    await discarded(id, 'EventRaised');

    expect(await goOn(id)).toEqual(['Completed', WAITS_FOR_GO]);
  });

  it('R-10: whatever comes twice has no second effect', async () => {
    const id = `twice-${String(Object.keys(settings).length)}`;
    const before = await waiting(id);
    const answers = before.filter(({ EventType }) =>
      ['TaskCompleted', 'TimerFired', 'SubOrchestrationInstanceCompleted'].includes(EventType),
    );
    const start = starts.get(id);
    if (start === undefined) throw new Error('there was no start');

    await hub.backend.sendMessage(start);
    for (const event of answers) await send(id, event);
    await discarded(id, 'ExecutionStarted');
    for (const { EventType } of answers) await discarded(id, EventType);

    expect(answers).toHaveLength(3);
    expect(await hub.client.readHistory(id)).toEqual(before);
    expect(await goOn(id)).toEqual(['Completed', WAITS_FOR_GO]);
    await hub.backend.sendMessage(start);
    await discarded(id, 'ExecutionStarted', 2);
    expect(await hub.client.findStatus(id, { input: false })).toMatchObject({
      runtimeStatus: 'Completed',
    });
  });
});
