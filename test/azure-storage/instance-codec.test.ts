import { describe, expect, it } from 'vitest';

import {
  fromInstanceRow,
  toPatchRow,
  toStartRow,
} from '../../src/azure-storage/tables/instance-codec.ts';
import { toExecutionId, toInstanceId } from '../../src/core/ids.ts';
import type { StartMessage } from '../../src/core/task-message.ts';
import { CLIENT_SENDER } from '../../src/core/task-message.ts';

const instanceId = toInstanceId('a/b');

describe('the row of a start', () => {
  it('is pending, and has what the message has', () => {
    expect(toStartRow(start, 'MyHub', '2026-01-31T10:00:01.000Z')).toEqual({
      partitionKey: 'a^0b',
      rowKey: '',
      Input: '"Tokyo"',
      CreatedTime: { type: 'DateTime', value: '2026-01-31T10:00:00.1234567Z' },
      Name: 'Hello',
      Version: '',
      RuntimeStatus: 'Pending',
      LastUpdatedTime: { type: 'DateTime', value: '2026-01-31T10:00:01.0000000Z' },
      TaskHubName: 'MyHub',
      ScheduledStartTime: { type: 'DateTime', value: '2026-02-01T00:00:00.0000000Z' },
      ExecutionId: 'e1',
      Generation: 1,
      Tags: '{"tenant":"x"}',
      ParentInstanceId: '',
    });
  });
});

describe('the row of a commit', () => {
  it('has only what changed, and always status, execution, time and hub', () => {
    const patch = {
      executionId: 'e1',
      lastUpdatedTime: '2026-01-31T10:00:01Z',
      customStatus: null,
    };

    expect(toPatchRow(instanceId, patch, 'MyHub')).toEqual({
      partitionKey: 'a^0b',
      rowKey: '',
      CustomStatus: 'null',
      ExecutionId: 'e1',
      LastUpdatedTime: { type: 'DateTime', value: '2026-01-31T10:00:01.0000000Z' },
      TaskHubName: 'MyHub',
    });
  });

  it('names the parent after the hub, and says so where there is none', () => {
    const patch = { executionId: 'e1', lastUpdatedTime: '2026-01-31T10:00:01Z', customStatus: '1' };
    const named = toPatchRow(instanceId, { ...patch, parentInstanceId: 'p', name: 'N' }, 'H');
    const alone = toPatchRow(instanceId, { ...patch, parentInstanceId: null }, 'H');

    expect(Object.keys(named).slice(3, 6)).toEqual(['TaskHubName', 'ParentInstanceId', 'Name']);
    expect(named).toMatchObject({ ParentInstanceId: 'p' });
    expect(alone).toMatchObject({ ParentInstanceId: '' });
  });

  it('says that there are no tags with the text null', () => {
    const patch = { executionId: 'e1', lastUpdatedTime: '2026-01-31T10:00:01Z', customStatus: '1' };

    expect(toPatchRow(instanceId, { ...patch, tags: null }, 'H')).toMatchObject({ Tags: 'null' });
  });
});

describe('the parent in an instance row', () => {
  it.each([
    [{}, null],
    [{ ParentInstanceId: { type: 'String', value: '' } }, null],
    [{ ParentInstanceId: { type: 'String', value: 'p' } }, 'p'],
  ])('of %o is %s', (columns, parentInstanceId) => {
    expect(fromInstanceRow({ partitionKey: 'x', rowKey: '', ...columns })).toMatchObject({
      parentInstanceId,
    });
  });
});

describe('reading an instance row', () => {
  const row = { ...toStartRow(start, 'MyHub', '2026-01-31T10:00:01.000Z'), etag: 'W/"1"' };

  it('gives our words for its columns', () => {
    expect(fromInstanceRow(row)).toEqual({
      instanceId,
      executionId: 'e1',
      parentInstanceId: null,
      name: 'Hello',
      version: '',
      runtimeStatus: 'Pending',
      input: '"Tokyo"',
      output: null,
      customStatus: null,
      createdTime: '2026-01-31T10:00:00.1234567Z',
      lastUpdatedTime: '2026-01-31T10:00:01.0000000Z',
      completedTime: null,
      scheduledStartTime: '2026-02-01T00:00:00.0000000Z',
      generation: 1,
      tags: { tenant: 'x' },
      etag: 'W/"1"',
    });
  });

  it('takes a row of `func durable start-new`, which has neither execution, generation nor tags', () => {
    const old = Object.fromEntries(
      Object.entries(row).filter(
        ([name]) => !['ExecutionId', 'Generation', 'Tags', 'TaskHubName'].includes(name),
      ),
    );

    expect(fromInstanceRow(old)).toMatchObject({ executionId: null, generation: null, tags: null });
  });

  it('takes a row that only an episode wrote after a purge as running', () => {
    const patch = {
      executionId: 'e1',
      lastUpdatedTime: '2026-01-31T10:00:01Z',
      customStatus: null,
    };

    expect(fromInstanceRow(toPatchRow(instanceId, patch, 'H'))).toMatchObject({
      name: '',
      runtimeStatus: 'Running',
      customStatus: null,
      createdTime: '0001-01-01T00:00:00',
    });
  });

  it('takes what no engine writes for none, and such a status for Unknown', () => {
    const odd = { ...row, RuntimeStatus: 'Sleeping', Tags: 'no JSON', Generation: 'first' };

    expect(fromInstanceRow(odd)).toEqual({
      ...fromInstanceRow(row),
      runtimeStatus: 'Unknown',
      tags: null,
      generation: null,
    });
  });
});

const start: StartMessage = {
  event: {
    EventType: 'ExecutionStarted',
    OrchestrationInstance: { InstanceId: 'a/b', ExecutionId: 'e1' },
    ParentInstance: null,
    Name: 'Hello',
    Version: '',
    Input: '"Tokyo"',
    Tags: { tenant: 'x' },
    Correlation: null,
    ParentTraceContext: null,
    ScheduledStartTime: '2026-02-01T00:00:00Z',
    Generation: 1,
    GenerateNewTrace: false,
    EventId: -1,
    IsPlayed: false,
    Timestamp: '2026-01-31T10:00:00.1234567Z',
  },
  target: { instanceId, executionId: toExecutionId('e1') },
  sender: CLIENT_SENDER,
};
