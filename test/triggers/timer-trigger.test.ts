import { describe, expect, it } from 'vitest';
import { MAX_TIMER_MS } from '../../src/base/clock.ts';
import type { InvocationResult } from '../../src/function-app/function-app.ts';
import {
  type TimerStatus,
  type TimerStatusStore,
  createMemoryTimerStatusStore,
} from '../../src/triggers/timer-status.ts';
import { TimerListener } from '../../src/triggers/timer-trigger.ts';
import {
  type RecordedApp,
  appOf,
  failed,
  functionOf,
  recordingLog,
  succeeded,
} from './app-values.ts';
import { type MovedTime, movedTime, settled } from './moved-time.ts';

const EVERY_FIVE_MINUTES = { schedule: '0 */5 * * * *' };

function listenerOf(
  trigger: Readonly<Record<string, unknown>>,
  given: {
    readonly app?: RecordedApp;
    readonly time?: MovedTime;
    readonly statusStore?: TimerStatusStore;
    readonly retry?: number;
  } = {},
) {
  const app = given.app ?? appOf([]);
  const time = given.time ?? movedTime('2026-11-21T03:22:00Z');
  const statusStore = given.statusStore ?? createMemoryTimerStatusStore();
  const log = recordingLog();
  const retryOptions = {
    strategy: 'fixedDelay',
    maxRetryCount: given.retry ?? 0,
    delayIntervalMs: 10_000,
    minimumIntervalMs: undefined,
    maximumIntervalMs: undefined,
  } as const;
  const fn = functionOf(
    'Tick',
    'timer',
    trigger,
    given.retry === undefined ? {} : { retryOptions },
  );
  const listener = new TimerListener({ app, fn, statusStore, log, timeZone: 'UTC', clock: time });
  const payloads = () =>
    app.requests.map(({ triggerData }) => JSON.parse(triggerData.json ?? '') as unknown);
  return { listener, app, time, statusStore, log, payloads };
}

const status = (Last: string, Next: string, LastUpdated = Last): TimerStatus => ({
  Last,
  Next,
  LastUpdated,
});
const NEVER = '0001-01-01T00:00:00+00:00';

describe('a timer that starts for the first time', () => {
  it('stores when it will run, and waits for that', async () => {
    const { listener, app, time, statusStore } = listenerOf(EVERY_FIVE_MINUTES);

    await listener.start();

    expect(app.requests).toEqual([]);
    expect(time.delays).toEqual([180_000]);
    expect(await statusStore.read('Tick')).toEqual(
      status(NEVER, '2026-11-21T03:25:00+00:00', '2026-11-21T03:22:00+00:00'),
    );
  });

  it('runs when due, with the status so far, and stores the new one', async () => {
    const { listener, payloads, time, statusStore } = listenerOf(EVERY_FIVE_MINUTES);
    await listener.start();

    await time.fireNext();
    await time.fireNext();

    expect(payloads()).toEqual([
      {
        Schedule: { AdjustForDST: true },
        ScheduleStatus: status(NEVER, '2026-11-21T03:25:00+00:00'),
        IsPastDue: false,
      },
      {
        Schedule: { AdjustForDST: true },
        ScheduleStatus: status('2026-11-21T03:25:00+00:00', '2026-11-21T03:30:00+00:00'),
        IsPastDue: false,
      },
    ]);
    expect((await statusStore.read('Tick'))?.Next).toBe('2026-11-21T03:35:00+00:00');
  });

  it('logs the next five occurrences', async () => {
    const { listener, log } = listenerOf(EVERY_FIVE_MINUTES);

    await listener.start();

    expect(log.messages()[0]).toBe(
      `The next 5 occurrences of the 'Tick' schedule (Cron: '0 0,5,10,15,20,25,30,35,40,45,50,55 * * * *') will be:
11/21/2026 03:25:00Z
11/21/2026 03:30:00Z
11/21/2026 03:35:00Z
11/21/2026 03:40:00Z
11/21/2026 03:45:00Z`,
    );
  });

  it('names the time of firing and gives it as metadata', async () => {
    const { listener, app, log, time } = listenerOf(EVERY_FIVE_MINUTES);
    await listener.start();

    await time.fireNext();

    expect(app.requests[0]?.triggerMetadata?.['TimerTrigger']).toEqual({
      string: '11/21/2026 03:25:00',
    });
    expect(log.messages()[1]).toMatch(
      /^Executing 'Functions\.Tick' \(Reason='Timer fired at 2026-11-21T03:25:00\.0000000\+00:00', Id=[\da-f-]{36}\)$/,
    );
  });
});

describe('runOnStartup', () => {
  it('runs at once, says why, and then keeps to the schedule', async () => {
    const { listener, log, time, payloads } = listenerOf({
      ...EVERY_FIVE_MINUTES,
      runOnStartup: true,
    });
    await listener.start();

    await time.fireNext();

    expect(payloads()).toMatchObject([{ IsPastDue: false }]);
    expect(log.messages()).toContain('Trigger Details: UnscheduledInvocationReason: RunOnStartup');
    expect(time.delays).toEqual([0, 180_000]);
  });
});

describe('an occurrence that was missed while the host was down', () => {
  const missed = status('2026-11-21T03:05:00+00:00', '2026-11-21T03:10:00+00:00');

  it('is made up for at once, as past due', async () => {
    const { listener, log, payloads, statusStore, time } = listenerOf(EVERY_FIVE_MINUTES);
    await statusStore.write('Tick', missed);
    await listener.start();

    await time.fireNext();

    expect(payloads()).toMatchObject([{ IsPastDue: true, ScheduleStatus: missed }]);
    expect(log.messages()).toContain(
      'Trigger Details: UnscheduledInvocationReason: IsPastDue, OriginalSchedule: 2026-11-21T03:10:00.0000000+00:00',
    );
    expect(await statusStore.read('Tick')).toEqual(
      status('2026-11-21T03:22:00+00:00', '2026-11-21T03:25:00+00:00'),
    );
  });

  it('of another schedule is forgotten', async () => {
    const { listener, app, statusStore, time } = listenerOf({ schedule: '0 0 * * * *' });
    await statusStore.write('Tick', missed);

    await listener.start();

    expect(time.delays).toEqual([38 * 60_000]);
    expect(app.requests).toEqual([]);
    expect(await statusStore.read('Tick')).toMatchObject({
      Last: NEVER,
      Next: '2026-11-21T04:00:00+00:00',
    });
  });

  it('is not made up for when useMonitor is off or runs come more than once a minute', async () => {
    for (const trigger of [
      { ...EVERY_FIVE_MINUTES, useMonitor: false },
      { schedule: '*/10 * * * * *' },
    ]) {
      const { listener, payloads, statusStore, time } = listenerOf(trigger);
      await statusStore.write('Tick', missed);
      await listener.start();

      await time.fireNext();

      expect(payloads()).toMatchObject([{ IsPastDue: false, ScheduleStatus: null }]);
      expect(await statusStore.read('Tick')).toEqual(missed);
    }
  });

  it('that the .NET host noted is understood, fractions and minimum date included', async () => {
    const { listener, payloads, statusStore, time } = listenerOf({ schedule: '00:10:00' });
    await statusStore.write(
      'Tick',
      status('2026-11-21T03:05:00.0012345+00:00', '2026-11-21T03:15:00.0012345+00:00'),
    );
    await listener.start();

    await time.fireNext();

    expect(payloads()).toMatchObject([{ IsPastDue: true, Schedule: { AdjustForDST: false } }]);
  });
});

describe('a run that takes longer than the schedule allows', () => {
  it('is not overlapped; the missed occurrences become one, at once', async () => {
    let finish: (result: InvocationResult) => void = () => undefined;
    const app = appOf([], () => new Promise((resolve) => (finish = resolve)));
    const { listener, time } = listenerOf(EVERY_FIVE_MINUTES, { app });
    await listener.start();
    await time.fireNext();

    expect(await time.fireNext()).toBe(false);
    time.pass(12 * 60_000);
    finish(succeeded());
    await settled();
    await time.fireNext();
    finish(succeeded());
    await settled();

    expect(app.requests).toHaveLength(2);
    expect(time.delays).toEqual([180_000, 0, 180_000]);
  });
});

describe('failures', () => {
  it('of the function do not end the timer', async () => {
    const { listener, app, log, time } = listenerOf(EVERY_FIVE_MINUTES, {
      app: appOf([], () => failed('boom')),
    });
    await listener.start();

    await time.fireNext();
    await time.fireNext();

    expect(app.requests).toHaveLength(2);
    expect(log.records.filter(({ level }) => level === 'error')).toHaveLength(2);
  });

  it('of the status store are logged and do not end it either', async () => {
    const broken = {
      read: () => Promise.reject(new Error('no read')),
      write: () => Promise.reject(new Error('no write')),
    };
    const { listener, app, log, time } = listenerOf(EVERY_FIVE_MINUTES, { statusStore: broken });
    await listener.start();

    await time.fireNext();

    expect(app.requests).toHaveLength(1);
    expect(log.messages().filter((message) => message.includes('timer trigger status'))).toEqual([
      "Function 'Tick' failed to read the timer trigger status: no read",
      "Function 'Tick' failed to update the timer trigger status: no write",
      "Function 'Tick' failed to update the timer trigger status: no write",
    ]);
  });

  it('are tried again as the retry options say, before the next wait', async () => {
    const app = appOf([], () => (app.requests.length < 3 ? failed('boom') : succeeded()));
    const { listener, time } = listenerOf(EVERY_FIVE_MINUTES, { app, retry: 5 });
    await listener.start();

    for (let i = 0; i < 3; i++) await time.fireNext();

    expect(app.requests.map(({ retryContext }) => retryContext?.retryCount)).toEqual([
      undefined,
      1,
      2,
    ]);
    expect(app.requests[1]?.retryContext).toMatchObject({
      maxRetryCount: 5,
      exception: { message: 'boom' },
    });
    expect(time.delays).toEqual([180_000, 10_000, 10_000, 280_000]);
  });

  it('end with the last retry', async () => {
    const { listener, app, time } = listenerOf(EVERY_FIVE_MINUTES, {
      app: appOf([], () => failed('boom')),
      retry: 1,
    });
    await listener.start();

    await time.fireNext();
    await time.fireNext();

    expect(app.requests).toHaveLength(2);
    expect(time.delays.at(-1)).toBe(290_000);
  });
});

describe('long waits', () => {
  it('are split at what a timer can hold', async () => {
    const { listener, app, time } = listenerOf({ schedule: '50' });
    await listener.start();

    await time.fireNext();
    await time.fireNext();
    expect(app.requests).toHaveLength(0);
    await time.fireNext();

    const delays = time.delays.slice(0, 3);
    expect(delays).toEqual([MAX_TIMER_MS, MAX_TIMER_MS, 50 * 86_400_000 - 2 * MAX_TIMER_MS]);
    expect(app.requests).toHaveLength(1);
  });

  it('have no end for a date that never comes', async () => {
    const { listener, time } = listenerOf({ schedule: '0 0 0 30 2 *' });

    await listener.start();

    expect(time.delays).toEqual([]);
  });

  it('that end a little early are continued', async () => {
    const { listener, app, time } = listenerOf(EVERY_FIVE_MINUTES, {
      time: earlyBy(5, movedTime('2026-11-21T03:22:00Z')),
    });
    await listener.start();

    await time.fireNext();
    expect(app.requests).toHaveLength(0);
    await time.fireNext();

    expect(app.requests).toHaveLength(1);
  });
});

function earlyBy(ms: number, time: MovedTime): MovedTime {
  return {
    ...time,
    schedule: (delayMs, callback) => time.schedule(delayMs > ms ? delayMs - ms : delayMs, callback),
  };
}

describe('stop', () => {
  it('ends the waiting', async () => {
    const { listener, time } = listenerOf(EVERY_FIVE_MINUTES);
    await listener.start();

    await listener.stop();

    expect(await time.fireNext()).toBe(false);
  });

  it('waits for the run in progress, and none follows', async () => {
    let finish: (result: InvocationResult) => void = () => undefined;
    const app = appOf([], () => new Promise((resolve) => (finish = resolve)));
    const { listener, time, statusStore } = listenerOf(EVERY_FIVE_MINUTES, { app });
    await listener.start();
    await time.fireNext();

    let isStopped = false;
    const stopping = listener.stop().then(() => (isStopped = true));
    await settled();
    expect(isStopped).toBe(false);
    finish(succeeded());
    await stopping;

    expect(await time.fireNext()).toBe(false);
    expect((await statusStore.read('Tick'))?.Last).toBe('2026-11-21T03:25:00+00:00');
  });

  it('gives up waiting retries', async () => {
    const { listener, app, time } = listenerOf(EVERY_FIVE_MINUTES, {
      app: appOf([], () => failed('boom')),
      retry: -1,
    });
    await listener.start();
    await time.fireNext();

    await listener.stop();

    expect(app.requests).toHaveLength(1);
    expect(await time.fireNext()).toBe(false);
  });

  it('before start leaves nothing to start', async () => {
    const { listener } = listenerOf(EVERY_FIVE_MINUTES);
    await listener.stop();

    await expect(listener.start()).rejects.toThrow('was started before');
  });
});

describe('a schedule that cannot be read', () => {
  it.each([
    [
      { schedule: 'often' },
      "The schedule expression 'often' was not recognized as a valid cron expression or timespan string.",
    ],
    [{}, 'The timer trigger has no schedule.'],
    [{ schedule: 5 }, 'The timer trigger has no schedule.'],
  ])('%j is the function’s error', (trigger, message) => {
    expect(() => listenerOf(trigger)).toThrow(message);
  });
});
