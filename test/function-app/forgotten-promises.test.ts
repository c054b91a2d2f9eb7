import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HistoryOf } from './history-of.ts';
import { type Fixture, loadFixture } from './load-fixture.ts';

// The test runner listens too, and takes every rejection for a failure of the test.
let listenersOfRunner: NodeJS.UnhandledRejectionListener[];
let fixture: Fixture | undefined;

beforeEach(() => {
  listenersOfRunner = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
});
afterEach(async () => {
  await fixture?.app.dispose();
  for (const listener of listenersOfRunner) process.on('unhandledRejection', listener);
});

describe('an exception that a callback throws', () => {
  it('fails the run that it belongs to', async () => {
    const listenersBefore = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const survived: unknown[] = [];
    process.on('uncaughtException', (error) => survived.push(error));
    fixture = await loadFixture('classic-v2');

    const outcome = await fixture.invoker.runActivity({
      functionName: 'ThrowsLater',
      instanceId: 'i',
      input: null,
    });

    process.removeAllListeners('uncaughtException');
    for (const listener of listenersBefore) process.on('uncaughtException', listener);
    expect(outcome).toMatchObject({
      kind: 'failed',
      reason: "Activity function 'ThrowsLater' failed: thrown by a timer",
    });
    expect(survived).toHaveLength(1);
  });
});

describe('a promise that nobody handles', () => {
  it.each(['v4-commonjs', 'classic-v2'])('fails the activity that made it (%s)', async (app) => {
    fixture = await loadFixture(app);

    const outcome = await fixture.invoker.runActivity({
      functionName: 'Forgets',
      instanceId: 'i',
      input: null,
    });

    expect(outcome).toMatchObject({
      kind: 'failed',
      reason: "Activity function 'Forgets' failed: forgotten promise",
    });
  });

  it.each(['classic-v1', 'classic-v2'])(
    'of the executor of an old SDK fails its orchestrator, not another (%s)',
    async (app) => {
      fixture = await loadFixture(app);
      const good = new HistoryOf('Chain', 1);
      const { invoker } = fixture;
      const nothing = { next: () => undefined, rest: () => [] };

      const answers = await Promise.all([
        good.run(invoker).then(({ answer }) => answer),
        invoker.openOrchestration(good.invocation()).feed(nothing),
        good.run(invoker).then(({ answer }) => answer),
      ]);

      expect(answers).toMatchObject([
        { kind: 'ran' },
        {
          kind: 'threw',
          message: 'The orchestrator can not execute without an OrchestratorStarted event.',
        },
        { kind: 'ran' },
      ]);
    },
  );

  it('that 1.x leaves behind after `throw undefined` fails the orchestrator', async () => {
    fixture = await loadFixture('classic-v1');
    const history = new HistoryOf('Throws', 'undefined').scheduled('Echo').completed(0, 1);

    const { answer } = await history.run(fixture.invoker);

    expect(answer.kind).toBe('threw');
  });

  it('leaves no listener behind when the app is gone', async () => {
    const loaded = await loadFixture('classic-v2');
    expect(process.listenerCount('unhandledRejection')).toBe(1);

    await loaded.app.dispose();

    expect(process.listenerCount('unhandledRejection')).toBe(0);
  });
});
