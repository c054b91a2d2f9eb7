/**
 * A step whose requests left, and that could not be stored, runs again after other messages, and hands out the same event ids
 * to other requests. The answers of the first ones must not become theirs.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { BranchingApp } from '../support/branching-app.ts';
import { eventually } from '../support/eventually.ts';
import type { TaskMessage } from '../../src/core/task-message.ts';
import { type Leak, leakyBackend } from '../support/leaky-backend.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const MINUTE_MS = 60_000;
const IN_10_MINUTES = new Date(Date.now() + 10 * MINUTE_MS).toISOString();
const IN_AN_HOUR = new Date(Date.now() + 60 * MINUTE_MS).toISOString();
const LEAKS: readonly Leak[] = ['lost session', 'failed write'];
const WAYS = LEAKS.flatMap((leak) => [
  { leak, how: 'without a commit window', settings: { commitWindowMs: 0 } },
  { leak, how: 'with a commit window', settings: { commitWindowMs: 30 } },
  {
    leak,
    how: 'with every session read from storage',
    settings: { commitWindowMs: 0, sessionCacheBytes: 0 },
  },
]);

let hub: SdkHub;

/** Starts an instance that waits; the step that event `a` brings about leaks, and `b` comes before it runs again. */
async function leaking(name: string, { leak, settings }: (typeof WAYS)[number], app: BranchingApp) {
  const decorate = (backend: TaskHubBackend): TaskHubBackend =>
    leakyBackend(backend, {
      leak,
      // As often as an item whose session was lost is run again at once.
      times: leak === 'lost session' ? 3 : 1,
      when: ({ commit }) => commit.instanceId === 'i' && commit.outbox.length > 0,
      meanwhile: () => hub.client.raiseEvent('i', 'b', '1'),
    });
  hub = new SdkHub(app.invoker, settings, decorate);
  await hub.worker.start();
  await hub.start(name, undefined, 'i');
  await hub.history('i', (history) => history.length > 0);
  await hub.client.raiseEvent('i', 'a', '1');
  await hub.history('i', hasAsked);
}

function hasAsked(history: readonly HistoryEvent[]): boolean {
  return history.some(({ EventType }) =>
    /TaskScheduled|TimerCreated|SubOrchestrationInstanceCreated/.test(EventType),
  );
}

/** An answer came and was judged. */
async function judged(): Promise<void> {
  await eventually(async () => {
    const history = await hub.client.readHistory('i');
    return (
      history.some(({ EventType }) => /Completed|Fired/.test(EventType) && isAnswer(EventType)) ||
      hub.records.some(({ eventId, fields }) => eventId === 20003 && fields['instanceId'] === 'i')
    );
  });
}

function isAnswer(eventType: string): boolean {
  return /^(TaskCompleted|SubOrchestrationInstanceCompleted|TimerFired)$/.test(eventType);
}

async function outcome(): Promise<unknown> {
  const { output } = await hub.ended('i');
  const answers = (await hub.client.readHistory('i')).filter(({ EventType }) =>
    isAnswer(EventType),
  );
  return { ...(JSON.parse(output ?? 'null') as object), answers: answers.length };
}

describe.each(WAYS)('after a $leak, $how, the answer', (way) => {
  afterEach(() => hub.worker.stop());

  it.each([['Activities'], ['Children'], ['LongChildren']])(
    'of a request that history never held is nobody’s (%s)',
    async (name) => {
      const app = new BranchingApp();
      await leaking(name, way, app);

      app.open('a');
      await judged();
      app.open('b');

      expect(await outcome()).toEqual({ branch: 'b', got: 'b is done', answers: 1 });
    },
  );

  it('of a timer that history never held is nobody’s', async () => {
    await leaking('Timers', way, new BranchingApp({ a: IN_10_MINUTES, b: IN_AN_HOUR }));

    hub.clock.skip(15 * MINUTE_MS);
    await judged();
    hub.clock.skip(60 * MINUTE_MS);

    expect(await outcome()).toEqual({ branch: 'b', got: IN_AN_HOUR, answers: 1 });
  });

  it('of a child that is started over in its place is that of the one that history holds', async () => {
    const app = new BranchingApp();
    await leaking('SameChild', way, app);

    app.open('a');
    app.open('b');

    expect(await outcome()).toEqual({ branch: 'b', got: 'b is done', answers: 1 });
  });
});

describe('a start of a child that left in a step that was not stored', () => {
  afterEach(() => hub.worker.stop());

  /** The leaked start comes when the test says so. */
  async function held(name: string, app: BranchingApp): Promise<readonly TaskMessage[]> {
    const starts: TaskMessage[] = [];
    const decorate = (backend: TaskHubBackend): TaskHubBackend =>
      leakyBackend(backend, {
        leak: 'failed write',
        times: 1,
        when: ({ commit }) => commit.instanceId === 'i' && commit.outbox.length > 0,
        meanwhile: () => hub.client.raiseEvent('i', 'b', '1'),
        send: (message) => {
          starts.push(message);
          return Promise.resolve();
        },
      });
    hub = new SdkHub(app.invoker, { commitWindowMs: 0 }, decorate);
    await hub.worker.start();
    await hub.start(name, undefined, 'i');
    await hub.history('i', (history) => history.length > 0);
    await hub.client.raiseEvent('i', 'a', '1');
    await hub.history('i', hasAsked);
    return starts;
  }

  it('does not take the place of the child that history holds', async () => {
    const app = new BranchingApp();
    const starts = await held('SameChild', app);
    await hub.history('i-child', hasAsked);

    for (const start of starts) await hub.backend.sendMessage(start);
    await eventually(() =>
      hub.records.some(
        ({ eventId, fields }) => eventId === 20003 && fields['instanceId'] === 'i-child',
      ),
    );
    app.open('b');

    expect(starts).toHaveLength(1);
    expect(await outcome()).toEqual({ branch: 'b', got: 'b is done', answers: 1 });
    expect(app.invoker.activityRuns).toEqual(['Do b']);
  });
});
