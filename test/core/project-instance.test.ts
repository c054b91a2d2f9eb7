/** What a commit changes in the Instances row, and when a row that is not written now would lie. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { toExecutionId } from '../../src/core/ids.ts';
import { changesStatus, projectInstance } from '../../src/core/project-instance.ts';
import { at, eventRaised, orchestratorStarted, taskCompleted } from '../support/history.ts';
import {
  executionCompleted,
  resumed,
  started,
  suspended,
  taskScheduled,
  terminated,
} from '../support/stored-events.ts';

const EXECUTION = {
  executionId: toExecutionId('exec'),
  customStatus: '"half"',
  parentInstanceId: 'parent',
};
const NOW = at(500);
const project = (...events: readonly HistoryEvent[]) => projectInstance(EXECUTION, events, NOW);

describe('the row after a commit', () => {
  it('bears the execution, its parent and custom status, and the time of its last event', () => {
    expect(project(orchestratorStarted(1), taskScheduled(0, 'A', 7))).toEqual({
      executionId: 'exec',
      customStatus: '"half"',
      parentInstanceId: 'parent',
      lastUpdatedTime: at(7),
    });
  });

  it('begins with the start, and has a number and a due time only when the start has one', () => {
    const change = { Version: '2.0', Input: '"in"', Tags: { team: 'blue' }, Timestamp: at(3) };
    const begun = {
      name: 'Orch',
      version: '2.0',
      input: '"in"',
      tags: { team: 'blue' },
      createdTime: at(3),
      runtimeStatus: 'Running',
    };
    const counted = project(started({ ...change, Generation: 4, ScheduledStartTime: at(2) }));
    expect(counted).toMatchObject({ ...begun, generation: 4, scheduledStartTime: at(2) });

    const continued = project(started({ ...change, Generation: null }));
    expect(continued).toMatchObject(begun);
    expect(Object.keys(continued)).not.toContain('generation');
    expect(Object.keys(continued)).not.toContain('scheduledStartTime');
  });

  it.each([
    [executionCompleted('Completed', '"out"'), 'Completed', '"out"', NOW],
    [executionCompleted('Failed', 'why'), 'Failed', 'why', NOW],
    [terminated('enough'), 'Terminated', 'enough', NOW],
    [suspended('later'), 'Suspended', 'later', undefined],
    [resumed('now'), 'Running', 'now', undefined],
  ])('of $EventType says %s', (event, runtimeStatus, output, completedTime) => {
    const row = project(event);
    expect(row).toMatchObject({ runtimeStatus, output });
    expect(row.completedTime).toBe(completedTime);
  });

  it('says what failed where there are details', () => {
    const details = {
      ErrorType: 'E',
      ErrorMessage: 'broke',
      StackTrace: null,
      InnerFailure: null,
      IsNonRetriable: false,
      Properties: null,
    };
    const event = { ...executionCompleted('Failed', 'why'), FailureDetails: details };
    expect(project(event as HistoryEvent).output).toBe('E: broke');
  });

  it('has the last word of several', () => {
    expect(project(suspended(), resumed(), executionCompleted('Completed', '1'))).toMatchObject({
      runtimeStatus: 'Completed',
      output: '1',
    });
  });
});

describe('a row that may wait', () => {
  const any = fc.constantFrom<HistoryEvent>(
    started(),
    taskScheduled(0),
    taskCompleted(0),
    orchestratorStarted(1),
    eventRaised('Go'),
    suspended(),
    resumed(),
    terminated(),
    executionCompleted(),
  );

  it('is one whose status and other columns stay as they are', () => {
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 5 }), (events) => {
        const columns = Object.keys(projectInstance(EXECUTION, events, NOW));
        const always = ['executionId', 'lastUpdatedTime', 'customStatus', 'parentInstanceId'];
        const changed = columns.filter((column) => !always.includes(column));
        expect(changesStatus(events)).toBe(changed.length > 0);
      }),
    );
  });
});
