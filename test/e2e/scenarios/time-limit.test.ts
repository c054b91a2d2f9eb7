/** Scenarios M-19 to M-21: functions that run into `functionTimeout`. */
import { expect, it } from 'vitest';
import { describeProbe, freshId, type Probe } from '../../support/probe.ts';
import { calls, reads, signal } from '../../support/probe-entities.ts';

const TIMED_OUT = 'Timeout value of 00:00:02 was exceeded by function: Functions.';

describeProbe('time limit', describeTimeLimit, {
  env: {
    AzureFunctionsJobHost__functionTimeout: '00:00:02',
    AzureFunctionsJobHost__extensions__durableTask__maxEntityOperationBatchSize: '4',
  },
});

function describeTimeLimit(probe: Probe): void {
  it('M-19 fails the activity that runs longer, and the host goes on', async () => {
    const key = freshId();

    const status = await probe.run('P_Yield', { kind: 'gate', key });

    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain(`${TIMED_OUT}A_Gate`);
    expect((await probe.run('P_EchoViaActivity', 'next')).output).toBe('next');
    // What still runs in the background has nothing to say any more.
    probe.openGate(key);
    expect(await probe.status(status.instanceId)).toMatchObject({ output: status.output });
  });

  it('M-20 loses what the operation of an entity set that runs longer, and no other', async () => {
    const key = freshId();
    await signal(probe, `E_Counter/${key}?op=add`, 3);

    const results = await calls(
      probe,
      ['E_Counter', key, 'hang'],
      ['E_Counter', key, 'add', 1],
      ['E_Counter', key, 'get'],
    );

    expect(results).toEqual([expect.stringContaining(`${TIMED_OUT}E_Counter`), 4, 4]);
  });

  it('M-20 runs all the operations of more than one batch around it', async () => {
    const key = freshId();
    const operations = ['add', 'add', 'hang', 'add', 'add', 'add', 'add', 'add', 'add'];

    await Promise.all(operations.map((op) => signal(probe, `E_Counter/${key}?op=${op}`, 1)));

    await reads(probe, `E_Counter/${key}`, 8);
  });

  it('M-21 fails the orchestration whose code runs longer', async () => {
    const status = await probe.run('P_Stuck');

    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toBe(`Orchestrator function 'P_Stuck' failed: ${TIMED_OUT}P_Stuck`);
  });
}
