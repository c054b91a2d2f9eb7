/** Messages that are tried in vain: none is tried for ever, nobody waits for ever, and nothing is lost. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  BackendUnavailableError,
  CorruptMessageError,
  InvalidInputError,
} from '../../src/core/errors.ts';
import { toExecutionId } from '../../src/core/ids.ts';
import { NO_FACTS } from '../../src/core/poison-message.ts';
import type { TaskMessage } from '../../src/core/task-message.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { UnreadableProcessor } from '../../src/engine/poison/unreadable-processor.ts';
import { eventually } from '../support/eventually.ts';
import { overriding } from '../support/overriding.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const TOO_LONG = new InvalidInputError('The payload is too long.');
const LOST = new CorruptMessageError("The large payload 'x' is not in container 'y' any more.");
const SETTINGS = { commitWindowMs: 0, sessionCacheBytes: 0 };

let app: SdkApp;
let hub: SdkHub;

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', 'orchestrations/poison.cjs');
});
afterAll(() => app.dispose());
afterEach(() => hub.worker.stop());

/** A hub whose storage fails as a test says, for as long as it says. */
async function startHub(
  failing: (inner: TaskHubBackend) => Partial<TaskHubBackend>,
): Promise<void> {
  hub = new SdkHub(app.invoker, SETTINGS, (inner) => overriding(inner, failing(inner)));
  await hub.worker.start();
}

async function poison() {
  return (await hub.client.poison.list({ pageSize: 100 })).messages;
}

describe('a step that can never be stored', () => {
  /** Whatever would store the event `go`. */
  function refusing(error: Error, until = { isMended: false, tries: 0 }) {
    return (inner: TaskHubBackend): Partial<TaskHubBackend> => ({
      commitOrchestration(item, request) {
        const isBad = request.commit.newEvents.some(({ EventType }) => EventType === 'EventRaised');
        if (!isBad || until.isMended) return inner.commitOrchestration(item, request);
        until.tries += 1;
        return Promise.reject(error);
      },
    });
  }

  it('is tried five times; then its messages are set aside, and the instance fails', async () => {
    const until = { isMended: false, tries: 0 };
    await startHub(refusing(TOO_LONG, until));
    const id = await hub.start('Wait', undefined, 'order-1');
    await hub.history(id, (history) => history.length > 0);

    await hub.client.raiseEvent(id, 'go', '"there"');

    const ended = await hub.ended(id);
    expect(ended).toMatchObject({ runtimeStatus: 'Failed' });
    expect(ended.output).toContain('its messages were set aside: The payload is too long.');
    expect(until.tries).toBe(5);
    expect(await poison()).toMatchObject([
      { instanceId: id, eventType: 'EventRaised', dequeueCount: 5, reason: TOO_LONG.message },
    ]);
    const told = hub.records.filter(({ eventId }) => eventId === 20008);
    expect(told.map(({ fields }) => fields)).toMatchObject([{ instanceId: id }]);
  });

  it('goes on when it can be stored: after a rewind, with what was set aside', async () => {
    const until = { isMended: false, tries: 0 };
    await startHub(refusing(TOO_LONG, until));
    const id = await hub.start('Wait');
    await hub.history(id, (history) => history.length > 0);
    await hub.client.raiseEvent(id, 'go', '"there"');
    await hub.ended(id);
    until.isMended = true;

    await hub.client.rewind(id, 'mended');
    await eventually(
      async () => (await hub.client.findStatus(id, { input: false }))?.runtimeStatus === 'Running',
    );
    const [message] = await poison();
    await hub.client.poison.replay(message?.id ?? '');

    expect(await hub.ended(id)).toMatchObject({ runtimeStatus: 'Completed', output: '"there"' });
    expect(await poison()).toEqual([]);
  });

  it('fails the call of the parent, which can catch it', async () => {
    await startHub(refusing(TOO_LONG));
    const id = await hub.start('CallChild');
    await hub.history('child', (history) => history.length > 0);

    await hub.client.raiseEvent('child', 'go', '"there"');

    expect((await hub.ended(id)).output).toContain('caught: ');
    expect((await hub.ended(id)).output).toContain('The payload is too long.');
  });

  it('is tried for as long as storage is away', async () => {
    const until = { isMended: false, tries: 0 };
    await startHub(refusing(new BackendUnavailableError('Nobody is there.'), until));
    const id = await hub.start('Wait');
    await hub.history(id, (history) => history.length > 0);
    await hub.client.raiseEvent(id, 'go', '"there"');
    await eventually(() => until.tries >= 8);
    until.isMended = true;

    expect(await hub.ended(id)).toMatchObject({ runtimeStatus: 'Completed', output: '"there"' });
    expect(await poison()).toEqual([]);
  });
});

describe('a timer that cannot be read', () => {
  const EXECUTION = toExecutionId('e'.repeat(32));
  const at = { IsPlayed: false, Timestamp: '2026-11-20T10:00:00.0000000Z' };
  const events = [1, 2].map((EventId) => ({
    ...at,
    EventType: 'TimerCreated' as const,
    EventId,
    FireAt: '2026-11-20T10:01:00.0000000Z',
  }));

  it.each([
    { what: 'open', timer: 2, of: EXECUTION, sent: [2] },
    { what: 'of an execution that is no more', timer: 2, of: 'f'.repeat(32), sent: [] },
    { what: 'fired', timer: 1, of: EXECUTION, sent: [] },
  ])('and is $what, fires $sent', async ({ timer, of, sent }) => {
    const fired: TaskMessage[] = [];
    const aside: unknown[] = [];
    await startHub(() => ({
      loadHistory: () =>
        Promise.resolve({
          executionId: EXECUTION,
          events: [
            ...events,
            { ...at, EventType: 'TimerFired', EventId: -1, TimerId: 1, FireAt: at.Timestamp },
          ],
          token: undefined,
        }),
      sendMessage: (message) => Promise.resolve(void fired.push(message)),
      setAside: (messages) => Promise.resolve(void aside.push(...messages)),
    }));
    const { backend, records } = hub;
    const log = { write: (record: (typeof records)[number]) => void records.push(record) };
    const ambient = { now: Date.now, newId: () => 'id' };
    const facts = {
      ...NO_FACTS,
      instanceId: 'i',
      executionId: of,
      eventType: 'TimerFired',
      taskEventId: timer,
    };
    const message = { origin: 'q', dequeueCount: 5, mayBeRead: true, problem: LOST, facts };

    await new UnreadableProcessor({ backend, ambient, log, taskHub: 'Test' }).process(message);

    expect(fired.map(({ event }) => event)).toMatchObject(
      sent.map((TimerId) => ({ EventType: 'TimerFired', TimerId, FireAt: events[0]?.FireAt })),
    );
    expect(aside).toEqual([message]);
  });
});

describe('a history that can never be read', () => {
  function unreadable(instanceId: string, until = { isMended: false }) {
    return (inner: TaskHubBackend): Partial<TaskHubBackend> => ({
      async loadHistory(id) {
        const stored = await inner.loadHistory(id);
        if (id !== instanceId || stored.events.length === 0 || until.isMended) return stored;
        throw LOST;
      },
    });
  }

  it('fails the row, and the instance goes on when it is mended and the message is put back', async () => {
    const until = { isMended: false };
    await startHub(unreadable('order-2', until));
    const id = await hub.start('Wait', undefined, 'order-2');
    await hub.history(id, (history) => history.length > 0);
    await hub.client.raiseEvent(id, 'go', '"there"');
    expect(await hub.ended(id)).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining(LOST.message) as string,
    });
    until.isMended = true;

    const [message] = await poison();
    await hub.client.poison.replay(message?.id ?? '');

    await eventually(async () => {
      const row = await hub.client.findStatus(id, { input: false });
      return row?.runtimeStatus === 'Completed' && row.output === '"there"';
    });
  });

  it('fails the call of the parent, which can catch it', async () => {
    await startHub(unreadable('child'));
    const id = await hub.start('CallChild');
    await hub.history('child', (history) => history.length > 0);

    await hub.client.raiseEvent('child', 'go', '"there"');

    expect((await hub.ended(id)).output).toContain('caught: ');
    expect((await hub.ended('child')).runtimeStatus).toBe('Failed');
  });
});

describe('an answer of an activity that can never be stored', () => {
  it('is a failure of the activity, which can be caught', async () => {
    await startHub((inner) => ({
      completeActivity(item, response) {
        return response.event.EventType === 'TaskCompleted'
          ? Promise.reject(TOO_LONG)
          : inner.completeActivity(item, response);
      },
    }));

    const output = await hub.run('CallActivity', 'x');

    expect(output).toContain('caught: ');
    expect(output).toContain('its answer could not be stored: The payload is too long.');
    expect(await poison()).toMatchObject([{ eventType: 'TaskScheduled', taskEventId: 0 }]);
  });
});

describe('an entity whose state cannot be read', () => {
  it('has signals set aside after some tries, and they take effect when they are put back', async () => {
    const until = { isMended: false };
    await startHub((inner) => ({
      async loadHistory(id) {
        if (id === '@counter@one' && !until.isMended) throw LOST;
        return await inner.loadHistory(id);
      },
    }));
    await hub.client.entities.signal('Counter', 'one', 'add', '5');
    const [message] = await eventually(async () => {
      const messages = await poison();
      return messages.length === 1 ? messages : undefined;
    });
    expect(message).toMatchObject({ instanceId: '@counter@one', dequeueCount: 5 });
    expect(await hub.run('CallEntity')).toContain('caught: ');
    until.isMended = true;

    await hub.client.poison.replay(message?.id ?? '');

    await eventually(async () => (await hub.run('CallEntity')) === 6);
  });
});
