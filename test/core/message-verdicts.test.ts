/** Every verdict on every kind of message, at the delivery at which it changes. */
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { toExecutionId, toInstanceId } from '../../src/core/ids.ts';
import { admit } from '../../src/core/message-admission.ts';
import { stepTags } from '../../src/core/answered-request.ts';
import { stepIdOf } from '../../src/core/entity/request-id.ts';
import type { OrchestrationState } from '../../src/core/orchestration-state.ts';
import { OrchestrationState as State } from '../../src/core/orchestration-state.ts';
import type { TaskMessage } from '../../src/core/task-message.ts';
import { at, eventRaised, taskCompleted, taskFailed, timerFired } from '../support/history.ts';
import {
  childCompleted,
  childCreated,
  eventSent,
  executionCompleted,
  resumed,
  started,
  stateOf,
  suspended,
  taskScheduled,
  terminated,
  timerCreated,
} from '../support/stored-events.ts';

const STABLE_ID = stepIdOf({
  cause: 'exec',
  index: 0,
  target: '@counter@k',
  operation: 'get',
  input: null,
});

const childFailed = (id: number): HistoryEvent => ({
  EventType: 'SubOrchestrationInstanceFailed',
  EventId: -1,
  IsPlayed: false,
  Timestamp: at(0),
  TaskScheduledId: id,
  Reason: 'why',
  Details: null,
  FailureDetails: null,
});

interface Sent {
  readonly from?: string;
  /** null addresses whatever generation is current. */
  readonly to?: string | null;
  readonly instanceId?: string;
}

function message(
  event: HistoryEvent,
  { from = '', to = 'exec', instanceId = 'inst' }: Sent = {},
): TaskMessage {
  return {
    event,
    target: {
      instanceId: toInstanceId(instanceId),
      executionId: to === null ? null : toExecutionId(to),
    },
    sender: { instanceId: from, executionId: from },
  };
}

/** The verdicts at deliveries 1, 2, …, in short: `early*5 discard`. */
function verdicts(state: OrchestrationState | undefined, sent: TaskMessage): string {
  const kinds: string[] = [];
  for (let delivery = 1; delivery <= 120; delivery++) kinds.push(admit(state, sent, delivery).kind);
  const runs: { kind: string; length: number }[] = [];
  for (const kind of kinds) {
    const last = runs.at(-1);
    if (last?.kind === kind) last.length++;
    else runs.push({ kind, length: 1 });
  }
  return runs
    .map(({ kind, length }, index) => (index === runs.length - 1 ? kind : `${kind}*${length}`))
    .join(' ');
}

/** Waits for an activity (0), a timer (1), a child (2) and an entity's answer (3). */
const waiting = (...more: readonly HistoryEvent[]): OrchestrationState =>
  stateOf(
    started({ Timestamp: at(100) }),
    taskScheduled(0),
    timerCreated(1, 60),
    childCreated(2),
    eventSent(3, '@counter@k', '{"op":"get","id":"asked"}'),
    ...more,
  );

const ANSWERS: readonly (readonly [string, HistoryEvent, HistoryEvent])[] = [
  ['TaskCompleted', taskCompleted(0), taskCompleted(8)],
  ['TaskFailed', taskFailed(0), taskFailed(8)],
  ['TimerFired', timerFired(1, 60), timerFired(8, 60)],
  ['SubOrchestrationInstanceCompleted', childCompleted(2), childCompleted(8)],
  ['SubOrchestrationInstanceFailed', childFailed(2), childFailed(8)],
];

describe.each(ANSWERS)('%s', (_type, answer, unasked) => {
  it('is accepted when history holds what it answers', () => {
    expect(verdicts(waiting(), message(answer))).toBe('accept');
  });

  it('is discarded at once when it was answered', () => {
    expect(verdicts(waiting(answer), message(answer))).toBe('discard');
  });

  it('waits for five deliveries for a history that asks for it, or that begins', () => {
    expect(verdicts(waiting(), message(unasked))).toBe('early*5 discard');
    expect(verdicts(undefined, message(answer))).toBe('early*5 discard');
    expect(verdicts(stateOf(), message(answer))).toBe('early*5 discard');
  });

  it('waits for five deliveries for a later generation, and for two when it is older than this one', () => {
    const later = { ...answer, Timestamp: at(101) } as HistoryEvent;
    expect(verdicts(waiting(), message(later, { to: 'other' }))).toBe('early*5 discard');
    const older = { ...answer, Timestamp: at(99) } as HistoryEvent;
    expect(verdicts(waiting(), message(older, { to: 'other' }))).toBe('early*2 discard');
  });

  it('is discarded at once when the instance is over', () => {
    expect(verdicts(waiting(executionCompleted()), message(answer))).toBe('discard');
  });
});

describe("an entity's answer", () => {
  const answer = (name: string) => message(eventRaised(name, '{}'), { from: '@counter@k' });

  it('is accepted when history holds the request, whatever the case of its id', () => {
    expect(verdicts(waiting(), answer('ASKED'))).toBe('accept');
  });

  it('waits for five deliveries, and much longer when the step that asked will ask the same again', () => {
    expect(verdicts(waiting(), answer('another'))).toBe('early*5 discard');
    expect(verdicts(waiting(), answer(STABLE_ID))).toBe('early*100 discard');
  });

  it('to the first try of a step is that of the request that history holds, which has another id', () => {
    const state = waiting(
      eventSent(4, '@counter@k', `{"op":"get","id":"second","stepId":"${STABLE_ID}"}`),
    );
    const first: TaskMessage = { ...answer('first'), orchestrationTags: stepTags(STABLE_ID) };

    expect(verdicts(waiting(), first)).toBe('early*100 discard');
    expect(admit(state, first, 1)).toMatchObject({ kind: 'accept', event: { Name: 'second' } });

    state.append(eventRaised('second', '{}'));
    expect(verdicts(state, first)).toBe('discard');
  });

  it('waits for an instance that has no history', () => {
    expect(verdicts(undefined, answer('asked'))).toBe('early*5 discard');
  });

  it('is discarded at once when the instance is over', () => {
    expect(verdicts(waiting(executionCompleted()), answer('asked'))).toBe('discard');
  });

  it('to another entity is a request, which needs none', () => {
    const entity = new State(toInstanceId('@other@k'));
    entity.append(started());
    const request = message(eventRaised('op', '{}'), {
      from: '@counter@k',
      to: null,
      instanceId: '@other@k',
    });
    expect(verdicts(entity, request)).toBe('accept');
  });
});

describe('a message of a client', () => {
  it.each([eventRaised('Go'), terminated('why'), suspended(), resumed()])(
    '$EventType is accepted by an instance that goes on, and not by one that is over, or not there',
    (event) => {
      const sent = message(event, { to: null });
      expect(verdicts(waiting(), sent)).toBe('accept');
      expect(verdicts(waiting(suspended()), sent)).toBe('accept');
      expect(verdicts(waiting(executionCompleted('Failed')), sent)).toBe('discard');
      expect(verdicts(undefined, sent)).toBe('discard');
      expect(verdicts(stateOf(), sent)).toBe('discard');
    },
  );
});

describe('a start', () => {
  it.each([
    ['an instance without history', undefined],
    ['an instance whose history has not begun', stateOf()],
    ['an instance that goes on', waiting()],
    ['an instance that is over', waiting(executionCompleted())],
  ])('of another execution begins it, in place of %s', (_what, state) => {
    expect(verdicts(state, message(started(), { to: 'new' }))).toBe('start');
  });

  it('of the execution that is stored is discarded, also when it is over', () => {
    expect(verdicts(waiting(), message(started()))).toBe('discard');
    expect(verdicts(waiting(executionCompleted()), message(started()))).toBe('discard');
  });
});

describe('a verdict against a message', () => {
  it.each([
    [undefined, message(taskCompleted(0)), 'the instance has no history'],
    [waiting(), message(taskCompleted(0), { to: 'x' }), 'it is for execution x'],
    [waiting(taskCompleted(0)), message(taskCompleted(0)), 'history holds an answer'],
    [waiting(), message(taskCompleted(8)), 'history does not hold the task'],
    [waiting(executionCompleted('Failed')), message(taskCompleted(0)), 'the instance is Failed'],
    [waiting(), message(started()), 'the execution has started already'],
  ])('gives its reason', (state, sent, reason) => {
    const verdict = admit(state, sent, 200);
    expect(verdict).toMatchObject({ kind: 'discard' });
    expect('reason' in verdict && verdict.reason).toContain(reason);
  });
});
