/** Each kind of call: what it asks for under which id, and which answer settles it how. */
import { describe, expect, it } from 'vitest';
import { decodeRequest } from '../../../src/core/entity/request-message.ts';
import { stepIdOf } from '../../../src/core/entity/request-id.ts';
import { startActivity } from '../../../src/core/replay/activity.ts';
import {
  startEntityCall,
  startEntitySignal,
  stampOf,
} from '../../../src/core/replay/entity-call.ts';
import { startExternalEvent } from '../../../src/core/replay/external-event.ts';
import { releaseLock, startLock } from '../../../src/core/replay/lock.ts';
import type { CompletionEvent } from '../../../src/core/replay/scope.ts';
import { startSubOrchestration } from '../../../src/core/replay/sub-orchestration.ts';
import { at } from '../../support/history.ts';
import { childCompleted, eventSent } from '../../support/stored-events.ts';
import { WalkScope } from './walk-scope.ts';

function inputOf(scope: WalkScope, id: number): string {
  const scheduled = scope.scheduledAs(id);
  const sending = { trace: undefined, newSpanId: undefined, now: '2026-11-29T00:00:00Z' };
  return scheduled.kind === 'sendEvent' ? scheduled.input(sending) : scheduled.kind;
}

describe('an activity', () => {
  it.each([
    [
      'succeeded',
      (scope: WalkScope) => {
        scope.complete(0);
      },
    ],
    [
      'failed',
      (scope: WalkScope) => {
        scope.fail(0);
      },
    ],
  ] as const)('%s by its answer', (outcome, answer) => {
    const scope = new WalkScope();
    const task = startActivity(scope, { functionName: 'A', input: { n: 1 } });
    expect(scope.scheduledAs(0)).toEqual({
      kind: 'activity',
      name: 'A',
      version: '',
      input: '[{"n":1}]',
    });

    answer(scope);

    expect(task.outcome).toBe(outcome);
  });

  it.each([
    [undefined, '[null]'],
    [null, '[null]'],
    [[1], '[[1]]'],
  ])('with the input %j sends one element', (input, text) => {
    const scope = new WalkScope();
    startActivity(scope, { functionName: 'A', input });
    expect(scope.scheduledAs(0)).toMatchObject({ input: text });
  });

  it('that the app lacks asks for nothing', () => {
    const scope = new WalkScope();
    scope.missing.add('A');
    expect(() => startActivity(scope, { functionName: 'A', input: null })).toThrow('no activity A');
    expect(scope.asked).toEqual([]);
  });
});

describe('a sub-orchestration', () => {
  const call = { functionName: 'Child', instanceId: null, input: undefined, version: null };

  it('has the version of the app when it is given none, and is settled by its answer', () => {
    const scope = new WalkScope();
    const task = startSubOrchestration(scope, call);
    expect(scope.scheduledAs(0)).toEqual({
      kind: 'subOrchestration',
      name: 'Child',
      version: '9.9',
      instanceId: '',
      input: null,
    });

    scope.requests.complete(0, childCompleted(0) as CompletionEvent);

    expect(task.outcome).toBe('succeeded');
  });

  it.each([
    ['@counter@k', 'must not start with @'],
    ['INST', 'must be different'],
    ['Parent', 'must be different'],
    ['a'.repeat(513), 'must not exceed 512'],
  ])('may not have the id %s', (instanceId, problem) => {
    const scope = new WalkScope();
    expect(() => startSubOrchestration(scope, { ...call, instanceId })).toThrow(problem);
    expect(scope.asked).toEqual([]);
  });
});

describe('a wait for an external event', () => {
  it('takes no id, and ends with the event', () => {
    const scope = new WalkScope();
    const task = startExternalEvent(scope, 'Go');
    expect([scope.upcomingId, scope.requests.hasOpen]).toEqual([0, false]);

    scope.raise('GO');

    expect(task.outcome).toBe('succeeded');
  });
});

const CALL = { entityId: '@Counter@k', operation: 'add', input: 5 };

describe('a call of an entity', () => {
  const ID = 'request-1';
  const STEP_ID = stepIdOf({
    cause: 'exec',
    index: 0,
    target: '@counter@k',
    operation: 'add',
    input: '5',
  });

  it('sends a request with an id, and one that is the same whenever the step runs again', () => {
    const scope = new WalkScope();
    startEntityCall(scope, CALL);
    expect(scope.asked).toEqual(['0:op to @counter@k']);
    expect(decodeRequest(inputOf(scope, 0))).toMatchObject({
      id: ID,
      stepId: STEP_ID,
      operation: 'add',
      input: '5',
      isSignal: false,
      parentInstanceId: 'inst',
      parentExecutionId: 'exec',
      due: null,
    });
  });

  it.each([
    ['succeeded', '{"result":"6"}'],
    ['succeeded', 'no JSON'],
    ['failed', '{"result":"no","exceptionType":"Error"}'],
  ])('%s by the answer %s, which is named by the request', (outcome, answer) => {
    const scope = new WalkScope();
    const task = startEntityCall(scope, CALL);
    scope.record(eventSent(0, '@counter@k', inputOf(scope, 0)));

    scope.raise(ID.toUpperCase(), answer);

    expect(task.outcome).toBe(outcome);
  });

  it('waits by the id that history holds, which another engine may have chosen', () => {
    const scope = new WalkScope();
    const task = startEntityCall(scope, CALL);
    scope.record(eventSent(0, '@counter@k', '{"op":"add","id":"from-dotnet"}'));

    scope.raise(ID);
    expect(task.outcome).toBe('pending');
    scope.raise('from-dotnet', '{"result":"6"}');

    expect(task.outcome).toBe('succeeded');
  });

  it.each([
    ['counter', "'counter' is not an entity id"],
    [`@counter@${'k'.repeat(513)}`, 'cannot be stored'],
    ['@other@k', 'no entity other'],
  ])('of %s fails', (entityId, problem) => {
    const scope = new WalkScope();
    scope.missing.add('other');
    expect(() => startEntityCall(scope, { ...CALL, entityId })).toThrow(problem);
  });
});

describe('a signal to an entity', () => {
  it('is over at once, and bears a stamp that orders it', () => {
    const scope = new WalkScope();
    const task = startEntitySignal(scope, { ...CALL, fireAt: null });
    const request = decodeRequest(inputOf(scope, 0));
    expect([task.outcome, request.isSignal]).toEqual(['succeeded', true]);
    expect(stampOf(eventSent(0, '', inputOf(scope, 0)) as never)).toBe(request.timestamp);
  });

  it('for later says when, and is in no order', () => {
    const scope = new WalkScope();
    startEntitySignal(scope, { ...CALL, fireAt: at(60) });
    expect(scope.asked).toEqual([`0:op@${at(60)} to @counter@k`]);
    expect(decodeRequest(inputOf(scope, 0)).due).toBe(at(60));
    expect(stampOf(eventSent(0, '', inputOf(scope, 0)) as never)).toBeUndefined();
  });
});

describe('a critical section', () => {
  const LOCK = {
    lockSet: [
      { name: 'Acc', key: 'a' },
      { name: 'acc', key: 'b' },
    ],
  };

  it('asks the first entity for all of them, and is entered by the answer', () => {
    const scope = new WalkScope();
    const { task } = startLock(scope, LOCK);
    expect(scope.asked).toEqual(['0:op to @acc@a']);
    const input = inputOf(scope, 0);
    expect(decodeRequest(input)).toMatchObject({
      id: 'request-1',
      operation: null,
      lockSet: [
        { name: 'acc', key: 'a' },
        { name: 'acc', key: 'b' },
      ],
    });

    scope.record(eventSent(0, '@acc@a', input));
    scope.raise('request-1', '{"result":"Lock Acquisition Completed"}');

    expect(task.outcome).toBe('succeeded');
  });

  it('is left by a release to each entity, under the ids that history holds', () => {
    const scope = new WalkScope();
    const { lock } = startLock(scope, LOCK);
    scope.record(eventSent(0, '@acc@a', '{"op":null,"id":"first-run","stepId":"step"}'));

    releaseLock(scope, lock);

    expect(scope.asked).toEqual(['1:release to @acc@a', '2:release to @acc@b']);
    for (const id of [1, 2]) {
      expect(JSON.parse(inputOf(scope, id))).toEqual({
        parent: 'inst',
        id: 'first-run',
        stepId: 'step',
      });
    }
  });
});
