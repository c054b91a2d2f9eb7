import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { SdkAction } from '../../src/core/replay/action.ts';
import { HistoryOf } from './history-of.ts';
import { disposing, type Fixture, loadFixture } from './load-fixture.ts';

let v4: Fixture;

beforeAll(async () => {
  v4 = await loadFixture('v4-commonjs');
  return disposing(v4);
});
afterAll(async () => {
  await v4.app.dispose();
});

function childrenOf(action: SdkAction | undefined): readonly SdkAction[] {
  if (action?.kind !== 'whenAny' && action?.kind !== 'whenAll')
    throw new Error('No compound task.');
  return action.children;
}

describe('an orchestrator of durable-functions 3', () => {
  it('answers its first action and waits', async () => {
    const { answer, asked } = await new HistoryOf('Chain', 'hi').run(v4.invoker);

    expect(asked).toEqual([{ kind: 'callActivity', functionName: 'Echo', input: '"hi"' }]);
    expect(answer).toEqual({
      kind: 'ran',
      isDone: false,
      output: null,
      customStatus: null,
      nextId: 1,
    });
  });

  it('is done after the last answer, and repeats all actions', async () => {
    const history = new HistoryOf('Chain', 'hi')
      .scheduled('Echo')
      .completed(0, 'hi')
      .scheduled('Echo')
      .completed(1, { from: 'hi' });

    const { answer, asked } = await history.run(v4.invoker);

    expect(answer).toMatchObject({ kind: 'ran', isDone: true, output: '["hi",{"from":"hi"}]' });
    expect(asked).toHaveLength(2);
  });

  it('is found by a name in any case', async () => {
    const { answer } = await new HistoryOf('Chain', 'hi').run(v4.invoker, 'cHAIN');

    expect(answer.kind).toBe('ran');
  });

  it('keeps the identity of a task that is yielded again', async () => {
    const history = new HistoryOf('AnyLoop').scheduled('Echo', 'Echo', 'Echo').completed(1, 2);

    const [first, second] = (await history.run(v4.invoker)).asked;

    expect(first).toMatchObject({ kind: 'whenAny' });
    const [one, , three] = childrenOf(first);
    const [again, last] = childrenOf(second);
    expect(again).toBe(one);
    expect(last).toBe(three);
  });

  it('says that a timer was cancelled, and its custom status', async () => {
    const history = new HistoryOf('Waits').scheduled().raised('go', { ok: 1 });

    const { answer, asked } = await history.run(v4.invoker);

    expect(answer).toMatchObject({
      isDone: true,
      output: '{"ok":1}',
      customStatus: '{"waiting":true}',
    });
    expect(asked).toEqual([
      {
        kind: 'whenAny',
        children: [
          { kind: 'createTimer', fireAt: '2026-01-01T00:00:00.000Z', isCanceled: true },
          { kind: 'waitForExternalEvent', eventName: 'go' },
        ],
      },
    ]);
  });

  it('may ask for everything that the SDK has', async () => {
    const { asked } = await new HistoryOf('AllActions').run(v4.invoker);

    expect(asked).toMatchObject([
      { kind: 'signalEntity', entityId: '@counter@k', operation: 'add', input: 1, fireAt: null },
      {
        kind: 'whenAll',
        children: [
          {
            kind: 'callActivityWithRetry',
            functionName: 'Echo',
            retry: {
              firstRetryIntervalMs: 5000,
              maxNumberOfAttempts: 3,
              backoffCoefficient: 2,
              maxRetryIntervalMs: 518_400_000,
              retryTimeoutMs: undefined,
            },
          },
          { kind: 'waitForExternalEvent', eventName: 'never' },
          {
            kind: 'callHttp',
            request: { method: 'GET', headers: { a: 'b' }, asynchronousPatternEnabled: true },
          },
          { kind: 'lockEntities', lockSet: [{ name: 'Counter', key: 'k' }] },
        ],
      },
    ]);
  });

  it('may call children and entities', async () => {
    const { asked } = await new HistoryOf('SubCalls').run(v4.invoker);

    expect(asked).toMatchObject([
      {
        children: [
          { kind: 'callSubOrchestrator', instanceId: 'child-1', input: { a: 1 }, version: 'v2' },
          {
            kind: 'callSubOrchestratorWithRetry',
            instanceId: null,
            input: undefined,
            version: null,
          },
          { kind: 'callEntity', entityId: '@counter@k', operation: 'get', input: undefined },
        ],
      },
    ]);
  });

  it('is done when it continues as new', async () => {
    const history = new HistoryOf('Eternal').scheduled('Echo').completed(0, 1);

    const { answer, asked } = await history.run(v4.invoker);

    expect(answer).toMatchObject({ isDone: true, output: null });
    expect(asked.at(-1)).toEqual({ kind: 'continueAsNew', input: { n: 2 } });
  });

  it('cannot change the history or the input that it is given', async () => {
    const history = new HistoryOf('Mutates', { a: 1 });
    const before = structuredClone(history.events);

    const first = await history.run(v4.invoker);
    const second = await history.run(v4.invoker);

    expect(history.events).toEqual(before);
    expect(second).toEqual(first);
  });

  it('sees the failure of an activity with reason and details', async () => {
    const history = new HistoryOf('Chain', 1)
      .scheduled('Echo')
      .failed(0, { Reason: 'because', Details: null });

    const { answer } = await history.run(v4.invoker);

    expect(answer).toMatchObject({ kind: 'threw', message: 'because \n ', failureDetails: null });
  });

  it('passes on failure details that history has', async () => {
    const FailureDetails = {
      ErrorType: 'MyError',
      ErrorMessage: 'mm',
      StackTrace: null,
      InnerFailure: null,
      IsNonRetriable: false,
      Properties: { code: 5 },
    };
    const history = new HistoryOf('Chain', 1)
      .scheduled('Echo')
      .failed(0, { Reason: 'r', Details: 'd', FailureDetails });

    const { answer } = await history.run(v4.invoker);

    expect(answer).toMatchObject({
      kind: 'threw',
      message: 'MyError: mm',
      failureDetails: FailureDetails,
    });
  });

  it.each([
    ['error', 'multi\nline'],
    ['empty', 'Unknown error'],
    ['text', 'just text'],
    ['object', '{"code":7}'],
    ['null', 'Unknown error'],
    ['undefined', 'Unknown error'],
  ])('that throws (%s) answers that it threw', async (kind, message) => {
    const history = new HistoryOf('Throws', kind).scheduled('Echo').completed(0, 1);

    const { answer, asked } = await history.run(v4.invoker);

    expect(answer).toMatchObject({ kind: 'threw', message, customStatus: '"about to throw"' });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['bigint', /^The orchestrator's output cannot be sent as JSON: .*BigInt/],
    ['cycle', /^The orchestrator's output cannot be sent as JSON: .*circular/],
    ['status', /^The orchestrator's custom status cannot be sent as JSON: .*BigInt/],
    ['input', /^The input of activity 'Echo' cannot be sent as JSON: .*circular/],
  ])('that answers what JSON cannot hold (%s) threw', async (kind, message) => {
    const history = new HistoryOf('Unserialisable', kind);

    const { answer } = await history.run(v4.invoker);

    expect(answer).toMatchObject({
      kind: 'threw',
      message: expect.stringMatching(message) as string,
    });
  });

  it('that is a bare function is told what is missing', async () => {
    const { answer } = await new HistoryOf('NotWrapped').run(v4.invoker);

    expect(answer).toMatchObject({
      kind: 'threw',
      message: expect.stringContaining('df.app.orchestration') as string,
    });
  });

  it('that the app does not have threw', async () => {
    const { answer } = await new HistoryOf('Nobody').run(v4.invoker);

    expect(answer).toMatchObject({
      kind: 'threw',
      message:
        "The function 'Nobody' doesn't exist, is disabled, or is not an orchestrator function.",
    });
  });
});

describe.each([
  ['1', 'classic-v1', false],
  ['2', 'classic-v2', true],
] as const)('an orchestrator of durable-functions %s', (_version, app, isFed) => {
  let classic: Fixture;
  beforeAll(async () => {
    classic = await loadFixture(app);
    return disposing(classic);
  });
  afterAll(async () => {
    await classic.app.dispose();
  });

  it('runs a chain to its end', async () => {
    const history = new HistoryOf('Chain', 'hi').scheduled('Echo').completed(0, 'hi');
    const half = await history.run(classic.invoker);
    const whole = await history.scheduled('Echo').completed(1, 2).run(classic.invoker);

    expect(half.answer).toMatchObject({ kind: 'ran', isDone: false });
    expect(half.asked.map(({ kind }) => kind)).toEqual(['callActivity', 'callActivity']);
    expect(whole.answer).toMatchObject({ kind: 'ran', isDone: true, output: '["hi",2]' });
  });

  it('fans out', async () => {
    const { asked } = await new HistoryOf('FanOut').run(classic.invoker);

    const calls = isFed ? childrenOf(asked[0]) : asked;
    expect(calls).toEqual(
      [1, 2, 3].map((input) => ({ kind: 'callActivity', functionName: 'Echo', input })),
    );
  });

  it.each([
    ['error', 'multi\nline'],
    ['empty', 'Unknown error'],
    ['text', 'just text'],
    ['object', '{"code":7}'],
  ])('that throws (%s) answers that it threw', async (kind, message) => {
    const history = new HistoryOf('Throws', kind).scheduled('Echo').completed(0, 1);

    const { answer, asked } = await history.run(classic.invoker);

    expect(answer).toMatchObject({ kind: 'threw', message });
    expect(asked).toHaveLength(1);
  });
});

describe('an orchestrator of durable-functions 2 that throws nothing at all', () => {
  it.each(['null', 'undefined'])('(%s) answers that it threw', async (kind) => {
    const classic = await loadFixture('classic-v2');
    onTestFinished(disposing(classic));
    const history = new HistoryOf('Throws', kind).scheduled('Echo').completed(0, 1);

    const { answer } = await history.run(classic.invoker);

    expect(answer).toMatchObject({ kind: 'threw', message: 'Unknown error' });
    await classic.app.dispose();
  });
});
