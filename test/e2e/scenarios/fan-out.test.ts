/** Scenarios N and M-16: sequences, fan-outs and the ways to wait for several tasks. */
import { expect, it } from 'vitest';
import { describeProbe, freshId } from '../../support/probe.ts';

describeProbe('sequences and fan-outs', (probe) => {
  it('N-01 N-02 multiplies ten times in a row, in a child too', async () => {
    const alone = await probe.run('P_Factorial', 10);
    const child = await probe.run('P_Parent', { fn: 'P_Factorial', input: 10 });

    expect(alone).toMatchObject({ input: 10, output: 3_628_800 });
    expect(child.output).toEqual({ child: 3_628_800 });
  });

  it('N-03 fans out to 300 activities and keeps their order', async () => {
    const { output } = await probe.run('P_FanOut', { n: 300 }, 60_000);

    expect(output).toEqual(Array.from({ length: 300 }, (_, i) => i * i));
  });

  it('R-01 carries fifty approvals at once', async () => {
    const ids = await Promise.all(
      Array.from({ length: 50 }, () => probe.start('P_Approval', { seconds: 3600 })),
    );
    await Promise.all(ids.map((id) => probe.raise(id, 'approval', true)));

    const ends = await Promise.all(ids.map((id) => probe.ended(id, 60_000)));

    expect(new Set(ends.map((status) => status.output))).toEqual(new Set(['Approved']));
  });

  it('N-07 nests all and any', async () => {
    expect((await probe.run('P_Nested')).output).toEqual([true, [1, 2], [3, [4]]]);
  });

  it('N-08 runs a task once that is yielded twice', async () => {
    const key = freshId();

    expect((await probe.run('P_SameTaskTwice', key)).output).toEqual([key, key]);
    expect(probe.journal(key).filter(({ what }) => what === 'start')).toHaveLength(1);
  });

  it('N-09 has the result of a task after any, winner or not', async () => {
    expect((await probe.run('P_AnyThenResult')).output).toEqual([true, 'quick', 'slow', 'quick']);
  });

  it('N-12 does not hang on an empty all', async () => {
    const status = await probe.run('P_EmptyAll');

    // SDK 2.1 gives undefined, SDK 3.5 throws.
    if (probe.edition === 'probe-classic') expect(status.output).toBeNull();
    else expect(status.output).toContain("Orchestrator function 'P_EmptyAll' failed:");
  });

  it('M-16 ends although an activity that nobody waits for still runs', async () => {
    const status = await probe.run('P_Floating', freshId());

    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: 'did not wait' });
  });
});
