import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
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

function hookCalls(): readonly string[] {
  return (globalThis as unknown as { v4HookCalls: string[] }).v4HookCalls;
}

function runActivity(functionName: string) {
  return v4.invoker.runActivity({ functionName, instanceId: 'i', input: '["\\"in\\""]' });
}

describe('hooks', () => {
  it('run when the app starts and, once, when it ends', async () => {
    const other = await loadFixture('v4-commonjs');
    expect(hookCalls()).toEqual(['appStart']);

    await other.app.dispose();
    await other.app.dispose();

    expect(hookCalls()).toEqual(['appStart', 'appTerminate true']);
  });

  it('may replace inputs, handler and result', async () => {
    expect(await runActivity('Hooked')).toEqual({
      kind: 'completed',
      result: '"in+pre+run+post(in)"',
    });
  });

  it('may forgive an error', async () => {
    expect(await runActivity('Forgiven')).toEqual({ kind: 'completed', result: '"forgiven"' });
  });

  it('may change what the user logs', async () => {
    await runActivity('Logs');

    const logged = v4.records.filter(({ category }) => category === 'Function.Logs.User');
    expect(logged.map(({ level, message }) => [level, message])).toEqual([
      ['warning', 'careful'],
      ['warning', 'hidden by a log hook'],
    ]);
  });
});

describe('lines of user code', () => {
  it('are logged with the function, from context and console', async () => {
    v4.records.length = 0;

    await new HistoryOf('Mutates', {}).run(v4.invoker);

    expect(v4.records).toMatchObject([
      { level: 'information', category: 'Function.Mutates.User', message: 'user line { n: 1 }' },
      { level: 'information', category: 'Function.Mutates.User', message: 'console line 2' },
      { level: 'error', category: 'Function.Mutates.User', message: 'console error' },
    ]);
    expect(v4.records[0]?.fields).toMatchObject({ functionName: 'Mutates', instanceId: 'inst' });
  });

  it('of a classic function have their levels', async () => {
    const classic = await loadFixture('classic-v2');
    onTestFinished(disposing(classic));

    await classic.app.invoke(classic.fn('HttpRes'), {
      triggerData: { http: { method: 'GET', url: 'http://localhost/' } },
    });

    expect(classic.records).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        category: 'Function.HttpRes.User',
        message: 'careful',
      }),
    );
    await classic.app.dispose();
  });
});
