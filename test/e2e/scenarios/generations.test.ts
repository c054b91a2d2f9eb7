/** Scenarios O: instances that continue as new. */
import { expect, it } from 'vitest';
import { itInAzureStorage } from '../../support/azure-storage-only.ts';
import { describeProbeBothWays, freshId } from '../../support/probe.ts';

describeProbeBothWays('continue as new', (probe) => {
  it('O-01 counts up and down by events, one generation each', async () => {
    const id = await probe.start('P_Counter', 0);
    const steps = [
      ['incr', 1],
      ['incr', 2],
      ['incr', 3],
      ['decr', 2],
      ['incr', 3],
    ] as const;
    await probe.reaches(id, 'Running');
    for (const [operation, value] of steps) {
      await probe.raise(id, 'operation', operation);
      const status = await probe.when(id, (current) => current.customStatus === value);
      expect(status.input).toBe(value);
      expect(['Running', 'ContinuedAsNew']).toContain(status.runtimeStatus);
    }

    await probe.raise(id, 'operation', 'end');

    expect(await probe.ended(id)).toMatchObject({ runtimeStatus: 'Completed', output: 3 });
  });

  itInAzureStorage(
    'O-03 has an execution id per generation, and keeps the history of the last only',
    async () => {
      const id = await probe.start('P_Counter', 0);
      await probe.reaches(id, 'Running');
      const [before] = await probe.instanceRows(id);
      await probe.raise(id, 'operation', 'incr');
      await probe.when(id, (status) => status.customStatus === 1);
      await probe.raise(id, 'operation', 'end');
      await probe.ended(id);

      const [after] = await probe.instanceRows(id);
      const history = await probe.historyRows(id);

      expect(after?.['ExecutionId']).not.toBe(before?.['ExecutionId']);
      const executions = new Set(history.map((row) => row['ExecutionId']));
      expect([...executions]).toEqual([after?.['ExecutionId']]);
      expect(history.some((row) => row['rowKey'] === 'sentinel')).toBe(true);
    },
  );

  it('O-05 O-06 goes on without waiting; only the last generation answers', async () => {
    const status = await probe.run('P_Countdown', { left: 25 });

    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: 'ok' });
  });

  it.each([[0], [false], [''], [null], [[]], [{}]])('O-07 continues with %j', async (input) => {
    const { output } = await probe.run('P_Generations', { rest: ['x', input] });

    // Both SDKs hand strings to the next generation as JSON, quotes and all.
    expect([input, JSON.stringify(input)]).toContainEqual((output as { got: unknown }).got);
  });

  it('O-09 gets through 100 quick generations while others go on', async () => {
    const long = probe.run('P_Countdown', { left: 100 }, 60_000);

    const others = await Promise.all([1, 2, 3].map((value) => probe.run('P_Factorial', value)));

    expect(others.map((status) => status.output)).toEqual([1, 2, 6]);
    const { instanceId, output } = await long;
    expect(output).toBe('ok');
    expect((await probe.history(instanceId)).length).toBeLessThan(20);
  });

  it('O-10 calls activities, children and entities in each generation', async () => {
    const key = freshId();

    expect((await probe.run('P_Busy', { round: 1, key })).output).toBe(6);
  });
});
