/** Every kind of request: what history records and what the message says are the same request, under the same id. */
import { describe, expect, it } from 'vitest';
import type {
  ExecutionCompletedEvent,
  ExecutionStartedEvent,
  HistoryEvent,
} from '../../src/core/history-event.ts';
import { toExecutionId, toInstanceId } from '../../src/core/ids.ts';
import { answerToParent, dispatch, type Sending } from '../../src/core/outbox.ts';
import { isScheduledEvent, type Scheduled } from '../../src/core/replay/scheduled.ts';
import { isActivityMessage, type TaskMessage } from '../../src/core/task-message.ts';
import { at } from '../support/history.ts';
import { executionCompleted, started } from '../support/stored-events.ts';

const PARENT: ExecutionStartedEvent['ParentInstance'] = {
  Name: 'Parent',
  OrchestrationInstance: { InstanceId: 'parent', ExecutionId: 'parent-exec' },
  TaskScheduleId: 7,
  Version: '1.0',
};

function sending(changes: Partial<ExecutionStartedEvent> = {}): Sending {
  return {
    instanceId: toInstanceId('inst'),
    executionId: toExecutionId('exec'),
    started: started({ Version: '2.0', ...changes }),
    episode: 3,
    now: at(10),
    newId: () => 'child-exec',
  };
}

const ACTIVITY: Scheduled = { kind: 'activity', name: 'A', version: '', input: '["in"]' };
const TIMER: Scheduled = { kind: 'timer', fireAt: at(60) };
const CHILD: Scheduled = {
  kind: 'subOrchestration',
  name: 'Child',
  version: '1.5',
  instanceId: 'my-child',
  input: '"in"',
};
const EVENT: Scheduled = {
  kind: 'sendEvent',
  instanceId: '@counter@k',
  eventName: 'op',
  input: () => '{"op":"add"}',
};

describe('every request', () => {
  it.each([ACTIVITY, TIMER, CHILD, EVENT])(
    'of the kind $kind is recorded under its id, and leaves in the name of its execution',
    (scheduled) => {
      const { event, message } = dispatch(sending(), 5, scheduled);

      expect(isScheduledEvent(event)).toBe(true);
      expect(event).toMatchObject({ EventId: 5, IsPlayed: false, Timestamp: at(10) });
      expect(message).toMatchObject({
        sender: { instanceId: 'inst', executionId: 'exec' },
        episode: 3,
        event: { IsPlayed: false, Timestamp: at(10) },
      });
      expect(isActivityMessage(message)).toBe(scheduled.kind === 'activity');
    },
  );
});

describe('an activity', () => {
  it('leaves as history records it, for the execution that waits, with the tags of the instance', () => {
    const { event, message } = dispatch(sending({ Tags: { team: 'blue' } }), 5, ACTIVITY);

    expect(event).toMatchObject({
      EventType: 'TaskScheduled',
      Name: 'A',
      Version: '',
      Input: '["in"]',
    });
    expect(message.event).toEqual(event);
    expect(message.target).toEqual({ instanceId: 'inst', executionId: 'exec' });
    expect(message.orchestrationTags).toMatchObject({ team: 'blue' });
  });
});

describe('a timer', () => {
  it('fires for its own execution, at the time and with the id that history records', () => {
    const { event, message } = dispatch(sending(), 5, TIMER);

    expect(event).toMatchObject({ EventType: 'TimerCreated', FireAt: at(60) });
    expect(message.event).toMatchObject({
      EventType: 'TimerFired',
      EventId: -1,
      TimerId: 5,
      FireAt: at(60),
    });
    expect(message.target).toEqual({ instanceId: 'inst', executionId: 'exec' });
  });
});

describe('a sub-orchestration', () => {
  it('is started as the child that history names, and knows whom to answer', () => {
    const { event, message } = dispatch(sending({ Tags: { team: 'blue' } }), 5, CHILD);

    const common = { Name: 'Child', Version: '1.5', Input: '"in"' };
    expect(event).toMatchObject({ ...common, InstanceId: 'my-child' });
    expect(message.target).toEqual({ instanceId: 'my-child', executionId: 'child-exec' });
    expect(message.event).toMatchObject({
      ...common,
      EventType: 'ExecutionStarted',
      EventId: -1,
      OrchestrationInstance: { InstanceId: 'my-child', ExecutionId: 'child-exec' },
      ParentInstance: {
        Name: 'Orch',
        Version: '2.0',
        OrchestrationInstance: { InstanceId: 'inst', ExecutionId: 'exec' },
        TaskScheduleId: 5,
      },
      Tags: { team: 'blue' },
      // No client counts it: it must not be taken for a start over an instance.
      Generation: null,
      ScheduledStartTime: null,
    });
  });

  it('without an id gets one of the execution and the event id, the same whenever the step runs again', () => {
    const once = dispatch(sending(), 5, { ...CHILD, instanceId: '' });
    const again = dispatch({ ...sending(), now: at(99), newId: () => 'other' }, 5, {
      ...CHILD,
      instanceId: '',
    });

    expect(once.event).toMatchObject({ InstanceId: 'exec:5' });
    expect(once.message.target.instanceId).toBe('exec:5');
    expect(again.event).toMatchObject({ InstanceId: 'exec:5' });
  });
});

describe('an event to another instance', () => {
  it('is asked for its input once, and reaches whatever generation is current', () => {
    let asked = 0;
    const { event, message } = dispatch(sending(), 5, {
      ...EVENT,
      input: () => `{"stamp":${++asked}}`,
    });

    expect(asked).toBe(1);
    expect(event).toMatchObject({
      EventType: 'EventSent',
      InstanceId: '@counter@k',
      Name: 'op',
      Input: '{"stamp":1}',
    });
    expect(message.event).toMatchObject({
      EventType: 'EventRaised',
      EventId: -1,
      Name: 'op',
      Input: '{"stamp":1}',
    });
    expect(message.target).toEqual({ instanceId: '@counter@k', executionId: null });
  });
});

describe('the answer to a parent', () => {
  const answer = (
    changes: Partial<ExecutionStartedEvent>,
    completed: HistoryEvent,
    details: string | null = null,
  ): TaskMessage | undefined =>
    answerToParent(sending(changes), completed as ExecutionCompletedEvent, details);

  it('of a child that completed is its result, for the call of the very execution that asked', () => {
    const message = answer({ ParentInstance: PARENT }, executionCompleted('Completed', '"out"'));

    expect(message).toMatchObject({
      sender: { instanceId: 'inst', executionId: 'exec' },
      target: { instanceId: 'parent', executionId: 'parent-exec' },
      event: {
        EventType: 'SubOrchestrationInstanceCompleted',
        TaskScheduledId: 7,
        Result: '"out"',
        Timestamp: at(10),
      },
    });
  });

  it.each(['Failed', 'Terminated'] as const)('of a child that %s is a failure', (status) => {
    const message = answer({ ParentInstance: PARENT }, executionCompleted(status, 'why'), 'more');

    expect(message?.event).toMatchObject({
      EventType: 'SubOrchestrationInstanceFailed',
      TaskScheduledId: 7,
      Reason: 'why',
      Details: 'more',
      FailureDetails: null,
    });
  });

  it('reaches whatever generation is current when the parent named none', () => {
    const parent = {
      ...PARENT,
      OrchestrationInstance: { InstanceId: 'parent', ExecutionId: null },
    } as ExecutionStartedEvent['ParentInstance'];
    const message = answer({ ParentInstance: parent }, executionCompleted());
    expect(message?.target).toEqual({ instanceId: 'parent', executionId: null });
  });

  it('is not owed by an instance that has no parent', () => {
    expect(answer({ ParentInstance: null }, executionCompleted())).toBeUndefined();
  });

  it.each(['Completed', 'Failed', 'Terminated'] as const)(
    'is not owed by a child that was fired and forgotten, and %s',
    (status) => {
      const changes = { ParentInstance: PARENT, Tags: { FireAndForget: '' } };
      expect(answer(changes, executionCompleted(status))).toBeUndefined();
    },
  );

  it('is owed by a child that only has other tags', () => {
    const changes = { ParentInstance: PARENT, Tags: { team: 'blue' } };
    expect(answer(changes, executionCompleted())).toBeDefined();
  });
});
