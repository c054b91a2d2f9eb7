import { describe, expect, it } from 'vitest';
import { DueMessages } from '../../../src/engine/delivery/due-messages.ts';
import { HandClock } from '../../support/hand-clock.ts';

const DAY_MS = 24 * 3_600_000;

function dueMessages() {
  const clock = new HandClock();
  const delivered: string[] = [];
  const due = new DueMessages<string>(clock, (messages) => void delivered.push(...messages));
  return { clock, delivered, due };
}

describe('DueMessages', () => {
  it('delivers each message at its time, those of one time as they came', () => {
    const { clock, delivered, due } = dueMessages();
    const startMs = clock.now();
    due.add('late', startMs + 500);
    due.add('first', startMs + 200);
    due.add('second', startMs + 200);
    due.add('at once', startMs);
    expect(delivered).toEqual(['at once']);

    clock.skip(200);
    expect(delivered).toEqual(['at once', 'first', 'second']);

    clock.skip(300);
    expect(delivered).toEqual(['at once', 'first', 'second', 'late']);
  });

  it('lets what is due already go first, also where its timer is late', () => {
    let nowMs = 0;
    const delivered: string[] = [];
    const neverFires = { now: () => nowMs, schedule: () => () => undefined };
    const due = new DueMessages<string>(neverFires, (messages) => void delivered.push(...messages));
    due.add('due', 100);
    due.add('later', 300);
    nowMs = 200;

    due.add('just came', 0);

    expect(delivered).toEqual(['due', 'just came']);
  });

  it('needs one timer, however many messages wait', () => {
    const { clock, delivered, due } = dueMessages();
    const startMs = clock.now();

    for (let n = 0; n < 100_000; n += 1) due.add(`${n}`, startMs + 1 + ((n * 7_919) % 100_000));

    expect([due.size, clock.timerCount]).toEqual([100_000, 1]);
    clock.skip(100_001);
    expect([due.size, clock.timerCount, delivered.length]).toEqual([0, 0, 100_000]);
    expect(new Set(delivered).size).toBe(100_000);
  });

  it('waits for longer than a timer of Node can', () => {
    const { clock, delivered, due } = dueMessages();
    due.add('in spring', clock.now() + 90 * DAY_MS);

    clock.skip(90 * DAY_MS - 1);
    expect(delivered).toEqual([]);

    clock.skip(1);
    expect(delivered).toEqual(['in spring']);
  });

  it('delivers nothing early when a timer fires before its time', () => {
    const clock = new HandClock();
    const early = {
      now: () => clock.now(),
      schedule: (delayMs: number, run: () => void) =>
        clock.schedule(delayMs > 1 ? delayMs - 1 : delayMs, run),
    };
    const delivered: string[] = [];
    const due = new DueMessages<string>(early, (messages) => void delivered.push(...messages));
    due.add('on time', clock.now() + 100);

    clock.skip(99);
    expect(delivered).toEqual([]);

    clock.skip(1);
    expect(delivered).toEqual(['on time']);
  });

  it('takes out what is asked for, and waits for the rest', () => {
    const { clock, delivered, due } = dueMessages();
    const dueMs = clock.now() + 1_000;
    due.add('a', dueMs);
    due.add('b', dueMs + 1);

    expect(due.drain((message) => message === 'a')).toMatchObject([{ message: 'a', dueMs }]);

    clock.skip(2_000);
    expect(delivered).toEqual(['b']);
  });

  it('delivers together what is due together', () => {
    const clock = new HandClock();
    const delivered: (readonly string[])[] = [];
    const due = new DueMessages<string>(clock, (messages) => void delivered.push(messages));
    for (const name of ['a', 'b']) due.add(name, clock.now() + 10);

    clock.skip(10);

    expect(delivered).toEqual([['a', 'b']]);
  });

  it('may be added to while it delivers', () => {
    const clock = new HandClock();
    const delivered: number[] = [];
    const due: DueMessages<number> = new DueMessages(clock, ([message = 0]) => {
      delivered.push(message);
      if (message < 3) due.add(message + 1, clock.now() + 10);
    });
    due.add(1, clock.now() + 10);

    clock.skip(30);

    expect(delivered).toEqual([1, 2, 3]);
  });
});
