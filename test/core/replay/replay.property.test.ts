/** R4: however the same events are cut into batches, the same ids are handed out for the same things. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../../src/core/history-event.ts';
import type { Decision } from '../../../src/core/decide.ts';
import type { SdkAction } from '../../../src/core/replay/action.ts';
import {
  activity,
  activityWithRetry,
  all,
  answered,
  any,
  Episodes,
  event,
  eventRaised,
  taskCompleted,
  taskFailed,
  timer,
  timerFired,
} from '../../support/history.ts';

const leaf = fc.oneof(
  fc.constantFrom('A', 'B').map((name) => activity(name)),
  fc.integer({ min: 1, max: 3 }).map((attempts) => activityWithRetry('R', attempts)),
  fc.integer({ min: 1, max: 9 }).map((seconds) => timer(seconds)),
  fc.constantFrom('x', 'y').map((name) => event(name)),
);

/** A list as the SDK sends it: what compounds repeat is the same object. */
const list: fc.Arbitrary<readonly SdkAction[]> = fc
  .array(leaf, { minLength: 1, maxLength: 6 })
  .chain((pool) => {
    const some = fc.array(fc.constantFrom(...pool), { minLength: 1, maxLength: 4 });
    const compound = fc
      .tuple(fc.boolean(), some)
      .map(([isAll, children]) => (isAll ? all(...children) : any(...children)));
    const nested = fc
      .tuple(fc.boolean(), fc.array(fc.oneof(compound, fc.constantFrom(...pool)), { minLength: 1 }))
      .map(([isAll, children]) => (isAll ? all(...children) : any(...children)));
    return fc.array(fc.oneof(leaf, compound, nested), { minLength: 1, maxLength: 5 });
  });

class Run {
  readonly episodes: Episodes;
  readonly scheduled: string[] = [];
  readonly #actions: readonly SdkAction[];

  constructor(actions: readonly SdkAction[], history?: readonly HistoryEvent[]) {
    this.#actions = actions;
    this.episodes = new Episodes(history);
  }

  feed(events: readonly HistoryEvent[]): Decision {
    const { state } = this.episodes.execution;
    const before = state.events.length;
    const decision = this.episodes.run(answered(this.#actions), events, 0);
    for (const event of state.events.slice(before)) {
      if (event.EventType === 'TaskScheduled')
        this.scheduled.push(`${event.EventId} ${event.Name}`);
      if (event.EventType === 'TimerCreated') this.scheduled.push(`${event.EventId} timer`);
    }
    return decision;
  }
}

/** Answers whatever is open, in an order that `choices` decide, one event per episode. */
function runToEnd(run: Run, choices: readonly number[]): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  const open: string[] = [];
  let taken = 0;
  run.feed([]);
  for (const choice of choices) {
    open.push(...run.scheduled.slice(taken));
    taken = run.scheduled.length;
    const next = choice % 5 === 0 ? undefined : open.splice(choice % (open.length || 1), 1)[0];
    const received =
      next === undefined ? eventRaised(choice % 2 ? 'x' : 'y', '1') : answerTo(next, choice);
    events.push(received);
    run.feed([received]);
  }
  return events;
}

function answerTo(scheduled: string, choice: number): HistoryEvent {
  const [id = '', name = ''] = scheduled.split(' ');
  if (name === 'timer') return timerFired(Number(id), 0);
  return choice % 3 === 0 ? taskFailed(Number(id)) : taskCompleted(Number(id), String(choice));
}

const choices = fc.array(fc.nat({ max: 1000 }), { maxLength: 25 });

describe('the replay', () => {
  it('hands out the same ids however answers are batched', () => {
    fc.assert(
      fc.property(
        list,
        choices,
        fc.array(fc.integer({ min: 1, max: 5 })),
        (actions, chosen, cuts) => {
          const single = new Run(actions);
          const events = runToEnd(single, chosen);
          const batched = new Run(actions);
          batched.feed([]);
          const sizes = [...cuts];
          let rest = events;
          while (rest.length > 0) {
            const known = new Set(batched.scheduled.map((text) => Number(text.split(' ')[0])));
            const isKnown = (event: HistoryEvent): boolean => {
              const id =
                'TaskScheduledId' in event
                  ? event.TaskScheduledId
                  : 'TimerId' in event
                    ? event.TimerId
                    : undefined;
              return id === undefined || known.has(id);
            };
            const firstUnknown = rest.findIndex((event) => !isKnown(event));
            const most = firstUnknown < 0 ? rest.length : firstUnknown;
            const size = Math.min(sizes.shift() ?? 1, most);
            if (size === 0) throw new Error('An answer was batched before its question.');
            batched.feed(rest.slice(0, size));
            rest = rest.slice(size);
          }

          expect(batched.scheduled).toEqual(single.scheduled);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is where it was after a stored history is read at once', () => {
    fc.assert(
      fc.property(list, choices, (actions, chosen) => {
        const live = new Run(actions);
        runToEnd(live, chosen);
        const { state, replay } = live.episodes.execution;
        const read = new Run(actions, state.events);
        const decision = read.feed([]);
        const { replay: revived } = read.episodes.execution;

        expect(decision.outbox).toEqual([]);
        expect(revived.failure).toBeUndefined();
        expect(revived.nextId).toBe(replay.nextId);
        expect(revived.hasOpenTasks).toBe(replay.hasOpenTasks);
        expect(revived.isWaitingForEvent).toBe(replay.isWaitingForEvent);
        expect(revived.takeUnreadEvents()).toEqual(replay.takeUnreadEvents());
      }),
      { numRuns: 300 },
    );
  });
});
