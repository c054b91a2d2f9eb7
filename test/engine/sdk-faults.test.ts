/**
 * The faults of the official extension that this engine does not have, each shown through the official SDKs: activities that
 * run twice, instances that hang, results that reach the wrong task.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { eventually } from '../support/eventually.ts';
import { ALL_SDKS, loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const hubs: SdkHub[] = [];

afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.worker.stop()));
});

async function startHub(
  { invoker }: SdkApp,
  settings: ConstructorParameters<typeof SdkHub>[1] = {},
): Promise<SdkHub> {
  const hub = new SdkHub(invoker, settings);
  hubs.push(hub);
  await hub.worker.start();
  return hub;
}

const WITHOUT_CACHE = { sessionCacheBytes: 0, commitWindowMs: 0 };
const SETTINGS = [
  { how: 'with sessions kept', settings: {} },
  { how: 'with every session read from storage', settings: WITHOUT_CACHE },
];

function has(history: readonly HistoryEvent[], type: string, count = 1): boolean {
  return history.filter(({ EventType }) => EventType === type).length >= count;
}

describe.each(ALL_SDKS.flatMap((sdk) => SETTINGS.map((setting) => ({ sdk, ...setting }))))(
  'durable-functions $sdk $how',
  ({ sdk, settings }) => {
    let app: SdkApp;
    beforeAll(async () => {
      app = await loadSdkApp(sdk, 'orchestrations/faults.cjs');
    });
    afterAll(async () => {
      await app.dispose();
    });

    /** Starts an instance that runs into its gate, raises events, and lets it go on. */
    async function runWithEarlyEvents(
      name: string,
      events: readonly (readonly [string, unknown])[],
    ): Promise<unknown> {
      const hub = await startHub(app, settings);
      const id = await hub.start(
        name,
        undefined,
        `${name}-${sdk}-${String(Object.keys(settings).length)}`,
      );
      await hub.history(id, (history) => has(history, 'TaskScheduled'));
      for (const [event, value] of events)
        await hub.client.raiseEvent(id, event, JSON.stringify(value));
      await hub.history(id, (history) => has(history, 'EventRaised', events.length));
      process.emit(`gate ${id}` as never);
      return parsed((await hub.ended(id)).output);
    }

    async function run(name: string, input?: unknown): Promise<unknown> {
      const hub = await startHub(app, settings);
      return hub.run(name, input);
    }

    it('B1: runs each activity of a Task.any loop once', async () => {
      const hub = await startHub(app, settings);
      const before = await hub.run('RunsOf', 'AnyLoop');

      expect(await hub.run('AnyLoop')).toEqual([1, 2, 3]);
      expect(await hub.run('RunsOf', 'AnyLoop')).toBe(Number(before) + 3);
    });

    it('B1: runs each activity once that is waited for by Task.any, then by Task.all', async () => {
      const hub = await startHub(app, settings);
      const before = await hub.run('RunsOf', 'AnyThenAll');

      expect(await hub.run('AnyThenAll')).toEqual([[1, 2, 3], 'last']);
      expect(await hub.run('RunsOf', 'AnyThenAll')).toBe(Number(before) + 3);
    });

    it('B2: gives an event to an orchestrator that waits for it only later', async () => {
      expect(await runWithEarlyEvents('EarlyEvent', [['Go', { v: 1 }]])).toEqual({ v: 1 });
    });

    it('B2: gives early events of one name in the order in which they came, none twice', async () => {
      const events = [1, 2, 3].map((n) => ['Go', n] as const);
      expect(await runWithEarlyEvents('ThreeEvents', events)).toEqual([1, 2, 3]);
    });

    it('B2: lets early events win races whose losers end in another order', async () => {
      const events = [1, 2, 3].map((n) => ['Go', n] as const);
      expect(await runWithEarlyEvents('EarlyEventsWinRaces', events)).toEqual([1, 2, 3]);
    });

    it('B2: keeps early events of two names apart', async () => {
      const events = [
        ['A', 'a'],
        ['B', 'b'],
      ] as const;
      expect(await runWithEarlyEvents('EventsOfTwoNames', events)).toEqual(['a', 'b', 'last']);
    });

    it('is not disturbed by events whose names every object has a member of', async () => {
      const names = ['__proto__', 'constructor', 'toString', 'Go'];
      const events = names.map((name) => [name, name] as const);

      expect(await runWithEarlyEvents('EarlyEvent', events)).toBe('Go');
      expect(Object.keys(Object.prototype)).toEqual([]);
    });

    it('is not disturbed by such an event while it waits', async () => {
      const hub = await startHub(app, settings);
      const id = await hub.start('EventsOverGenerations');
      await hub.history(id, (history) => has(history, 'OrchestratorCompleted'));
      await hub.client.raiseEvent(id, '__proto__', '0');
      for (const n of [1, 2, 3]) await hub.client.raiseEvent(id, 'Go', String(n));

      expect(parsed((await hub.ended(id)).output)).toEqual([1, 2, 3]);
      expect(Object.keys(Object.prototype)).toEqual([]);
    });

    it('B2, B9: carries events over to the next generation', async () => {
      const hub = await startHub(app, settings);
      const id = await hub.start('EventsOverGenerations');
      await hub.history(id, (history) => has(history, 'OrchestratorCompleted'));
      for (const n of [1, 2, 3]) await hub.client.raiseEvent(id, 'go', String(n));

      expect(seenIn((await hub.ended(id)).output)).toEqual([1, 2, 3]);
    });

    it('B3: goes on at the first failure of Task.all, with the right answer', async () => {
      expect(await run('FailFast')).toBe('cleanup');
    });

    it('B4: wakes an orchestrator with an event whose name differs in case', async () => {
      expect(await runWithEarlyEvents('EarlyEvent', [['gO', 1]])).toBe(1);
    });

    it.each([
      ['text', 'some text'],
      ['empty', /(Error|Unknown error)/],
      ['object', /7/],
      ['undefined', /./],
    ])('B5: fails when the orchestrator throws %s', async (what, reason) => {
      const hub = await startHub(app, settings);
      const { runtimeStatus, output } = await hub.ended(await hub.start('Throws', what));

      expect(runtimeStatus).toBe('Failed');
      expect(output).toMatch(/^Orchestrator function 'Throws' failed: /);
      expect(output?.slice("Orchestrator function 'Throws' failed: ".length)).toMatch(reason);
    });

    it('B6: lets a parent catch the failure of a child without details', async () => {
      expect(await run('NullFailure')).toBe(
        "caught Orchestrator function 'Throws' failed: some text",
      );
    });

    it('B7: keeps parallel retries of one activity apart', async () => {
      expect(await run('ParallelRetries')).toEqual([[3, 2], 'last']);
    });

    it('B7: keeps parallel retries apart that follow each other', async () => {
      expect(await run('ParallelRetriesTwice')).toEqual([[3, 2, 1], [2, 4], 'last']);
    });

    it('B7: keeps parallel retries of activities and sub-orchestrations apart', async () => {
      expect(await run('ParallelRetriesOfOthers')).toEqual([true, 'last']);
    });

    it('B8: is Running until a losing timer fires that nobody cancelled', async () => {
      const hub = await startHub(app, settings);
      const id = await hub.start('LosingTimer');
      await hub.history(id, (history) => has(history, 'TaskCompleted'));
      expect((await hub.client.findStatus(id, { input: false }))?.runtimeStatus).toBe('Running');

      hub.clock.skip(61_000);

      expect((await hub.ended(id)).output).toBe('"won"');
    });

    it('B8: completes without the losing timer when told so', async () => {
      const hub = await startHub(app, { ...settings, waitForOpenTimers: false });

      expect(await hub.run('LosingTimer')).toBe('won');
    });

    it('B10: goes on after a long timer was cancelled, with its hops in history', async () => {
      const hub = await startHub(app, settings);
      const id = await hub.start('CancelledLongTimer');
      await hub.history(id, (history) => has(history, 'TimerCreated'));
      hub.clock.skip(3 * DAY_MS + 1000);
      await hub.history(id, (history) => has(history, 'TimerCreated', 2));
      await hub.client.raiseEvent(id, 'Go', '1');
      await hub.history(id, (history) => has(history, 'TaskCompleted'));
      hub.clock.skip(3 * DAY_MS + 1000);
      await hub.history(id, (history) => has(history, 'TimerFired', 2));
      await hub.client.raiseEvent(id, 'More', '2');

      expect((await hub.ended(id)).output).toBe('["next",2,"last"]');
    });

    it('waits ten days in hops of a long timer', async () => {
      const hub = await startHub(app, settings);
      const id = await hub.start('LongTimer');
      for (let hop = 1; hop <= 4; hop++) {
        await hub.history(id, (history) => has(history, 'TimerCreated', hop));
        hub.clock.skip(3 * DAY_MS + 1000);
        await hub.history(id, (history) => has(history, 'TimerFired', hop));
        if ((await hub.client.findStatus(id, { input: false }))?.completedTime != null) break;
      }

      expect((await hub.ended(id)).output).toBe('"after"');
    });

    // 1.x does not let a timer be cancelled whose end it knows already.
    it.skipIf(sdk === '1.5.4')(
      'goes on after a cancelled timer fired that the orchestrator waits for',
      async () => {
        expect(await run('AwaitsCancelledTimer')).toBe('after');
      },
    );

    it('B15: fails an async generator with a reason, at once', async () => {
      const hub = await startHub(app, settings);
      const { runtimeStatus, output } = await hub.ended(await hub.start('AsyncGenerator'));

      expect(runtimeStatus).toBe('Failed');
      expect(output).toMatch(/async function\*|programming constraint violation/);
    });

    it('B17: ends retries at their timeout, and goes on', async () => {
      expect(await run('RetryTimeout')).toBe('after');
    });

    it('tells what comes after a retried call from its attempts, when it is waited for again', async () => {
      const [isOpen, , other] = (await run('WaitsAgain')) as unknown[];

      expect([isOpen, other]).toEqual([true, 'other']);
    });

    it('tells what comes after a retried call from its attempts, when answers come together', async () => {
      const hub = await startHub(app, settings);
      const key = `gates-${sdk}-${String(Object.keys(settings).length)}`;
      const id = await hub.start('WaitsAgainAtGates', undefined, key);
      await hub.history(id, (history) => has(history, 'TaskCompleted'));
      await hub.client.suspend(id, null);
      await hub.history(id, (history) => has(history, 'ExecutionSuspended'));
      process.emit(`gate ${id}-b` as never);
      await hub.history(id, (history) => has(history, 'TaskFailed'));
      process.emit(`gate ${id}-a` as never);
      await hub.history(id, (history) => has(history, 'TaskCompleted', 2));
      await hub.client.resume(id, null);

      expect(parsed((await hub.ended(id)).output)).toEqual(['first', 'second', 2]);
    });

    it.each([['1.5'], ['2.5'], ['3', 'NaN', 'NaN'], ['2', 'Infinity', 'Infinity']])(
      'counts attempts as the SDK does: %s %s %s',
      async (...options) => {
        expect(await run('RetryCount', options)).toBe('after');
      },
    );

    it.each([
      ['NaN', undefined, /Must contain field maxNumberOfAttempts in retryOptions/],
      ['Infinity', '-1', /'Boom' has elapsed with Infinity of its attempts left/],
      ['2e9', '-1', /'Boom' has elapsed with 1999999999 of its attempts left/],
    ])('fails what the SDK could never end: %s attempts', async (attempts, timeout, text) => {
      expect(await run('RetryCount', [attempts, 'NaN', timeout ?? 'NaN'])).toMatch(text);
    });

    it('gives two parallel waits of a name an event each', async () => {
      const hub = await startHub(app, settings);
      const id = await hub.start('TwoWaits');
      await hub.history(id, (history) => has(history, 'OrchestratorCompleted'));
      await hub.client.raiseEvent(id, 'Go', '1');
      await hub.client.raiseEvent(id, 'Go', '2');

      // 1.x serves the oldest wait first, the others the newest.
      expect(JSON.parse((await hub.ended(id)).output ?? '')).toEqual(
        sdk === '1.5.4' ? [1, 2] : [2, 1],
      );
    });
  },
);

function parsed(output: string | null): unknown {
  try {
    return JSON.parse(output ?? 'null');
  } catch {
    return output;
  }
}

/** continueAsNew encodes texts twice, and 1.x everything: whatever is in there. */
function seenIn(output: string | null): unknown {
  let value: unknown = JSON.parse(output ?? 'null');
  while (typeof value === 'string') value = JSON.parse(value);
  return value;
}

describe('durable-functions 3.5.0', () => {
  let app: SdkApp;
  beforeAll(async () => {
    app = await loadSdkApp('3.5.0', 'orchestrations/faults.cjs');
  });
  afterAll(async () => {
    await app.dispose();
  });

  it.each(SETTINGS)('B16: counts one id per released lock, $how', async ({ settings }) => {
    const hub = await startHub(app, settings);
    expect(await hub.run('LocksTwo')).toEqual([1, 'last']);
  });

  it('says in the log that it stalls on a Task.all of completed tasks', async () => {
    const hub = await startHub(app);
    const id = await hub.start('AllOfDone');

    const stalled = await eventually(() =>
      hub.records.find(({ message }) => message.includes('waits for no task')),
    );
    expect(stalled.fields).toMatchObject({ instanceId: id });
  });

  it.each(SETTINGS)(
    'says once that an event is waited for twice at a time, $how',
    async ({ settings }) => {
      const hub = await startHub(app, settings);
      for (const _ of [1, 2]) {
        const id = await hub.start('TwoWaits');
        await hub.client.raiseEvent(id, 'Go', '1');
        await hub.client.raiseEvent(id, 'Go', '2');
        await hub.ended(id);
      }

      const told = hub.records.filter(({ message }) => message.includes('earlier wait for it'));
      expect(told.map(({ fields }) => fields['eventName'])).toEqual(['Go']);
    },
  );

  it('tells each generation of an eternal orchestration in the log', async () => {
    const hub = await startHub(app);
    const id = await hub.start('EventsOverGenerations');
    for (const value of [1, 2, 3]) await hub.client.raiseEvent(id, 'Go', String(value));
    await hub.ended(id);

    const continued = hub.records.filter(({ message }) => message.includes('ContinuedAsNew: True'));
    expect(continued.length).toBeGreaterThan(0);
  });
});
