/** Who gets which event: the newest or the oldest waiter, early events in the order in which they came, names without case. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EventRaisedEvent } from '../../../src/core/history-event.ts';
import {
  EventWaiters,
  type EventDelivery,
  type ServedWaiter,
} from '../../../src/core/replay/event-waiters.ts';
import { eventRaised } from '../../support/history.ts';

const raised = (name: string, input: string | null = null): EventRaisedEvent =>
  eventRaised(name, input) as EventRaisedEvent;

/** `waiter:input`, in the order in which events reached the orchestrator. */
let got: string[];
/** What the listener was told, by index. */
let told: Map<number, EventDelivery>;
let waiters: EventWaiters;
beforeEach(() => {
  got = [];
  told = new Map();
  waiters = new EventWaiters((_event, index, delivery) => told.set(index, delivery));
});

const wait = (name: string, waiter: string): void => {
  waiters.wait(name, (input) => got.push(`${waiter}:${String(input)}`));
};

describe('an event that something waits for', () => {
  it.each([
    ['newest', 'second'],
    ['oldest', 'first'],
  ] as const)('reaches the %s of several waiters', (served, waiter) => {
    wait('Go', 'first');
    wait('Go', 'second');

    waiters.raise(raised('Go', '1'), 5, served);

    expect(got).toEqual([`${waiter}:1`]);
    expect(waiters.isEmpty).toBe(false);
  });

  it('is told once, whatever its case, under the name that the orchestrator waits by', () => {
    wait('approval', 'w');

    waiters.raise(raised('APPROVAL', 'yes'), 5, 'newest');
    waiters.raise(raised('Approval', 'no'), 6, 'newest');

    expect(got).toEqual(['w:yes']);
    expect([...told]).toEqual([[5, { name: 'approval', after: 5 }]]);
    expect(waiters.takeUnread().map(({ Input }) => Input)).toEqual(['no']);
  });

  it('leaves waiters of other names alone', () => {
    wait('Go', 'go');
    wait('Stop', 'stop');

    waiters.raise(raised('Stop'), 1, 'newest');

    expect(got).toEqual(['stop:null']);
    expect([...waiters.names()]).toEqual([['go', ['Go']]]);
  });
});

describe('an event that nothing waits for yet', () => {
  it('is kept, and reaches a later waiter only when it is delivered', () => {
    waiters.raise(raised('Go', '1'), 3, 'newest');
    wait('go', 'w');
    expect(got).toEqual([]);
    expect(waiters.hasEarly).toBe(true);

    expect(waiters.deliverEarly(9, 'newest')).toBe(true);

    expect(got).toEqual(['w:1']);
    expect([...told]).toEqual([[3, { name: 'go', after: 9 }]]);
    expect([waiters.hasEarly, waiters.isEmpty]).toEqual([false, true]);
    expect(waiters.deliverEarly(9, 'newest')).toBe(false);
  });

  it('is delivered before all that came later, of whatever name, and one at a time', () => {
    waiters.raise(raised('B', '1'), 1, 'newest');
    waiters.raise(raised('A', '2'), 2, 'newest');
    waiters.raise(raised('B', '3'), 3, 'newest');
    wait('A', 'a');
    wait('B', 'b');

    wait('B', 'b again');

    expect(waiters.deliverEarly(4, 'oldest')).toBe(true);
    expect(got).toEqual(['b:1']);
    // The next of the same name came later than that of another.
    expect(waiters.deliverEarly(4, 'oldest')).toBe(true);
    expect(got).toEqual(['b:1', 'a:2']);
    expect(waiters.deliverEarly(4, 'oldest')).toBe(true);
    expect(got).toEqual(['b:1', 'a:2', 'b again:3']);
    expect(waiters.deliverEarly(4, 'oldest')).toBe(false);
  });

  it.each([
    ['newest', 'second'],
    ['oldest', 'first'],
  ] as const)('reaches the %s waiter of that moment', (served, waiter) => {
    waiters.raise(raised('Go', '1'), 1, served);
    wait('Go', 'first');
    wait('Go', 'second');

    waiters.deliverEarly(2, served);

    expect(got).toEqual([`${waiter}:1`]);
  });

  it('is kept even from a waiter, where the orchestrator is not to see it now', () => {
    wait('Go', 'w');
    waiters.keep(raised('Go', '1'), 1);
    expect(got).toEqual([]);

    expect(waiters.deliverEarly(4, 'newest')).toBe(true);

    expect(got).toEqual(['w:1']);
    expect([...told]).toEqual([[1, { name: 'Go', after: 4 }]]);
  });

  it('stays when something else is waited for, and is taken out by whoever carries it over', () => {
    waiters.raise(raised('Go', '1'), 1, 'newest');
    wait('Stop', 'w');

    expect(waiters.deliverEarly(2, 'newest')).toBe(false);
    expect(waiters.takeUnread()).toHaveLength(1);
    expect(waiters.takeUnread()).toEqual([]);
    expect(waiters.hasEarly).toBe(false);
  });
});

describe('a name that is waited for twice at once', () => {
  it('is named once, as the later wait spells it', () => {
    wait('Go', 'first');
    wait('GO', 'second');

    expect(waiters.takeContested()).toEqual(['GO']);
    expect(waiters.takeContested()).toEqual([]);
  });

  it('is not contested when the first wait is over', () => {
    wait('Go', 'first');
    waiters.raise(raised('Go'), 1, 'newest');
    wait('Go', 'second');
    expect(waiters.takeContested()).toEqual([]);
  });
});

type Step = 'raise' | 'keep' | 'wait' | 'deliver';

describe('waits and events in any order', () => {
  const name = fc.constantFrom('Go', 'GO', 'Stop');
  const kind = fc.constantFrom<Step>('raise', 'keep', 'wait', 'wait', 'deliver');
  const steps = fc.array(fc.tuple(kind, name), { maxLength: 40 });

  it.each(['newest', 'oldest'] as const)(
    'meet as two lists for each name do, with the %s waiter served',
    (served: ServedWaiter) => {
      fc.assert(
        fc.property(steps, (list) => {
          const heard: string[] = [];
          const real = new EventWaiters(() => undefined);
          const model = new TwoLists(served);
          list.forEach(([step, of], index) => {
            if (step === 'wait') {
              real.wait(of, (input) => heard.push(`${index}:${String(input)}`));
              model.wait(of, index);
            } else if (step === 'raise') {
              real.raise(raised(of, String(index)), index, served);
              model.raise(of, index);
            } else if (step === 'keep') {
              real.keep(raised(of, String(index)), index);
              model.keep(of, index);
            } else {
              expect(real.deliverEarly(index, served)).toBe(model.deliver());
            }
          });
          expect(heard).toEqual(model.heard);
          const unread = real.takeUnread().map(({ Input }) => Number(Input));
          expect([...unread].sort((a, b) => a - b)).toEqual(model.early.map(({ at }) => at));
        }),
        { numRuns: 300 },
      );
    },
  );
});

/** The same rules, written down as simply as they can be. */
class TwoLists {
  readonly heard: string[] = [];
  waiting: { readonly key: string; readonly at: number }[] = [];
  early: { readonly key: string; readonly at: number }[] = [];
  readonly #served: ServedWaiter;

  constructor(served: ServedWaiter) {
    this.#served = served;
  }

  wait(name: string, at: number): void {
    this.waiting.push({ key: name.toLowerCase(), at });
  }

  raise(name: string, at: number): void {
    if (!this.#serve({ key: name.toLowerCase(), at })) this.keep(name, at);
  }

  keep(name: string, at: number): void {
    this.early.push({ key: name.toLowerCase(), at });
  }

  deliver(): boolean {
    const event = this.early.find(({ key }) => this.waiting.some((w) => w.key === key));
    if (!event) return false;
    this.early = this.early.filter((other) => other !== event);
    return this.#serve(event);
  }

  #serve({ key, at }: { readonly key: string; readonly at: number }): boolean {
    const open = this.waiting.filter((waiter) => waiter.key === key);
    const waiter = this.#served === 'newest' ? open.at(-1) : open[0];
    if (!waiter) return false;
    this.waiting = this.waiting.filter((other) => other !== waiter);
    this.heard.push(`${waiter.at}:${at}`);
    return true;
  }
}
