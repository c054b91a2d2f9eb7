import { describe, expect, it } from 'vitest';
import {
  decodeEntityStatus,
  decodeSchedulerState,
  encodeSchedulerState,
  entityStatus,
} from '../../../src/core/entity/scheduler-state.ts';
import { CorruptMessageError } from '../../../src/core/errors.ts';

const WINDOW_MS = 30 * 60 * 1000;

describe('the stored state of an entity', () => {
  it.each([
    '{"sorter":{}}',
    '{"exists":true,"state":"7","sorter":{}}',
    '{"exists":true,"state":"7","sorter":{"ReceivedFromInstance":{"entityorch-1":{"Last":"2026-11-21T06:40:30.8497511Z","ExecutionId":"dfefc699-8d43-47fd-bec8-b9f5ab9cdd76"}},"ReceiveHorizon":"2026-11-21T06:10:30.5284549Z"}}',
    '{"exists":true,"state":"1","queue":[{"op":null,"id":"i","parent":"B","parentExecution":"x","Timestamp":"2026-11-21T06:40:30.8497511Z","Predecessor":"0001-01-01T00:00:00","lockset":[{"name":"a","key":"1"},{"name":"b","key":"2"}],"pos":1}],"lockedBy":"A","sorter":{}}',
  ])('is read and written as the .NET extension does: %s', (text) => {
    expect(encodeSchedulerState(decodeSchedulerState(text, WINDOW_MS))).toBe(text);
  });

  it('of an entity that .NET suspended goes on', () => {
    const text = '{"exists":true,"state":"1","suspended":true,"sorter":{}}';

    expect(encodeSchedulerState(decodeSchedulerState(text, 0))).toBe(
      '{"exists":true,"state":"1","sorter":{}}',
    );
  });

  it('exists when DurableTask.Core wrote it and there is a state', () => {
    expect(decodeSchedulerState('{"state":"1","sorter":{}}', 0).exists).toBe(true);
  });

  it.each([
    '{',
    '[]',
    '"x"',
    'null',
    '{"queue":[{"op":"x"}]}',
    '{"queue":[{"id":"x","lockset":5}]}',
  ])('that cannot be read is an error: %s', (text) => {
    expect(() => decodeSchedulerState(text, 0)).toThrow(CorruptMessageError);
  });
});

describe('the custom status of an entity', () => {
  it.each([
    ['{"sorter":{}}', '{}'],
    ['{"exists":true,"state":"1","sorter":{}}', '{"entityExists":true}'],
    ['{"lockedBy":"A","queue":[{"id":"x"}],"sorter":{}}', '{"queueSize":1,"lockedBy":"A"}'],
  ])('of %s is %s', (state, status) => {
    expect(entityStatus(decodeSchedulerState(state, 0))).toBe(status);
  });

  it.each([null, 'holding', '"holding"', '[1]'])(
    'is told from that of an orchestration: %s',
    (text) => {
      expect(decodeEntityStatus(text)).toBeUndefined();
    },
  );
});
