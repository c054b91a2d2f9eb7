/** The messages by which clients start, steer and signal, and how the wish to steer a tree goes down it. */
import { describe, expect, it } from 'vitest';
import { InstanceExistsError } from '../../../src/core/errors.ts';
import { toInstanceId } from '../../../src/core/ids.ts';
import { RUNTIME_STATUSES, type InstanceRecord } from '../../../src/core/instance-status.ts';
import {
  raiseEventMessage,
  resumeMessage,
  suspendMessage,
  terminateMessage,
} from '../../../src/core/lifecycle/control-messages.ts';
import { signalEntityMessage } from '../../../src/core/lifecycle/signal-entity.ts';
import { startMessage } from '../../../src/core/lifecycle/start.ts';
import {
  messagesToChildren,
  reachesChildren,
  reachingChildren,
} from '../../../src/core/lifecycle/steer-children.ts';
import { decodeRequest } from '../../../src/core/entity/request-message.ts';
import { dueTimeMs } from '../../../src/core/task-message.ts';
import { at, orchestratorStarted, START_MS } from '../../support/history.ts';
import { childCompleted, childCreated, started, stateOf } from '../../support/stored-events.ts';

const ID = toInstanceId('inst');

describe('a message that steers an instance', () => {
  it.each([
    [
      raiseEventMessage(ID, 'Go', '{"n":1}', at(1)),
      'EventRaised',
      { Name: 'Go', Input: '{"n":1}' },
    ],
    [terminateMessage(ID, 'enough', at(1)), 'ExecutionTerminated', { Input: 'enough' }],
    [suspendMessage(ID, 'later', at(1)), 'ExecutionSuspended', { Reason: 'later' }],
    [resumeMessage(ID, 'now', at(1)), 'ExecutionResumed', { Reason: 'now' }],
  ])(
    'is of a client, for whatever generation is current: $event.EventType',
    (sent, type, event) => {
      expect(sent.event).toMatchObject({
        EventType: type,
        EventId: -1,
        Timestamp: at(1),
        ...event,
      });
      expect(sent.target).toEqual({ instanceId: 'inst', executionId: null });
      expect(sent.sender).toEqual({ instanceId: '', executionId: '' });
      expect(reachesChildren(sent)).toBe(false);
      expect(reachesChildren(reachingChildren(sent))).toBe(type !== 'EventRaised');
    },
  );
});

describe('a wish that reaches all below', () => {
  const tree = stateOf(
    orchestratorStarted(0),
    orchestratorStarted(1),
    started(),
    childCreated(0, 'done'),
    childCreated(1, 'open-1'),
    childCreated(4, 'open-2'),
    childCompleted(0),
  );
  const wish = reachingChildren(suspendMessage(ID, 'later', at(1)));

  it('goes to each child that has not answered, and on from there', () => {
    const messages = messagesToChildren(tree, [wish], START_MS + 5_000);
    expect(messages.map(({ target }) => target)).toEqual([
      { instanceId: 'open-1', executionId: null },
      { instanceId: 'open-2', executionId: null },
    ]);
    for (const message of messages) {
      expect(reachesChildren(message)).toBe(true);
      expect(message).toMatchObject({
        event: { EventType: 'ExecutionSuspended', Reason: 'later', Timestamp: at(5) },
        sender: { instanceId: 'inst', executionId: 'exec' },
        episode: 2,
      });
    }
  });

  it('goes on in the order of the wishes, for each child', () => {
    const resume = reachingChildren(resumeMessage(ID, null, at(2)));
    const types = messagesToChildren(tree, [wish, resume], START_MS).map(
      ({ event }) => event.EventType,
    );
    expect(types).toEqual([
      'ExecutionSuspended',
      'ExecutionResumed',
      'ExecutionSuspended',
      'ExecutionResumed',
    ]);
  });

  it('is none without a wish, or without children', () => {
    expect(messagesToChildren(tree, [], START_MS)).toEqual([]);
    expect(messagesToChildren(stateOf(started()), [wish], START_MS)).toEqual([]);
  });
});

const RECORD = { instanceId: ID, generation: 4 } as Partial<InstanceRecord>;

describe('a start', () => {
  const request = {
    instanceId: ID,
    executionId: 'new-exec',
    name: 'Orch',
    version: '2.0',
    input: '1',
    scheduledStartTime: at(60),
    now: at(1),
  };
  const over = (status: InstanceRecord['runtimeStatus'], states: 'NonRunningStates' | 'AnyState') =>
    startMessage(request, { ...RECORD, runtimeStatus: status } as InstanceRecord, states);

  it('is of a client, for an execution of its own', () => {
    const message = startMessage(request, undefined, 'NonRunningStates');
    expect(message.event).toMatchObject({
      EventType: 'ExecutionStarted',
      Name: 'Orch',
      Version: '2.0',
      Input: '1',
      OrchestrationInstance: { InstanceId: 'inst', ExecutionId: 'new-exec' },
      ParentInstance: null,
      Tags: null,
      Generation: 0,
      ScheduledStartTime: at(60),
      Timestamp: at(1),
    });
    expect(message.target).toEqual({ instanceId: 'inst', executionId: 'new-exec' });
    expect(dueTimeMs(message)).toBe(START_MS + 60_000);
  });

  it('over an instance is counted', () => {
    expect(over('Completed', 'NonRunningStates').event.Generation).toBe(5);
    const uncounted = { ...RECORD, generation: null, runtimeStatus: 'Failed' } as InstanceRecord;
    expect(startMessage(request, uncounted, 'AnyState').event.Generation).toBe(1);
  });

  it.each(RUNTIME_STATUSES)(
    'over an instance that is %s is refused unless it may be replaced',
    (s) => {
      const isOver = ['Completed', 'Failed', 'Canceled', 'Terminated'].includes(s);
      if (isOver) expect(() => over(s, 'NonRunningStates')).not.toThrow();
      else expect(() => over(s, 'NonRunningStates')).toThrow(InstanceExistsError);
      expect(() => over(s, 'AnyState')).not.toThrow();
    },
  );
});

describe('a signal', () => {
  const signal = { operation: 'add', input: '5', requestId: 'id-1' };
  const entity = { name: 'Counter', key: 'k' };

  it('is a request of nobody, which is not answered', () => {
    const message = signalEntityMessage(entity, { ...signal, scheduledTime: undefined }, START_MS);
    expect(message.target).toEqual({ instanceId: '@counter@k', executionId: null });
    expect(message.event).toMatchObject({ EventType: 'EventRaised', Name: 'op' });
    const input = message.event.EventType === 'EventRaised' ? message.event.Input : null;
    expect(decodeRequest(input)).toMatchObject({
      operation: 'add',
      input: '5',
      id: 'id-1',
      isSignal: true,
      parentInstanceId: null,
      due: null,
    });
    expect(dueTimeMs(message)).toBeUndefined();
  });

  it('for later is held back until then', () => {
    const scheduledTime = new Date(START_MS + 60_000);
    const message = signalEntityMessage(entity, { ...signal, scheduledTime }, START_MS);
    expect(dueTimeMs(message)).toBe(START_MS + 60_000);
    const input = message.event.EventType === 'EventRaised' ? message.event.Input : null;
    expect(decodeRequest(input).due).toBe(at(60));
  });
});
