import { describe, expect, it } from 'vitest';
import { applyBatch, entityCommit } from '../../../src/core/entity/decide-entity.ts';
import type { EntityContext } from '../../../src/core/entity/entity-message.ts';
import { receiveEvents } from '../../../src/core/entity/receive-events.ts';
import { encodeRequest } from '../../../src/core/entity/request-message.ts';
import {
  decodeSchedulerState,
  encodeSchedulerState,
  entityStatus,
} from '../../../src/core/entity/scheduler-state.ts';
import { toInstanceId } from '../../../src/core/ids.ts';
import { eventRaised, START_MS } from '../../support/history.ts';

const context: EntityContext = {
  instanceId: toInstanceId('@counter@k'),
  executionId: 'exec',
  nowMs: START_MS,
  newId: () => '0123456789abcdef0123456789abcdef',
};

const call = (operation: string, rest: { isSignal?: boolean; due?: string } = {}) =>
  encodeRequest({
    operation,
    isSignal: rest.isSignal ?? false,
    input: '1',
    id: `id-${operation}`,
    parentInstanceId: 'caller',
    parentExecutionId: 'caller-exec',
    due: rest.due ?? null,
  });

const fresh = () => decodeSchedulerState(null, 0);

describe('a batch', () => {
  it('keeps the state and answers calls, not signals', () => {
    const { state } = receiveEvents(
      fresh(),
      [eventRaised('op', call('add')), eventRaised('op', call('reset', { isSignal: true }))],
      context,
    );
    const { outbox, state: after } = applyBatch(
      state,
      state.queue,
      {
        exists: true,
        state: '5',
        results: [
          { isError: false, result: '5' },
          { isError: false, result: null },
        ],
        signals: [],
      },
      context,
    );

    expect(outbox).toHaveLength(1);
    expect(outbox[0]).toMatchObject({
      target: { instanceId: 'caller', executionId: 'caller-exec' },
      event: { EventType: 'EventRaised', Name: 'id-add', Input: '{"result":"5"}' },
    });
    expect(encodeSchedulerState(after)).toBe('{"exists":true,"state":"5","sorter":{}}');
    expect(entityStatus(after)).toBe('{"entityExists":true}');
  });

  it('tells a caller that its operation failed', () => {
    const { state } = receiveEvents(fresh(), [eventRaised('op', call('boom'))], context);
    const { outbox } = applyBatch(
      state,
      state.queue,
      { exists: false, state: null, results: [{ isError: true, result: '"no"' }], signals: [] },
      context,
    );

    expect(outbox[0]?.event).toMatchObject({
      Input: '{"result":"\\"no\\"","exceptionType":"Error"}',
    });
  });

  it('sends signals to other entities, the name in lower case', () => {
    const { outbox } = applyBatch(
      fresh(),
      [],
      {
        exists: true,
        state: null,
        results: [],
        signals: [{ targetName: 'Other', targetKey: 'X', operation: 'ping', input: null }],
      },
      context,
    );

    expect(outbox[0]?.target).toEqual({ instanceId: '@other@X', executionId: null });
    expect(outbox[0]?.event).toMatchObject({ Name: 'op' });
  });
});

describe('messages that arrive', () => {
  it('before they are due are sent again for that time', () => {
    const due = '2026-01-01T00:01:00.000Z';
    const received = receiveEvents(
      fresh(),
      [eventRaised(`op@${due}`, call('add', { due }))],
      context,
    );

    expect(received.state.queue).toEqual([]);
    expect(received.outbox[0]?.event).toMatchObject({ Name: `op@${due}` });
  });

  it('and are no requests are rejected, and keep nobody else waiting', () => {
    const received = receiveEvents(
      fresh(),
      [eventRaised('op', 'nonsense'), eventRaised('op', call('add'))],
      context,
    );

    expect(received.rejected).toHaveLength(1);
    expect(received.state.queue.map(({ operation }) => operation)).toEqual(['add']);
  });
});

describe('the commit', () => {
  it('is a new execution of three events whose input is the state', () => {
    const commit = entityCommit(fresh(), [], context);

    expect(commit.newEvents.map(({ EventType }) => EventType)).toEqual([
      'OrchestratorStarted',
      'ExecutionStarted',
      'OrchestratorCompleted',
    ]);
    expect(commit).toMatchObject({
      firstEventIndex: 0,
      replacesExecution: true,
      instance: { name: '@counter@k', runtimeStatus: 'Running', customStatus: '{}' },
    });
  });
});
