import { describe, expect, it } from 'vitest';

import {
  estimatedRowBytes,
  fromHistoryRow,
  historyRowKey,
  sentinelRow,
  toHistoryRow,
} from '../../src/azure-storage/tables/history-codec.ts';
import { CorruptMessageError } from '../../src/core/errors.ts';
import type { TaskFailedEvent, TaskScheduledEvent } from '../../src/core/history-event.ts';

const AT = { instanceId: 'a/b', executionId: 'e1', index: 2, storeInputs: false };

const scheduled: TaskScheduledEvent = {
  EventType: 'TaskScheduled',
  Name: 'Hello',
  Version: '',
  Input: '["Tokyo"]',
  ParentTraceContext: null,
  Tags: null,
  EventId: 0,
  IsPlayed: false,
  Timestamp: '2026-01-31T10:00:00.5Z',
};

describe('a history row', () => {
  it.each([
    [0, '0000000000000000'],
    [10, '000000000000000A'],
    [4095, '0000000000000FFF'],
  ])('of event %d has the key %s', (index, key) => {
    expect(historyRowKey(index)).toBe(key);
  });

  it('has the columns and types of .NET: null texts are absent, null objects are the text null', () => {
    expect(toHistoryRow({ ...scheduled, Version: null }, AT)).toEqual({
      partitionKey: 'a^0b',
      rowKey: '0000000000000002',
      ExecutionId: 'e1',
      EventType: 'TaskScheduled',
      Name: 'Hello',
      ParentTraceContext: 'null',
      Tags: 'null',
      EventId: 0,
      IsPlayed: false,
      _Timestamp: { type: 'DateTime', value: '2026-01-31T10:00:00.5000000Z' },
    });
  });

  it('has the input of an activity only where inputs are to be stored', () => {
    expect(toHistoryRow(scheduled, AT)).not.toHaveProperty('Input');
    expect(toHistoryRow(scheduled, { ...AT, storeInputs: true })).toHaveProperty(
      'Input',
      '["Tokyo"]',
    );
  });

  it('has failure details as JSON without $type', () => {
    expect(toHistoryRow(failed, AT)).toHaveProperty(
      'FailureDetails',
      '{"ErrorType":"Error","ErrorMessage":"boom","StackTrace":null,"InnerFailure":null,"IsNonRetriable":false,"Properties":{"code":42}}',
    );
  });

  it('has times in UTC, whatever zone they were given in', () => {
    const row = toHistoryRow({ ...scheduled, Timestamp: '2026-01-31T10:00:00.1234567+02:00' }, AT);

    expect(row).toHaveProperty('_Timestamp.value', '2026-01-31T08:00:00.1234567Z');
  });

  it('is read from columns with types, as the table client gives them, and from bare ones', () => {
    const bare = { ...toHistoryRow(failed, AT), _Timestamp: '2026-01-31T10:00:00.1234567Z' };
    const typed = Object.fromEntries(
      Object.entries(bare).map(([name, value]) => [
        name,
        { type: 'Any', value: typeof value === 'string' ? value : JSON.stringify(value) },
      ]),
    );

    expect(fromHistoryRow(bare)).toEqual({ executionId: 'e1', event: failed });
    expect(fromHistoryRow(typed)).toEqual({ executionId: 'e1', event: failed });
  });

  it.each([
    [
      'an unknown event type',
      { EventType: 'Party' },
      /column EventType must name a history event type, but is "Party"/,
    ],
    [
      'no event type',
      { EventType: undefined },
      /column EventType must name a history event type, but is missing/,
    ],
    [
      'a text for a number',
      { TaskScheduledId: 'x' },
      /column TaskScheduledId must be an integer, but is "x"/,
    ],
    ['broken JSON', { FailureDetails: '{' }, /column FailureDetails must be JSON, but is "\{"/],
    [
      'no id of the task that it answers',
      { TaskScheduledId: undefined },
      /column TaskScheduledId must be an integer, but is missing/,
    ],
  ])('with %s is refused by name', (_, columns, reason) => {
    const row = { ...toHistoryRow(failed, AT), ...columns };

    expect(() => fromHistoryRow(row)).toThrow(CorruptMessageError);
    expect(() => fromHistoryRow(row)).toThrow(reason);
    expect(() => fromHistoryRow(row)).toThrow("The row 'a^0b'/'0000000000000002'");
  });

  it('says by its keys whose it is, when nothing else does', () => {
    const row = {
      partitionKey: 'a^0b',
      rowKey: '0000000000000001',
      ExecutionId: 'e1',
      EventType: 'ExecutionStarted',
      EventId: -1,
    };

    expect(fromHistoryRow(row).event).toEqual({
      EventType: 'ExecutionStarted',
      EventId: -1,
      IsPlayed: false,
      Timestamp: '0001-01-01T00:00:00',
      OrchestrationInstance: { InstanceId: 'a/b', ExecutionId: 'e1' },
      ParentInstance: null,
      Name: '',
      Version: null,
      Input: null,
      Tags: null,
      Correlation: null,
      ParentTraceContext: null,
      ScheduledStartTime: null,
      Generation: null,
      GenerateNewTrace: false,
    });
  });

  it('counts 1 KiB and its long texts as UTF-16 towards a batch', () => {
    expect(estimatedRowBytes(toHistoryRow(scheduled, AT))).toBe(
      1024 + 2 * ('Hello' + 'null').length,
    );
  });
});

describe('a sentinel', () => {
  const sentinel = {
    instanceId: 'a/b',
    executionId: 'e1',
    completedAt: '2026-01-31T10:00:00.000Z',
  };

  it('of the last batch says when the commit was complete', () => {
    expect(sentinelRow({ ...sentinel, isComplete: true })).toEqual({
      partitionKey: 'a^0b',
      rowKey: 'sentinel',
      ExecutionId: 'e1',
      IsCheckpointComplete: true,
      CheckpointCompletedTimestamp: { type: 'DateTime', value: '2026-01-31T10:00:00.0000000Z' },
    });
  });

  it('of an earlier batch leaves the time of the commit before', () => {
    expect(sentinelRow({ ...sentinel, isComplete: false })).not.toHaveProperty(
      'CheckpointCompletedTimestamp',
    );
  });
});

const failed: TaskFailedEvent = {
  EventType: 'TaskFailed',
  TaskScheduledId: 0,
  Reason: 'boom',
  Details: null,
  FailureDetails: {
    ErrorType: 'Error',
    ErrorMessage: 'boom',
    StackTrace: null,
    InnerFailure: null,
    IsNonRetriable: false,
    Properties: { code: 42 },
  },
  EventId: -1,
  IsPlayed: true,
  Timestamp: '2026-01-31T10:00:00.1234567Z',
};
