/** Scenarios M: what goes wrong in user code, and what is tried again. */
import { expect, it } from 'vitest';
import { describeProbe, freshId } from '../../support/probe.ts';

describeProbe('failures', (probe) => {
  it('M-01 fails with the name of the orchestrator and the words of its error', async () => {
    const status = await probe.run('P_Boom', 'Kah-BOOOM');

    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain("Orchestrator function 'P_Boom' failed: Kah-BOOOM");
  });

  it('M-02 fails with the names of orchestrator and activity', async () => {
    const status = await probe.run('P_Flaky', { key: freshId(), failures: 1 });

    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toMatch(
      /^Orchestrator function 'P_Flaky' failed: Activity function 'A_Flaky' failed: .*Kah-BOOOM/,
    );
  });

  it('M-03 lets the orchestrator catch what an activity threw', async () => {
    const status = await probe.run('P_CatchText', { kind: 'error', text: 'No\nway' });

    expect(status.runtimeStatus).toBe('Completed');
    expect(status.output).toMatch(/^Activity function 'A_Throw' failed: .*No\nway/);
  });

  it('M-04 lets it catch again and again', async () => {
    expect((await probe.run('P_CatchLoop')).output).toBe(5);
  });

  it('M-05 tries as often as it may, and then fails', async () => {
    const key = freshId();

    const status = await probe.run('P_FlakyRetry', { key, failures: 9, max: 2, firstMs: 300 });

    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain(`Kah-BOOOM ${key}`);
    expect(probe.journal(key)).toHaveLength(2);
    expect(await probe.events(status.instanceId, 'TimerCreated')).not.toEqual([]);
  });

  it('M-06 takes the first success', async () => {
    const key = freshId();

    const status = await probe.run('P_FlakyRetry', { key, failures: 1, max: 5, firstMs: 500 });

    const [first, second, ...more] = probe.journal(key);
    expect(status.output).toMatchObject({ calls: 2 });
    expect(more).toEqual([]);
    expect(Number(second?.atMs) - Number(first?.atMs)).toBeGreaterThanOrEqual(500);
  });

  it('M-08 fails without retry options', async () => {
    const status = await probe.run('P_NoRetryOptions');

    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain('retryOptions');
  });

  it('M-10 waits longer from try to try, up to the limit', async () => {
    const key = freshId();
    const input = { key, failures: 4, max: 5, firstMs: 200, coef: 3, maxIntervalMs: 700 };

    const status = await probe.run('P_FlakyRetry', input);

    const times = probe.journal(key).map(({ atMs }) => atMs);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(status.output).toMatchObject({ calls: 5 });
    for (const [index, least] of [200, 600, 700, 700].entries()) {
      expect(gaps[index]).toBeGreaterThanOrEqual(least - 5);
    }
  });

  it('M-11 retries each of a fan-out by itself', async () => {
    const key = freshId();
    const inputs = [0, 1, 2].map((failures) => ({ key: `${key}-${failures}`, failures }));

    expect((await probe.run('P_FlakyFanOut', inputs)).output).toEqual([1, 2, 3]);
  });

  it('M-13 takes a thrown string for the message', async () => {
    const activity = await probe.run('P_CatchText', { kind: 'string', text: 'just text' });
    const orchestrator = await probe.run('P_BoomString', 'only text');

    expect(activity.output).toContain('just text');
    expect(orchestrator.runtimeStatus).toBe('Failed');
    expect(orchestrator.output).toContain("Orchestrator function 'P_BoomString' failed: only text");
  });

  it.each([
    ['P_BoomObject', null],
    ['P_BoomOdd', 'undefined'],
    ['P_BoomOdd', 'circle'],
  ])('M-14 fails for whatever is thrown: %s %s', async (name, input) => {
    const status = await probe.run(name, input);

    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain(`Orchestrator function '${name}' failed:`);
    expect((await probe.run('P_Echo', 1)).output).toBe(1);
  });

  it('M-18 fails for what is yielded and is no task', async () => {
    const number = await probe.run('P_YieldNonTask');
    const signal = await probe.run('P_YieldSignal');

    expect([number.runtimeStatus, signal.runtimeStatus]).toEqual(['Failed', 'Failed']);
    expect(number.output).toContain("Orchestrator function 'P_YieldNonTask' failed:");
  });

  it('M-22 throws the first of two failures into the orchestrator', async () => {
    const status = await probe.run('P_TwoFailures');

    expect(status.runtimeStatus).toBe('Completed');
    expect(status.output).toMatch(/^caught: .*(one|two)/s);
  });
});

describeProbe(
  'too many actions',
  (probe) => {
    it('M-15 fail the instance, and say which setting allows more', async () => {
      const status = await probe.run('P_FanOut', { n: 8 });

      expect(status.runtimeStatus).toBe('Failed');
      expect(status.output).toContain(
        'Maximum amount of orchestration actions (7) has been reached. This value can be configured in host.json file as MaxOrchestrationActions.',
      );
    });
  },
  { env: { AzureFunctionsJobHost__extensions__durableTask__maxOrchestrationActions: '7' } },
);
