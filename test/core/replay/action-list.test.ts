/** Finding one's way in the list of an SDK, and what of it history is compared with. */
import { describe, expect, it } from 'vitest';
import { flattenActions, type SdkAction } from '../../../src/core/replay/action.ts';
import {
  actionAt,
  isFireAndForget,
  listLength,
} from '../../../src/core/list-replay/action-place.ts';
import { checkSameStep } from '../../../src/core/list-replay/same-step.ts';
import {
  describeStep,
  factsOfEvent,
  factsOfScheduled,
  isRecordOf,
  isScheduledEvent,
  type Scheduled,
} from '../../../src/core/replay/scheduled.ts';
import { activity, all, any, at, event, taskCompleted, timer } from '../../support/history.ts';
import {
  childCreated,
  eventSent,
  taskScheduled,
  timerCreated,
} from '../../support/stored-events.ts';

const [A, B, C] = [activity('A'), activity('B'), activity('C')];
const NESTED = { schema: 'nested', actions: [A, all(B, any(C, event('Go')))] } as const;
const ORIGINAL = { schema: 'original', yields: [[A], [B, all(C)]] } as const;

describe('an action', () => {
  it.each([
    [NESTED, [0], A],
    [NESTED, [1, 0], B],
    [NESTED, [1, 1, 0], C],
    [NESTED, [2], undefined],
    [NESTED, [0, 0], undefined],
    [NESTED, [], undefined],
    [ORIGINAL, [0, 0], A],
    [ORIGINAL, [1, 0], B],
    [ORIGINAL, [1, 1, 0], C],
    [ORIGINAL, [1, 2], undefined],
  ])('of %o is found at %j', (list, path, action) => {
    expect(actionAt(list, path)).toBe(action);
  });

  it('is one of as many steps as the list has, of which 1.x has one for each yield', () => {
    expect([listLength(NESTED), listLength(ORIGINAL)]).toEqual([2, 2]);
    expect(flattenActions(ORIGINAL)).toHaveLength(3);
    expect(flattenActions(NESTED)).toBe(NESTED.actions);
  });
});

const RETRY = {
  firstRetryIntervalMs: 1,
  maxNumberOfAttempts: 2,
  backoffCoefficient: 1,
  maxRetryIntervalMs: 1,
  retryTimeoutMs: undefined,
};
const entity = { entityId: '@e@k', operation: 'op', input: null };
const child = { functionName: 'F', instanceId: null, input: null, version: null };
const EACH: readonly (readonly [SdkAction, string | undefined, string | undefined])[] = [
  [activity('F'), 'activity', 'F'],
  [
    { kind: 'callActivityWithRetry', functionName: 'F', input: null, retry: RETRY },
    'activity',
    'F',
  ],
  [{ kind: 'callSubOrchestrator', ...child }, 'subOrchestration', 'F'],
  [{ kind: 'callSubOrchestratorWithRetry', ...child, retry: RETRY }, 'subOrchestration', 'F'],
  [timer(5), 'timer', undefined],
  [{ kind: 'callEntity', ...entity }, 'sendEvent', 'op'],
  [{ kind: 'signalEntity', ...entity, fireAt: null }, 'sendEvent', 'op'],
  [{ kind: 'lockEntities', lockSet: [] }, 'sendEvent', 'op'],
  [event('Go'), undefined, undefined],
  [{ kind: 'releaseEntities' }, undefined, undefined],
  [{ kind: 'continueAsNew', input: null }, undefined, undefined],
  [all(activity('F')), undefined, undefined],
  [any(activity('F')), undefined, undefined],
];

describe('what history is compared with', () => {
  it('of each action is its kind and name, and nothing of those that leave nothing of their own', () => {
    for (const [before, kind, name] of EACH) {
      const isSame = EACH.map(([after]) => {
        try {
          checkSameStep(before, 3, after);
          return true;
        } catch {
          return false;
        }
      });
      const expected = EACH.map(
        ([, kindAfter, nameAfter]) =>
          kind === undefined || (kind === kindAfter && name === nameAfter),
      );
      expect(isSame, before.kind).toEqual(expected);
    }
  });

  it('is nothing that the orchestrator waits for, of three kinds of action', () => {
    const kinds = EACH.map(([action]) => action)
      .filter(isFireAndForget)
      .map((action) => action.kind);
    expect(kinds).toEqual(['signalEntity', 'releaseEntities', 'continueAsNew']);
  });

  it('is the same for names that differ in case, and for other times of a timer', () => {
    expect(() => {
      checkSameStep(activity('F'), 3, activity('f'));
      checkSameStep(timer(5), 3, timer(9));
      checkSameStep(event('Go'), 3, undefined);
    }).not.toThrow();
  });

  it.each([
    [activity('G'), "scheduled an activity task with sequence ID 3 and name 'G' instead"],
    [timer(5), 'scheduled a timer with sequence ID 3 instead'],
    [undefined, "hasn't (yet?) scheduled this task"],
    [event('Go'), "hasn't (yet?) scheduled this task"],
  ])('is another step when %o stands in its place', (after, problem) => {
    expect(() => {
      checkSameStep(activity('F'), 3, after);
    }).toThrow(problem);
  });
});

describe('the record of a request', () => {
  const requests: readonly Scheduled[] = [
    { kind: 'activity', name: 'F', version: '', input: '[1]' },
    { kind: 'subOrchestration', name: 'F', version: '', instanceId: 'c', input: null },
    { kind: 'timer', fireAt: at(5) },
    { kind: 'sendEvent', instanceId: '@e@k', eventName: 'op', input: () => '{}' },
  ];
  const records = [
    taskScheduled(2, 'f'),
    childCreated(2, 'other', 'F'),
    timerCreated(2, 99),
    eventSent(2, '@other@k', null, 'OP'),
  ];

  it('is of the same kind and name; inputs, ids and times are not compared', () => {
    for (const [i, request] of requests.entries()) {
      const isRecord = records.map((record) => isRecordOf(record, request));
      expect(isRecord).toEqual(records.map((_record, j) => i === j));
      expect(isScheduledEvent(records[i] as never)).toBe(true);
    }
    expect(isRecordOf(taskScheduled(2, 'G'), requests[0] as Scheduled)).toBe(false);
    expect(isScheduledEvent(taskCompleted(2))).toBe(false);
  });

  it('is described as its request is', () => {
    expect(records.map((record) => describeStep(factsOfEvent(record), 2).toLowerCase())).toEqual(
      requests.map((request) => describeStep(factsOfScheduled(request), 2).toLowerCase()),
    );
  });
});
