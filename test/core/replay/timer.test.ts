/** Timers: short ones are one request, long ones slices, each with an id of its own, as the SDK counts them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startTimer } from '../../../src/core/replay/timer.ts';
import { at, START_MS } from '../../support/history.ts';
import { timerCreated } from '../../support/stored-events.ts';
import { WalkScope } from './walk-scope.ts';

const DAY = 24 * 3600;
const timer = (scope: WalkScope, seconds: number, isCanceled = false) =>
  startTimer(scope, { fireAt: at(seconds), isCanceled });

describe('a timer', () => {
  it('of six days is one request', () => {
    const scope = new WalkScope();
    const { task } = timer(scope, 6 * DAY);
    expect(scope.asked).toEqual([`0:timer +${6 * DAY}s`]);

    scope.fire(0, 6 * DAY);

    expect(task.outcome).toBe('succeeded');
    expect(scope.upcomingId).toBe(1);
  });

  it('of a moment more is two slices of three days, and what is left', () => {
    const scope = new WalkScope();
    const { task } = timer(scope, 6 * DAY + 1);
    expect(scope.asked).toEqual([`0:timer +${3 * DAY}s`]);

    scope.fire(0, 3 * DAY);
    expect(scope.asked.at(-1)).toBe(`1:timer +${6 * DAY}s`);
    scope.fire(1, 6 * DAY);
    expect(scope.asked.at(-1)).toBe(`2:timer +${6 * DAY + 1}s`);
    expect(task.outcome).toBe('pending');
    scope.fire(2, 6 * DAY + 1);

    expect(task.outcome).toBe('succeeded');
  });

  it('that is long is over when a slice fires late, past its own time', () => {
    const scope = new WalkScope();
    const { task } = timer(scope, 7 * DAY);
    scope.fire(0, 8 * DAY);
    expect(task.outcome).toBe('succeeded');
    expect(scope.upcomingId).toBe(1);
  });

  it('fires at once when its time is over', () => {
    const scope = new WalkScope();
    timer(scope, -60);
    expect(scope.asked).toEqual(['0:timer +-60s']);
  });

  it('needs a date', () => {
    const scope = new WalkScope();
    expect(() => startTimer(scope, { fireAt: 'later', isCanceled: false })).toThrow("'later'");
  });

  it('of any length has each slice no longer than storage hides a message, and ends at its time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 * DAY }), (seconds) => {
        const scope = new WalkScope();
        const { task } = timer(scope, seconds);
        while (task.outcome === 'pending') {
          const id = scope.upcomingId - 1;
          const slice = scope.scheduledAs(id);
          const fireMs = slice.kind === 'timer' ? Date.parse(slice.fireAt) : NaN;
          expect(fireMs - scope.nowMs).toBeLessThanOrEqual(6 * DAY * 1000);
          expect(fireMs).toBeGreaterThan(scope.nowMs);
          scope.fire(id, (fireMs - START_MS) / 1000);
        }
        expect(scope.nowMs).toBe(START_MS + seconds * 1000);
        const isLong = seconds > 6 * DAY;
        expect(scope.upcomingId).toBe(isLong ? Math.ceil(seconds / (3 * DAY)) : 1);
      }),
    );
  });
});

describe('a cancelled timer', () => {
  it('does not keep the instance open, and may fire all the same', () => {
    const scope = new WalkScope();
    const started = timer(scope, 60);
    expect(scope.requests.hasOpen).toBe(true);

    started.cancel();
    expect(scope.requests.hasOpen).toBe(false);
    scope.fire(0, 60);

    expect(started.task.outcome).toBe('succeeded');
  });

  it('from the start asks for its first slice, and for no further one', () => {
    const scope = new WalkScope();
    timer(scope, 20 * DAY, true);
    expect(scope.asked).toEqual([`0:timer +${3 * DAY}s`]);

    scope.fire(0, 3 * DAY);

    expect(scope.asked).toEqual([`0:timer +${3 * DAY}s`]);
    // The SDK counts it; a history in which it went on before it was cancelled holds it.
    expect(scope.upcomingId).toBe(2);
    scope.record(timerCreated(1, 6 * DAY));
    expect(scope.requests.hasOpen).toBe(false);
  });
});
