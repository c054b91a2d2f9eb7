/** R4: however the same events are cut into batches, the same ids are handed out for the same things. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../../src/core/history-event.ts';
import { toInstanceId } from '../../../src/core/ids.ts';
import { OrchestrationExecution } from '../../../src/core/orchestration-execution.ts';
import { decide } from '../../../src/core/decide.ts';
import type { SdkAction } from '../../../src/core/replay/action.ts';
import {
  activity,
  activityWithRetry,
  all,
  answered,
  any,
  at,
  event,
  eventRaised,
  orchestratorStarted,
  START_MS,
  startedEvent,
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
  readonly execution: OrchestrationExecution;
  readonly scheduled: string[] = [];
  readonly #actions: readonly SdkAction[];
  #isFirst = true;

  constructor(actions: readonly SdkAction[]) {
    this.#actions = actions;
    this.execution = executionOf([orchestratorStarted(0), startedEvent]);
  }

  feed(events: readonly HistoryEvent[]): void {
    if (!this.#isFirst) this.execution.beginEpisode(events, START_MS);
    this.#isFirst = false;
    const before = this.execution.state.events.length;
    for (;;) {
      this.execution.view();
      const answer = answered(this.#actions);
      if (!decide(this.execution, answer, { now: at(0), newId: () => 'f'.repeat(32) }).isIncomplete)
        break;
    }
    for (const event of this.execution.state.events.slice(before)) {
      if (event.EventType === 'TaskScheduled')
        this.scheduled.push(`${event.EventId} ${event.Name}`);
      if (event.EventType === 'TimerCreated') this.scheduled.push(`${event.EventId} timer`);
    }
  }
}

function executionOf(history: readonly HistoryEvent[]): OrchestrationExecution {
  return new OrchestrationExecution(toInstanceId('inst'), history, {
    checkFunction: () => undefined,
    maxActions: 1000,
    defaultHttpPauseMs: 30_000,
  });
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
        const { events } = live.execution.state;
        const read = executionOf(events);
        read.committedCount = events.length;
        let decision;
        do {
          read.view();
          decision = decide(read, answered(actions), { now: at(0), newId: () => 'f'.repeat(32) });
        } while (decision.isIncomplete);

        expect(decision.outbox).toEqual([]);
        expect(read.replay.nextId).toBe(live.execution.replay.nextId);
        expect(read.replay.hasOpenTasks).toBe(live.execution.replay.hasOpenTasks);
        expect(read.replay.isWalkFinished).toBe(live.execution.replay.isWalkFinished);
        expect(read.replay.waitedFor()).toEqual(live.execution.replay.waitedFor());
      }),
      { numRuns: 300 },
    );
  });
});
