/** The fold of a history against a reading of the whole history: whatever comes, and wherever it is cut, both say the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExecutionCompletedEvent, HistoryEvent } from '../../src/core/history-event.ts';
import type { OrchestrationState } from '../../src/core/orchestration-state.ts';
import {
  eventRaised,
  orchestratorStarted,
  START_MS,
  taskCompleted,
  taskFailed,
  timerFired,
} from '../support/history.ts';
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

const IDS = [0, 1, 2, 3, 9];
const id = fc.constantFrom(...IDS);
const anyEvent: fc.Arbitrary<HistoryEvent> = fc.oneof(
  id.map((taskId) => taskScheduled(taskId)),
  id.map((taskId) => taskCompleted(taskId)),
  id.map((taskId) => taskFailed(taskId)),
  id.map((taskId) => timerCreated(taskId, 5)),
  id.map((taskId) => timerFired(taskId, 5)),
  id.map((taskId) => childCreated(taskId)),
  id.map((taskId) => childCompleted(taskId)),
  id.map((taskId) => eventSent(taskId, '@counter@k', `{"op":"add","id":"Request-${taskId}"}`)),
  fc.integer({ min: 0, max: 50 }).map((seconds) => orchestratorStarted(seconds)),
  fc.constantFrom('a', 'b').map((reason) => terminated(reason)),
  fc.constantFrom(suspended(), resumed(), eventRaised('Go')),
  fc.constantFrom('Completed' as const, 'Failed' as const).map((s) => executionCompleted(s)),
);
const history = fc.array(anyEvent, { maxLength: 40 }).map((rest) => [started(), ...rest]);

/** All that a state answers. */
function answers(state: OrchestrationState) {
  return {
    events: state.events,
    executionId: state.executionId,
    nextEventId: state.nextEventId,
    answered: IDS.filter((taskId) => state.hasAnswered(taskId)),
    requests: IDS.filter((taskId) => state.hasSentRequest(`rEQUEST-${taskId}`)),
    episodes: state.episodes,
    clockMs: state.clockMs,
    terminated: state.terminated,
    completed: state.completed,
    isSuspended: state.isSuspended,
    hasExternalEvents: state.hasExternalEvents,
    runtimeStatus: state.runtimeStatus,
    isTerminal: state.isTerminal,
  };
}

/** The same, read from the events as a whole. */
function expected(events: readonly HistoryEvent[]): ReturnType<typeof answers> {
  const of = <Type extends HistoryEvent['EventType']>(...types: readonly Type[]) =>
    events.filter((event): event is Extract<HistoryEvent, { EventType: Type }> =>
      (types as readonly string[]).includes(event.EventType),
    );
  const sent = of('EventSent');
  const scheduled = [
    ...of('TaskScheduled', 'TimerCreated', 'SubOrchestrationInstanceCreated'),
    ...sent,
  ];
  const answeredIds = new Set([
    ...of('TaskCompleted', 'TaskFailed', 'SubOrchestrationInstanceCompleted').map(
      ({ TaskScheduledId }) => TaskScheduledId,
    ),
    ...of('TimerFired').map(({ TimerId }) => TimerId),
  ]);
  const clocks = of('OrchestratorStarted').map(({ Timestamp }) => Date.parse(Timestamp));
  const [completed] = of(
    'ExecutionCompleted',
    'ContinueAsNew',
  ) as readonly ExecutionCompletedEvent[];
  const steering = of('ExecutionSuspended', 'ExecutionResumed').at(-1);
  const isSuspended = steering?.EventType === 'ExecutionSuspended';
  return {
    events: [...events],
    executionId: 'exec' as ReturnType<typeof answers>['executionId'],
    nextEventId: Math.max(0, ...scheduled.map(({ EventId }) => EventId + 1)),
    answered: IDS.filter((taskId) => answeredIds.has(taskId)),
    requests: IDS.filter((taskId) => sent.some(({ EventId }) => EventId === taskId)),
    episodes: clocks.length,
    clockMs: Math.max(0, ...clocks),
    terminated: of('ExecutionTerminated')[0],
    completed,
    isSuspended,
    hasExternalEvents: of('EventRaised').length > 0,
    runtimeStatus: completed?.OrchestrationStatus ?? (isSuspended ? 'Suspended' : 'Running'),
    isTerminal: completed !== undefined,
  };
}

describe('the state of an execution', () => {
  it('is what its whole history says', () => {
    fc.assert(
      fc.property(history, (events) => {
        expect(answers(stateOf(...events))).toEqual(expected(events));
      }),
    );
  });

  it('is the same however its history was cut into commits', () => {
    fc.assert(
      fc.property(history, fc.nat(40), (events, cut) => {
        const state = stateOf(...events.slice(0, cut));
        // Asking between two commits changes nothing.
        answers(state);
        for (const event of events.slice(cut)) state.append(event);
        expect(answers(state)).toEqual(answers(stateOf(...events)));
      }),
    );
  });

  it('holds more memory with each event, and with each text of one', () => {
    const small = stateOf(started(), eventRaised('Go', 'x'));
    const large = stateOf(started(), eventRaised('Go', 'x'.repeat(5_001)));
    expect(small.payloadLength).toBeGreaterThan(stateOf(started()).payloadLength);
    expect(large.payloadLength - small.payloadLength).toBe(5_000);
  });

  it('has no execution and no clock before it starts', () => {
    const state = stateOf();
    expect([state.started, state.executionId, state.clockMs]).toEqual([undefined, undefined, 0]);
    expect(stateOf(orchestratorStarted(3)).clockMs).toBe(START_MS + 3000);
  });
});
