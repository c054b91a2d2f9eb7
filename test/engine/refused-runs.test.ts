/** What has ended the process too often is not run again: who waits for it is told, and what asked for it is set aside. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionInvoker } from '../../src/engine/function-invoker.ts';
import { eventually } from '../support/eventually.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const REASON = 'It ended the process 5 times';

let app: SdkApp;
let hub: SdkHub;

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', 'orchestrations/poison.cjs');
});
afterAll(() => app.dispose());
afterEach(() => hub.worker.stop());

interface Refusing {
  /** Activities and entities. */
  readonly names?: readonly string[];
  /** Orchestrators, from the second time on that they are shown events. */
  readonly laterFeeds?: boolean;
  isMended: boolean;
}

/** The app, of which some functions have ended the process too often. */
function refusing(refused: Refusing): FunctionInvoker {
  const { invoker } = app;
  const fed = new Set<string>();
  const isRefused = (name: string): boolean =>
    !refused.isMended && refused.names?.includes(name.toLowerCase()) === true;
  return {
    functions: invoker.functions,
    openOrchestration(invocation) {
      const run = invoker.openOrchestration(invocation);
      return {
        isReplayed: run.isReplayed,
        feed(events) {
          const isFirst = !fed.has(invocation.executionId);
          fed.add(invocation.executionId);
          return isFirst || refused.isMended || refused.laterFeeds !== true
            ? run.feed(events)
            : Promise.resolve({ kind: 'refused', reason: REASON });
        },
        close: () => {
          run.close();
        },
      };
    },
    runActivity: (invocation) =>
      isRefused(invocation.functionName)
        ? Promise.resolve({
            kind: 'failed',
            reason: REASON,
            details: '',
            failureDetails: null,
            isRefused: true,
          })
        : invoker.runActivity(invocation),
    runEntity: (invocation) =>
      isRefused(invocation.entityName)
        ? Promise.resolve({ kind: 'failed', message: REASON, isRefused: true })
        : invoker.runEntity(invocation),
  };
}

async function startHub(refused: Refusing, commitWindowMs = 100): Promise<void> {
  hub = new SdkHub(refusing(refused), { commitWindowMs });
  await hub.worker.start();
}

async function poison() {
  return (await hub.client.poison.list({ pageSize: 100 })).messages;
}

describe('an activity that is not run again', () => {
  it.each([0, 100])('fails, and is set aside, with a window of %i ms', async (windowMs) => {
    await startHub({ names: ['echo'], isMended: false }, windowMs);

    expect(await hub.run('CallActivity', 'x')).toContain(`caught: ${REASON}`);

    const [message, ...others] = await poison();
    expect(others).toEqual([]);
    expect(message).toMatchObject({ eventType: 'TaskScheduled', taskEventId: 0, reason: REASON });
    expect(hub.records.filter(({ eventId }) => eventId === 20008)).toHaveLength(1);
  });
});

describe('an operation of an entity that is not run again', () => {
  it('is set aside when it was a signal, and takes effect when it is put back', async () => {
    const refused = { names: ['counter'], isMended: false };
    await startHub(refused);
    await hub.client.entities.signal('Counter', 'one', 'add', '5');
    const [message] = await eventually(async () => {
      const messages = await poison();
      return messages.length === 1 ? messages : undefined;
    });
    expect(message).toMatchObject({ instanceId: '@counter@one', reason: REASON, dequeueCount: 1 });
    expect(message?.body).toContain('add');
    refused.isMended = true;

    await hub.client.poison.replay(message?.id ?? '');

    await eventually(async () => (await hub.client.entities.readState('Counter', 'one')) === '5');
    expect(await poison()).toEqual([]);
    // Who called has heard of it already.
    expect(await hub.run('CallEntity')).toBe(6);
  });

  it('is answered with an error when it was a call, and not once more when it is put back', async () => {
    const refused = { names: ['counter'], isMended: false };
    await startHub(refused);
    const caller = await hub.start('CallEntity');
    expect((await hub.ended(caller)).output).toContain(REASON);
    refused.isMended = true;
    const [message] = await poison();

    await hub.client.poison.replay(message?.id ?? '');

    await eventually(async () => (await hub.client.entities.readState('Counter', 'one')) === '1');
    expect((await hub.client.readHistory(caller)).map(({ EventType }) => EventType)).not.toContain(
      'ContinueAsNew',
    );
  });
});

describe('an orchestrator that is not run again', () => {
  it('fails at once, its messages are set aside, and it goes on after a rewind with them', async () => {
    const refused = { laterFeeds: true, isMended: false };
    await startHub(refused);
    const id = await hub.start('Wait', undefined, 'order-1');
    await hub.history(id, (history) => history.length > 0);
    await hub.client.raiseEvent(id, 'go', '"there"');
    expect(await hub.ended(id)).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining(REASON) as string,
    });
    const [message] = await poison();
    expect(message).toMatchObject({ instanceId: id, eventType: 'EventRaised', reason: REASON });
    refused.isMended = true;

    await hub.client.rewind(id, 'mended');
    await eventually(
      async () => (await hub.client.findStatus(id, { input: false }))?.runtimeStatus === 'Running',
    );
    await hub.client.poison.replay(message?.id ?? '');

    expect(await hub.ended(id)).toMatchObject({ runtimeStatus: 'Completed', output: '"there"' });
  });

  it('ends although it has not taken the answer of an entity, which it finds after a rewind', async () => {
    const refused = { laterFeeds: true, isMended: false };
    await startHub(refused);
    const id = await hub.start('CallEntity');
    expect((await hub.ended(id)).output).toContain(REASON);
    refused.isMended = true;

    await hub.client.rewind(id, 'mended');

    const completed = await eventually(async () => {
      const row = await hub.client.findStatus(id, { input: false });
      return row?.runtimeStatus === 'Completed' ? row : undefined;
    });
    expect(completed.output).toBe('1');
  });
});
