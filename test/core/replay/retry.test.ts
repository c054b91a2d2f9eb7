/** Retried calls: attempts and the timers between them take ids as the SDKs count them, whatever happens to the call. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RetryOptions } from '../../../src/core/replay/action.ts';
import { startActivity } from '../../../src/core/replay/activity.ts';
import type { DurableTask } from '../../../src/core/replay/durable-task.ts';
import { startWithRetry } from '../../../src/core/replay/retry.ts';
import { retryOptions } from '../../support/history.ts';
import { WalkScope } from './walk-scope.ts';

const DAY_MS = 24 * 3600 * 1000;

function startCall(scope: WalkScope, retry: RetryOptions): DurableTask {
  const call = { kind: 'callActivityWithRetry', functionName: 'A', input: null, retry } as const;
  return startWithRetry(scope, call, () => startActivity(scope, call));
}

describe('a retried call', () => {
  it('that succeeds at once takes one id', () => {
    const scope = new WalkScope();
    const task = startCall(scope, retryOptions(3));

    scope.complete(0);

    expect(task.outcome).toBe('succeeded');
    expect(scope.upcomingId).toBe(1);
  });

  it('waits between attempts, and after the last one once more without a pause', () => {
    const scope = new WalkScope();
    const task = startCall(scope, retryOptions(2, 5));

    scope.fail(0);
    expect(scope.asked).toEqual(['0:A', '1:timer +5s']);
    scope.fire(1, 5);
    scope.fail(2);
    expect(scope.asked).toEqual(['0:A', '1:timer +5s', '2:A', '3:timer +5s']);
    expect(task.outcome).toBe('pending');
    scope.fire(3, 5);

    expect(task.outcome).toBe('failed');
    expect(scope.upcomingId).toBe(4);
    expect(scope.retries).toEqual([[0, 1, 2, 3]]);
  });

  it('waits longer each time, up to the longest interval', () => {
    const scope = new WalkScope();
    const retry = { ...retryOptions(5, 2), backoffCoefficient: 3, maxRetryIntervalMs: 20_000 };
    startCall(scope, retry);

    const pauses = [0, 1, 2, 3].map((attempt) => {
      scope.fail(attempt * 2);
      const timer = scope.scheduledAs(attempt * 2 + 1);
      const fireMs = timer.kind === 'timer' ? Date.parse(timer.fireAt) : NaN;
      const pauseSeconds = (fireMs - scope.nowMs) / 1000;
      scope.requests.complete(attempt * 2 + 1, {
        EventType: 'TimerFired',
        EventId: -1,
        IsPlayed: false,
        Timestamp: '',
        TimerId: attempt * 2 + 1,
        FireAt: '',
      });
      return pauseSeconds;
    });

    expect(pauses).toEqual([2, 6, 18, 20]);
  });

  it.each(['firstRetryIntervalMs', 'maxRetryIntervalMs'] as const)(
    'fails when its %s is longer than storage can hide a message',
    (name) => {
      const retry = { ...retryOptions(2), maxRetryIntervalMs: 6 * DAY_MS, [name]: 6 * DAY_MS };
      expect(() => startCall(new WalkScope(), retry)).not.toThrow();
      const longer = { ...retry, [name]: 6 * DAY_MS + 1 };
      expect(() => startCall(new WalkScope(), longer)).toThrow('maximum of 6 days');
    },
  );
});

describe('a retried call whose time is up', () => {
  const timedOut = (attempts: number): { scope: WalkScope; task: DurableTask } => {
    const scope = new WalkScope();
    const task = startCall(scope, { ...retryOptions(attempts, 5), retryTimeoutMs: 60_000 });
    scope.nowMs += 60_000;
    scope.fail(0);
    return { scope, task };
  };

  it('fails, and shows the SDK each attempt that nobody makes, with ids that nothing else gets', () => {
    const { scope, task } = timedOut(4);
    expect(scope.asked).toEqual(['0:A', '1:timer +60s']);

    scope.fire(1, 60);

    expect(task.outcome).toBe('failed');
    const shown = scope.shownToSdk.map(({ EventType, EventId }) => `${EventType} ${EventId}`);
    expect(shown.filter((text) => text.startsWith('TaskScheduled'))).toEqual([
      'TaskScheduled 2',
      'TaskScheduled 4',
      'TaskScheduled 6',
    ]);
    expect(shown.filter((text) => text.startsWith('TimerCreated'))).toEqual([
      'TimerCreated 3',
      'TimerCreated 5',
      'TimerCreated 7',
    ]);
    expect(scope.upcomingId).toBe(8);
  });

  it('goes on while there is time', () => {
    const scope = new WalkScope();
    startCall(scope, { ...retryOptions(4, 5), retryTimeoutMs: 60_000 });
    scope.nowMs += 59_999;
    scope.fail(0);
    scope.fire(1, 65);
    expect(scope.asked.at(-1)).toBe('2:A');
    expect(scope.shownToSdk).toEqual([]);
  });

  it('cannot be told to the SDK when ten thousand attempts and more are left', () => {
    const { scope } = timedOut(10_002);
    expect(() => {
      scope.fire(1, 60);
    }).toThrow('with 10001 of its attempts left');
  });
});

describe('the ids of a retried call', () => {
  it('are two for each failed attempt, and one for one that succeeds', () => {
    const attempts = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(attempts, fc.nat(6), (most, failures) => {
        const scope = new WalkScope();
        const task = startCall(scope, retryOptions(most, 1));
        for (let attempt = 0; attempt < Math.min(most, failures); attempt++) {
          scope.fail(attempt * 2);
          scope.fire(attempt * 2 + 1, attempt + 1);
        }
        const succeeds = failures < most;
        if (succeeds) scope.complete(failures * 2);
        expect(task.outcome).toBe(succeeds ? 'succeeded' : 'failed');
        expect(scope.upcomingId).toBe(succeeds ? failures * 2 + 1 : most * 2);
        expect(scope.requests.hasOpen).toBe(false);
      }),
    );
  });
});
