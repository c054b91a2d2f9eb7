/** Requests by their ids: each id is handed out once, and what history holds under it must be what was asked for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Requests } from '../../../src/core/replay/requests.ts';
import type { Scheduled } from '../../../src/core/replay/scheduled.ts';
import type { CompletionEvent } from '../../../src/core/replay/scope.ts';
import { at, taskCompleted, timerFired } from '../../support/history.ts';
import { taskScheduled, timerCreated } from '../../support/stored-events.ts';

const activity = (name: string): Scheduled => ({
  kind: 'activity',
  name,
  version: '',
  input: '[null]',
});
const TIMER: Scheduled = { kind: 'timer', fireAt: at(60) };
const completed = (id: number) => taskCompleted(id) as CompletionEvent;
const NOTHING = (): void => undefined;

describe('ids', () => {
  it('are handed out in order, whatever they are for', () => {
    const requests = new Requests(true);
    expect(requests.schedule(activity('A'))).toBe(0);
    expect(requests.reserveId()).toBe(1);
    expect(requests.expectRecord(TIMER)).toBe(2);
    expect(requests.schedule(TIMER)).toBe(3);
    expect(requests.nextId).toBe(4);
  });

  it('are each handed out once', () => {
    const kind = fc.constantFrom('schedule', 'reserve', 'expect');
    fc.assert(
      fc.property(fc.array(kind, { maxLength: 20 }), (kinds) => {
        const requests = new Requests(true);
        const ids = kinds.map((step) => {
          if (step === 'schedule') return requests.schedule(activity('A'));
          return step === 'reserve' ? requests.reserveId() : requests.expectRecord(TIMER);
        });
        expect(ids).toEqual(kinds.map((_step, index) => index));
      }),
    );
  });
});

describe('what was asked for', () => {
  it('is listed by id until history holds it, also when its id was reserved before', () => {
    const requests = new Requests(true);
    const reserved = requests.reserveId();
    requests.schedule(activity('B'));
    requests.scheduleReserved(reserved, activity('A'));
    const names = () =>
      requests
        .listUnrecorded()
        .map(({ id, scheduled }) => [id, 'name' in scheduled && scheduled.name]);
    expect(names()).toEqual([
      [0, 'A'],
      [1, 'B'],
    ]);

    requests.record(taskScheduled(0, 'a'));

    expect(names()).toEqual([[1, 'B']]);
    const isUnrecorded = [
      taskScheduled(0, 'A'),
      taskScheduled(1, 'b'),
      taskScheduled(1, 'C'),
      timerCreated(1, 60),
    ].map((event) => requests.isUnrecorded(event));
    expect(isUnrecorded).toEqual([false, true, false, false]);
  });

  it('hears of the history event that records it, once', () => {
    const requests = new Requests(true);
    const recorded: number[] = [];
    requests.schedule(activity('A'), ({ EventId }) => recorded.push(EventId));

    requests.record(taskScheduled(0, 'A'));

    expect(recorded).toEqual([0]);
    expect(() => {
      requests.record(taskScheduled(0, 'A'));
    }).toThrow("hasn't (yet?) scheduled this task");
  });

  it.each([
    ['another activity', taskScheduled(0, 'B'), 'scheduled an activity task with sequence ID 0'],
    ['a timer', timerCreated(0, 60), 'scheduled an activity task with sequence ID 0'],
    ['what nobody asked for', taskScheduled(4, 'A'), "hasn't (yet?) scheduled this task"],
  ])('is not what history holds, if that is %s', (_what, event, problem) => {
    const requests = new Requests(true);
    requests.schedule(activity('A'));
    expect(() => {
      requests.record(event);
    }).toThrow(problem);
  });

  it('may be in history alone, and may be missing there', () => {
    const requests = new Requests(true);
    requests.expectRecord(TIMER);
    expect(requests.listUnrecorded()).toEqual([]);
    requests.record(timerCreated(0, 60));
  });
});

describe('an open request', () => {
  it('keeps the instance open until it is answered, and hears of the first answer only', () => {
    const requests = new Requests(true);
    const heard: string[] = [];
    const id = requests.schedule(activity('A'));
    requests.awaitCompletion(id, ({ EventType }) => heard.push(EventType));
    expect(requests.hasOpen).toBe(true);

    requests.complete(id, completed(id));
    requests.complete(id, completed(id));

    expect(heard).toEqual(['TaskCompleted']);
    expect(requests.hasOpen).toBe(false);
  });

  it('that is released does not keep it open, and hears of a late answer', () => {
    const requests = new Requests(true);
    const heard: string[] = [];
    const id = requests.schedule(TIMER);
    requests.awaitCompletion(id, ({ EventType }) => heard.push(EventType));

    requests.release(id);
    expect(requests.hasOpen).toBe(false);
    requests.complete(id, timerFired(id, 60) as CompletionEvent);
    requests.complete(id, timerFired(id, 60) as CompletionEvent);

    expect(heard).toEqual(['TimerFired']);
  });

  it.each([
    [true, true],
    [false, false],
  ])('that is a timer keeps it open where timers do: %s', (waitsForTimers, isOpen) => {
    const requests = new Requests(waitsForTimers);
    requests.awaitCompletion(requests.schedule(TIMER), NOTHING);
    expect(requests.hasOpen).toBe(isOpen);

    requests.awaitCompletion(requests.schedule(activity('A')), NOTHING);
    expect(requests.hasOpen).toBe(true);
  });
});
