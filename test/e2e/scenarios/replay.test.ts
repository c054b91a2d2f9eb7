/** Scenarios V: what an orchestrator can see of its replays, and the rows that it leaves. */
import { expect, it } from 'vitest';
import { itInAzureStorage } from '../../support/azure-storage-only.ts';
import { describeProbe, type ProbeStatus } from '../../support/probe.ts';

describeProbe('replay', (probe) => {
  it('V-03 is over when the last activity has its answer', async () => {
    expect((await probe.run('P_Replaying', 1)).output).toEqual([true, false]);
  });

  it('V-04 V-05 goes over three steps of four', async () => {
    const seen = (await probe.run('P_Replaying', 3)).output as boolean[];

    expect(seen).toEqual([true, true, true, false]);
    expect(seen.filter((isReplaying) => !isReplaying)).toHaveLength(1);
  });

  it('is none where there is nothing to wait for', async () => {
    expect((await probe.run('P_Replaying', 0)).output).toEqual([false]);
  });

  it('V-01 gives ids that differ and times that do not go back', async () => {
    const status = await probe.run('P_Times');
    const info = await probe.run('P_Parent', { fn: 'P_Info', input: 1 });

    const times = (status.output as string[]).map((time) => Date.parse(time));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const [a, b] = guidsOf(info);
    expect(a).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(a).not.toBe(b);
    expect(await probe.events(status.instanceId, 'TaskCompleted')).toHaveLength(3);
  });

  itInAzureStorage('V-01 leaves rows in their order', async () => {
    const { instanceId } = await probe.run('P_Times');

    const keys = (await probe.historyRows(instanceId)).map(({ rowKey }) => rowKey);

    const events = keys.filter((key) => key !== 'sentinel');
    expect(events).toEqual(
      events.map((_, index) => index.toString(16).toUpperCase().padStart(16, '0')),
    );
    expect(events.length).toBeGreaterThan(6);
  });
});

function guidsOf({ output }: ProbeStatus): readonly string[] {
  return (output as { child: { guids: string[] } }).child.guids;
}
