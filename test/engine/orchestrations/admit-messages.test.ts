/** The messages of one work item together: which begin, which join, which wait, and when the status row is asked. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { ExecutionStartedEvent, HistoryEvent } from '../../../src/core/history-event.ts';
import { toExecutionId, toInstanceId } from '../../../src/core/ids.ts';
import { reachingChildren } from '../../../src/core/lifecycle/steer-children.ts';
import type { OrchestrationState } from '../../../src/core/orchestration-state.ts';
import type { StartMessage, TaskMessage } from '../../../src/core/task-message.ts';
import {
  admitMessages,
  type AdmittedMessages,
} from '../../../src/engine/orchestrations/admit-messages.ts';
import type { DeliveredMessage, TaskHubBackend } from '../../../src/engine/backend.ts';
import { createMemoryBackend } from '../../../src/memory/memory-backend.ts';
import { at, eventRaised, taskCompleted } from '../../support/history.ts';
import {
  executionCompleted,
  started,
  stateOf,
  suspended,
  taskScheduled,
  terminated,
} from '../../support/stored-events.ts';

const INST = toInstanceId('inst');
const PARENT: ExecutionStartedEvent['ParentInstance'] = {
  Name: 'Parent',
  OrchestrationInstance: { InstanceId: 'parent', ExecutionId: 'parent-exec' },
  TaskScheduleId: 0,
  Version: null,
};

let backend: TaskHubBackend;
/** How often the row was read. */
let asked: number;
beforeEach(async () => {
  const memory = createMemoryBackend();
  await memory.createHub();
  asked = 0;
  backend = memory;
  const find = memory.findInstance.bind(memory);
  memory.findInstance = (...args) => {
    asked++;
    return find(...args);
  };
});

function message(event: HistoryEvent, to: string | null = null, from = ''): TaskMessage {
  return {
    event,
    target: { instanceId: INST, executionId: to === null ? null : toExecutionId(to) },
    sender: { instanceId: from, executionId: from },
  };
}

function start(executionId: string, changes: Partial<ExecutionStartedEvent> = {}): StartMessage {
  const OrchestrationInstance = { InstanceId: 'inst', ExecutionId: executionId };
  return message(started({ OrchestrationInstance, ...changes }), executionId) as StartMessage;
}

interface Delivery {
  readonly count?: number;
  readonly hasNoHistory?: boolean;
}

/** What comes of the messages, in words: each is named by the type of its event. */
async function admitted(
  stored: OrchestrationState | undefined,
  messages: readonly TaskMessage[],
  { count = 1, hasNoHistory = false }: Delivery = {},
): Promise<{
  readonly start: string | undefined;
  readonly events: readonly string[];
  readonly consumed: readonly string[];
  readonly deferred: readonly string[];
  readonly discarded: AdmittedMessages['discarded'];
  readonly terminated: AdmittedMessages['terminated'];
}> {
  const delivered = messages.map((sent): DeliveredMessage => ({
    message: sent,
    dequeueCount: count,
    hasNoHistory,
  }));
  const result = await admitMessages(stored, delivered, { backend, now: at(100) });
  const names = (list: readonly DeliveredMessage[]): string[] =>
    list.map(({ message: { event } }) => event.EventType);
  return {
    start: result.start?.target.executionId ?? undefined,
    events: result.events.map(({ EventType }) => EventType),
    consumed: names(result.consumed),
    deferred: names(result.deferred),
    discarded: result.discarded,
    terminated: result.terminated,
  };
}

const waiting = (): OrchestrationState => stateOf(started(), taskScheduled(0));

describe('messages of an execution that is stored', () => {
  it('join it in their order, and what came before, or too early, does not', async () => {
    const sent = [eventRaised('Go'), taskCompleted(0), taskCompleted(8), suspended()];
    const result = await admitted(
      waiting(),
      sent.map((event) => message(event)),
    );
    expect(result).toMatchObject({
      start: undefined,
      events: ['EventRaised', 'TaskCompleted', 'ExecutionSuspended'],
      consumed: ['EventRaised', 'TaskCompleted', 'ExecutionSuspended'],
      deferred: ['TaskCompleted'],
      discarded: [],
    });
    expect(asked).toBe(0);
  });

  it('are deleted with the reason when their effects are stored', async () => {
    const over = stateOf(started(), taskScheduled(0), taskCompleted(0), executionCompleted());
    const { consumed, events, discarded } = await admitted(over, [message(taskCompleted(0))]);
    expect([consumed, events]).toEqual([['TaskCompleted'], []]);
    expect(discarded.map(({ reason }) => reason)).toEqual(['the instance is Completed']);
  });
});

describe('a start', () => {
  it('that this process inserted itself, and one of a parent, begin without a question', async () => {
    const own = await admitted(undefined, [start('new')], { hasNoHistory: true });
    const child = await admitted(undefined, [start('new', { ParentInstance: PARENT })]);
    expect([own.start, child.start, asked]).toEqual(['new', 'new', 0]);
  });

  it('begins when its status row is about it, and is what the messages for it join', async () => {
    await backend.createInstance(start('new'), undefined);
    const result = await admitted(undefined, [
      message(eventRaised('Go')),
      message(taskCompleted(0), 'new'),
      start('new'),
    ]);
    expect(result).toMatchObject({
      start: 'new',
      events: ['EventRaised'],
      consumed: ['ExecutionStarted', 'EventRaised'],
      // What answers nothing that was asked yet.
      deferred: ['TaskCompleted'],
    });
  });

  it('takes the place of what is stored: messages for that one come too late', async () => {
    await backend.createInstance(start('new'), undefined);
    const result = await admitted(waiting(), [
      message(taskCompleted(0), 'exec'),
      message(eventRaised('Go')),
      start('new'),
    ]);
    expect(result).toMatchObject({ start: 'new', events: ['EventRaised'] });
    expect(result.discarded.map(({ reason }) => reason)).toEqual(['the instance was started anew']);
  });

  it('is not ended by a request to terminate that was meant for the execution before it', async () => {
    const begun = start('new', { Timestamp: at(10) });
    await backend.createInstance(begun, undefined);
    const before = await admitted(waiting(), [message(terminated(null, 9)), begun]);
    const after = await admitted(waiting(), [message(terminated(null, 11)), begun]);
    expect([before.events, after.events]).toEqual([[], ['ExecutionTerminated']]);
  });

  it('is one of several: the next one waits', async () => {
    await backend.createInstance(start('new'), undefined);
    const { start: first, deferred } = await admitted(undefined, [start('new'), start('newer')]);
    expect([first, deferred]).toEqual(['new', ['ExecutionStarted']]);
  });

  it('that came again is deleted', async () => {
    const { consumed, start: begun } = await admitted(waiting(), [start('exec')]);
    expect([consumed, begun]).toEqual([['ExecutionStarted'], undefined]);
  });
});

describe('a start whose status row is about another', () => {
  it('waits for its row, and is given up at the tenth delivery', async () => {
    expect(await admitted(undefined, [start('new')], { count: 9 })).toMatchObject({
      deferred: ['ExecutionStarted'],
      consumed: [],
    });
    expect(await admitted(undefined, [start('new')], { count: 10 })).toMatchObject({
      deferred: [],
      consumed: ['ExecutionStarted'],
      start: undefined,
    });
  });

  it('is given up at the third delivery when that row is of a later start', async () => {
    await backend.createInstance(start('later', { Timestamp: at(50), Generation: 1 }), undefined);
    const deliver = (count: number) => admitted(undefined, [start('new')], { count });
    expect((await deliver(2)).deferred).toEqual(['ExecutionStarted']);
    expect((await deliver(3)).discarded).toHaveLength(1);
  });

  it('is given up at once when another start of the same number came before it', async () => {
    await backend.createInstance(start('first'), undefined);
    const { discarded } = await admitted(undefined, [start('second', { Timestamp: at(5) })]);
    expect(discarded.map(({ reason }) => reason)).toEqual([
      'another start of the same instance came first',
    ]);
  });

  it('is given up when its instance ended before it began', async () => {
    await backend.createInstance(start('new', { ScheduledStartTime: at(0) }), undefined);
    await admitted(undefined, [message(terminated('enough', 1))]);
    const { discarded, start: begun } = await admitted(
      undefined,
      [start('new', { ScheduledStartTime: at(0) })],
      { hasNoHistory: true },
    );
    expect(begun).toBeUndefined();
    expect(discarded.map(({ reason }) => reason)).toEqual([
      'the instance was Terminated before it started',
    ]);
  });
});

describe('a message for an instance that has no history', () => {
  it('is deleted when there is no such instance', async () => {
    expect((await admitted(undefined, [message(eventRaised('Go'))])).discarded).toHaveLength(1);
  });

  it('waits for a start that is to come', async () => {
    await backend.createInstance(start('new', { ScheduledStartTime: at(900) }), undefined);
    const current = await admitted(undefined, [message(eventRaised('Go'))]);
    const addressed = await admitted(undefined, [message(eventRaised('Go'), 'NEW')]);
    const another = await admitted(undefined, [message(eventRaised('Go'), 'old')]);
    expect([current.deferred, addressed.deferred]).toEqual([['EventRaised'], ['EventRaised']]);
    expect(another.discarded).toHaveLength(1);
  });

  it('that ends it writes the row, and says so as often as it comes', async () => {
    await backend.createInstance(start('new', { ScheduledStartTime: at(900) }), undefined);
    const end = message(terminated('enough', 5));

    const first = await admitted(undefined, [end]);
    const again = await admitted(undefined, [end]);
    const other = await admitted(undefined, [message(terminated('too late', 6))]);

    expect(first.terminated).toMatchObject({ status: 'Terminated', reason: 'enough' });
    expect(again.terminated).toEqual(first.terminated);
    expect(other.terminated).toBeUndefined();
    expect(await backend.findInstance(INST, { output: true })).toMatchObject({
      runtimeStatus: 'Terminated',
      output: 'enough',
      lastUpdatedTime: at(5),
      completedTime: at(100),
    });
  });

  it('that a parent passes on may overtake the start of its child, but not for ever', async () => {
    const wish = reachingChildren(message(terminated('all'), null, 'parent'));
    expect((await admitted(undefined, [wish], { count: 9 })).deferred).toEqual([
      'ExecutionTerminated',
    ]);
    expect((await admitted(undefined, [wish], { count: 10 })).discarded).toHaveLength(1);
  });
});
