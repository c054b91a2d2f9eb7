/** Scenarios K: orchestrators that call orchestrators. */
import { expect, it } from 'vitest';
import { describeProbeBothWays, freshId } from '../../support/probe.ts';

interface Info {
  readonly instanceId: string;
  readonly parentInstanceId: string | null;
}

describeProbeBothWays('sub-orchestrations', (probe) => {
  it('K-01 K-02 knows parent and child, and answers to the parent', async () => {
    const status = await probe.run('P_Parent', { fn: 'P_Info', input: 1 });
    const top = await probe.run('P_Info');

    const { child } = status.output as { child: Info };
    expect(child.parentInstanceId).toBe(status.instanceId);
    expect((top.output as Info).parentInstanceId).toBeNull();
    expect(await probe.status(child.instanceId)).toMatchObject({
      name: 'P_Info',
      runtimeStatus: 'Completed',
      output: child,
    });
  });

  it('K-03 K-09 K-13 gives each child without an id one of its own', async () => {
    const status = await probe.run('P_Children', [1, 2, 3, 4, 5]);

    const children = status.output as (Info & { input: number })[];
    expect(children.map(({ input }) => input)).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(children.map(({ instanceId }) => instanceId)).size).toBe(5);
  });

  it('K-03 gives the child of each generation an id of its own', async () => {
    const { output } = await probe.run('P_ChildPerGeneration', []);

    expect(new Set(output as string[]).size).toBe(3);
  });

  it('K-03 keeps the id that the parent chose', async () => {
    const id = freshId('child');

    const { output } = await probe.run('P_Parent', { fn: 'P_Info', id });

    expect(output).toMatchObject({ child: { instanceId: id } });
  });

  it('K-04 fails a parent whose child has its own id', async () => {
    const id = freshId('same');
    await probe.start('P_Parent', { fn: 'P_Echo', id }, id);

    const status = await probe.ended(id);

    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain('must be different than the instance ID of a parent');
  });

  it('K-05 runs a child of the same id again after its end', async () => {
    expect((await probe.run('P_SameChild', freshId('child'))).output).toEqual([1, 2, 3]);
  });

  it('K-06 fails through all levels, each adding its name', async () => {
    const input = { fn: 'P_Flaky', input: { key: freshId(), failures: 9 } };

    const { runtimeStatus, output } = await probe.run('P_Grand', input);

    expect(runtimeStatus).toBe('Failed');
    expect(output).toMatch(
      /^Orchestrator function 'P_Grand' failed: .*'P_Parent' failed: .*'P_Flaky' failed: .*'A_Flaky' failed: .*Kah-BOOOM/s,
    );
  });

  it('K-07 lets the parent catch what the child threw', async () => {
    const { output } = await probe.run('P_CatchText', { child: 'P_Boom', text: 'of the child' });

    expect(output).toContain("Orchestrator function 'P_Boom' failed:");
    expect(output).toContain('of the child');
  });

  it('K-10 hands an array through three levels', async () => {
    const input = { fn: 'P_Echo', input: [1, ['a', { b: null }]] };

    expect((await probe.run('P_Grand', input)).output).toEqual({ grand: { child: input.input } });
  });

  it('K-11 retries a child', async () => {
    const key = freshId();

    const done = await probe.run('P_RetryChild', { key, failures: 2, max: 3 });
    const never = await probe.run('P_RetryChild', { key: `${key}x`, failures: 9, max: 2 });

    expect(done.output).toBe(3);
    expect(never.runtimeStatus).toBe('Failed');
    expect(probe.journal(`${key}x`)).toHaveLength(2);
  });

  it('K-12 stores the child under its own id, tied to the call of the parent', async () => {
    const child = freshId('child');
    const { instanceId } = await probe.run('P_Parent', { fn: 'P_Echo', input: 1, id: child });

    const [created] = await probe.events(instanceId, 'SubOrchestrationInstanceCreated');
    const [started] = await probe.events(child, 'ExecutionStarted');

    expect(created).toMatchObject({ InstanceId: child, Name: 'P_Echo' });
    expect(started?.ParentInstance?.TaskScheduleId).toBe(created?.EventId);
  });

  it('K-14 answers with the output of the last generation of a child', async () => {
    const { output } = await probe.run('P_Parent', { fn: 'P_Countdown', input: { left: 3 } });

    expect(output).toEqual({ child: 'ok' });
  });
});
