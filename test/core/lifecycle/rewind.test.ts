import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHistoryRow } from '../../../src/azure-storage/tables/history-codec.ts';
import type { HistoryEvent } from '../../../src/core/history-event.ts';
import { toExecutionId, toInstanceId } from '../../../src/core/ids.ts';
import {
  forgetCall,
  judgeChild,
  planRewind,
  repeatAnswer,
  rewindMessage,
} from '../../../src/core/lifecycle/rewind.ts';
import { asRead, type RecordedRow } from '../../golden/recordings.ts';
import {
  at,
  orchestratorStarted,
  startedEvent,
  taskCompleted,
  taskFailed,
  timerFired,
} from '../../support/history.ts';

const id = toInstanceId('inst');
const common = { IsPlayed: false, Timestamp: at(0) };

const HTTP = 'BuiltIn::HttpActivity';

function sent(eventId: number, name: string): HistoryEvent {
  return {
    ...common,
    EventType: 'EventSent',
    EventId: eventId,
    InstanceId: '@e@k',
    Name: name,
    Input: '{}',
  };
}

function scheduled(eventId: number, name = 'A'): HistoryEvent {
  return {
    ...common,
    EventType: 'TaskScheduled',
    EventId: eventId,
    Name: name,
    Version: '',
    Input: null,
    ParentTraceContext: null,
    Tags: null,
  };
}

function timerCreated(eventId: number, seconds: number): HistoryEvent {
  return { ...common, EventType: 'TimerCreated', EventId: eventId, FireAt: at(seconds) };
}

function created(eventId: number, childId = 'child'): HistoryEvent {
  return {
    ...common,
    EventType: 'SubOrchestrationInstanceCreated',
    EventId: eventId,
    Name: 'Child',
    Version: null,
    InstanceId: childId,
    Input: null,
    ClientSpanId: null,
    Tags: null,
  };
}

function childFailed(taskId: number): HistoryEvent {
  return {
    ...common,
    EventType: 'SubOrchestrationInstanceFailed',
    EventId: -1,
    TaskScheduledId: taskId,
    Reason: 'boom',
    Details: null,
    FailureDetails: null,
  };
}

function ended(status: 'Completed' | 'Failed' | 'Terminated'): HistoryEvent {
  return {
    ...common,
    EventType: 'ExecutionCompleted',
    EventId: 9,
    OrchestrationStatus: status,
    Result: '"over"',
    FailureDetails: null,
  };
}

const begin = [orchestratorStarted(0), startedEvent];

/** The history of a child that the parent `inst` called with task id 0. */
function childHistory(...rest: HistoryEvent[]): HistoryEvent[] {
  const parent = {
    Name: 'Orch',
    OrchestrationInstance: { InstanceId: 'inst', ExecutionId: 'exec' },
    TaskScheduleId: 0,
    Version: null,
  };
  const started = {
    ...startedEvent,
    OrchestrationInstance: { InstanceId: 'child', ExecutionId: 'child-exec' },
    ParentInstance: parent,
  } as HistoryEvent;
  return [orchestratorStarted(0), started, ...rest];
}

describe('the plan of a rewind', () => {
  it('takes back failed tasks with their calls, and the end; completed ones stay', () => {
    const history = [
      ...begin,
      scheduled(0),
      scheduled(1),
      taskCompleted(0),
      taskFailed(1),
      ended('Failed'),
    ];

    const plan = planRewind(id, history);

    expect(plan.edits.map(({ index, reason }) => [index, reason])).toEqual([
      [3, 'Rewound: TaskScheduled'],
      [5, 'Rewound: TaskFailed'],
      [6, 'Rewound: ExecutionCompleted'],
    ]);
    expect(plan.edits[0]?.event).toEqual({
      ...common,
      EventType: 'GenericEvent',
      EventId: 1,
      Data: null,
    });
    expect(plan).toMatchObject({ executionId: 'exec', mustRun: true, calls: [] });
  });

  it('keeps the call of a failed sub-orchestration, and goes into the child', () => {
    const plan = planRewind(id, [...begin, created(0), childFailed(0), ended('Failed')]);

    expect(plan.edits.map(({ index, event }) => [index, event.EventType])).toEqual([
      [2, 'SubOrchestrationInstanceCreated'],
      [3, 'GenericEvent'],
      [4, 'GenericEvent'],
    ]);
    expect(plan.calls).toMatchObject([{ index: 2, hasFailed: true }]);
    expect(plan.mustRun).toBe(false);
  });

  it('edits nothing of a history that did not fail, but still names the children it waits for', () => {
    const plan = planRewind(id, [...begin, scheduled(0), taskFailed(0), created(1)]);

    expect(plan.edits).toEqual([]);
    expect(plan.calls).toMatchObject([{ index: 4, hasFailed: false }]);
  });

  it('of a call that used up its retries takes back the last attempt and the timer that rang at once', () => {
    const history = [
      ...begin,
      scheduled(0),
      orchestratorStarted(1),
      taskFailed(0),
      timerCreated(1, 6),
      orchestratorStarted(6),
      timerFired(1, 6),
      scheduled(2),
      orchestratorStarted(7),
      taskFailed(2),
      timerCreated(3, 7),
      orchestratorStarted(8),
      timerFired(3, 7),
      ended('Failed'),
    ];

    expect(planRewind(id, history).edits.map(({ index, reason }) => [index, reason])).toEqual([
      [11, 'Rewound: TimerCreated'],
      [13, 'Rewound: TimerFired'],
      [8, 'Rewound: TaskScheduled'],
      [10, 'Rewound: TaskFailed'],
      [14, 'Rewound: ExecutionCompleted'],
    ]);
  });

  it('leaves a failure alone after which the orchestrator went on', () => {
    const history = [...begin, scheduled(0), taskFailed(0), scheduled(1), taskFailed(1)];

    const { edits } = planRewind(id, [...history, ended('Failed')]);

    expect(edits.map(({ index }) => index)).toEqual([4, 5, 6]);
  });

  it('takes back activities that had not answered and timers that had not rung', () => {
    const history = [...begin, scheduled(0), scheduled(1), timerCreated(2, 60), taskCompleted(0)];

    const plan = planRewind(id, [...history, ended('Failed')]);

    expect(plan.edits.map(({ index, reason }) => [index, reason])).toEqual([
      [4, 'Rewound: TimerCreated'],
      [3, 'Rewound: TaskScheduled'],
      [6, 'Rewound: ExecutionCompleted'],
    ]);
    expect(plan.mustRun).toBe(true);
  });

  it.each([
    ['a retried call', scheduled(1, 'B'), [taskFailed(1), scheduled(3, 'B')]],
    ['an HTTP call that is polled', scheduled(1, HTTP), [taskCompleted(1), scheduled(3, HTTP)]],
  ])('does not take for the orchestrator what %s did next', (_what, call, [answer, next]) => {
    const history = [
      ...begin,
      scheduled(0, 'A'),
      call,
      orchestratorStarted(1),
      taskFailed(0),
      answer,
      timerCreated(2, 5),
      orchestratorStarted(5),
      timerFired(2, 5),
      next,
      taskCompleted(3),
    ].flatMap((event) => event ?? []);

    const { edits } = planRewind(id, [...history, ended('Failed')]);

    expect(edits.map(({ index }) => index)).toEqual([2, 5, 12]);
  });

  it('takes back that locks were given up at the end, and nothing that was sent before', () => {
    const history = [...begin, sent(0, 'op'), scheduled(1), taskFailed(1), sent(2, 'release')];

    const { edits } = planRewind(id, [...history, ended('Failed')]);

    expect(edits.map(({ index }) => index)).toEqual([3, 4, 5, 6]);
  });

  it('made from any part of its edits comes to the same history', () => {
    const history = [
      ...begin,
      scheduled(0),
      created(1),
      orchestratorStarted(1),
      taskFailed(0),
      timerCreated(2, 1),
      timerFired(2, 1),
      childFailed(1),
      ended('Failed'),
    ];
    const apply = (events: readonly HistoryEvent[], count: number): HistoryEvent[] => {
      const edits = planRewind(id, events).edits.slice(0, count);
      return events.map(
        (event, index) => edits.find((edit) => edit.index === index)?.event ?? event,
      );
    };

    const whole = apply(history, 99);

    expect(whole.filter(({ EventType }) => EventType === 'GenericEvent')).toHaveLength(6);
    for (let count = 0; count <= 6; count++) {
      expect(apply(apply(history, count), 99)).toEqual(whole);
    }
  });

  it('forgets a call by an edit in its place', () => {
    const [call] = planRewind(id, [...begin, created(0), childFailed(0), ended('Failed')]).calls;

    expect(call && forgetCall(call)).toMatchObject({
      index: 2,
      event: { EventType: 'GenericEvent', EventId: 0 },
      reason: 'Rewound: SubOrchestrationInstanceCreated',
    });
  });
});

describe('a child', () => {
  const parent = { instanceId: id, executionId: toExecutionId('exec') };
  const [failedCall] = planRewind(id, [
    ...begin,
    created(0),
    childFailed(0),
    ended('Failed'),
  ]).calls;
  const [openCall] = planRewind(id, [...begin, created(0)]).calls;
  if (!failedCall || !openCall) throw new Error('The plans have calls.');

  it.each([
    ['that failed', childHistory(ended('Failed')), 'rewind', 'rewind'],
    ['that runs', childHistory(), 'rewind', 'rewind'],
    ['that completed', childHistory(ended('Completed')), 'answer', 'answer'],
    ['that was terminated', childHistory(ended('Terminated')), 'startAnew', 'startAnew'],
    ['that was purged', [], 'startAnew', 'startAnew'],
    ['whose id is another parent’s now', [...begin], 'startAnew', 'startAnew'],
  ] as const)('%s', (_what, history, afterFailure, whileOpen) => {
    expect(judgeChild(failedCall, parent, history)).toBe(afterFailure);
    expect(judgeChild(openCall, parent, history)).toBe(whileOpen);
  });

  it('that completed answers once more with its result', () => {
    const context = { now: at(1), newId: () => 'x' };
    const history = childHistory(ended('Completed'));

    expect(repeatAnswer(toInstanceId('child'), history, context)).toMatchObject({
      target: { instanceId: 'inst', executionId: 'exec' },
      sender: { instanceId: 'child', executionId: 'child-exec' },
      event: {
        EventType: 'SubOrchestrationInstanceCompleted',
        TaskScheduledId: 0,
        Result: '"over"',
      },
    });
  });
});

it('the message that wakes a rewound instance addresses whatever execution is current', () => {
  expect(rewindMessage(id, 'again', at(2))).toEqual({
    event: {
      EventType: 'GenericEvent',
      EventId: -1,
      IsPlayed: false,
      Timestamp: at(2),
      Data: 'again',
    },
    target: { instanceId: 'inst', executionId: null },
    sender: { instanceId: '', executionId: '' },
  });
});

function reasonOf({ Reason: reason }: RecordedRow): string {
  return typeof reason === 'string' ? reason : '';
}

describe('the plan for the histories that the .NET extension rewound', () => {
  const file = new URL('../../../../shared/golden/B/hub/History.json', import.meta.url);
  const isThere = existsSync(file);
  if (!isThere) process.stderr.write('SKIPPED: the recordings of the .NET hub are not here.\n');

  it.runIf(isThere).each(['rewind-1', 'failchild-rewind-1'])('is what it did: %s', (instanceId) => {
    const rows = (JSON.parse(readFileSync(file, 'utf8')) as RecordedRow[])
      .filter((row) => row['PartitionKey'] === instanceId && row['RowKey'] !== 'sentinel')
      .slice(0, 8);
    const done = rows.flatMap((row, index) => {
      const reason = reasonOf(row);
      return reason.startsWith('Rewound: ')
        ? [{ index, reason, event: fromHistoryRow(asRead(row)).event }]
        : [];
    });
    const before = rows.map((row) => {
      const [, type] = /^Rewound: (\w+)$/.exec(reasonOf(row)) ?? [];
      const original = { ...row, EventType: type ?? row['EventType'] };
      return fromHistoryRow(asRead(original)).event;
    });

    const { edits } = planRewind(toInstanceId(instanceId), before);

    expect(done.length).toBeGreaterThan(2);
    expect(edits).toEqual(done);
  });
});
