/** Scenarios V: what an orchestrator can see of its replays, and the rows that it leaves. */
import { expect, it } from 'vitest';
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

  it('V-01 gives ids that differ and times that do not go back, and rows in their order', async () => {
    const status = await probe.run('P_Times');
    const info = await probe.run('P_Parent', { fn: 'P_Info', input: 1 });

    const times = (status.output as string[]).map((time) => Date.parse(time));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const [a, b] = guidsOf(info);
    expect(a).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(a).not.toBe(b);
    const rows = (await probe.history(status.instanceId)).filter(isEvent);
    expect(rows.map(({ rowKey }) => rowKey)).toEqual(
      rows.map((_, index) => index.toString(16).toUpperCase().padStart(16, '0')),
    );
    expect(rows.filter(({ EventType }) => EventType === 'TaskCompleted')).toHaveLength(3);
  });
});

function isEvent({ rowKey }: Readonly<Record<string, unknown>>): boolean {
  return rowKey !== 'sentinel';
}

function guidsOf({ output }: ProbeStatus): readonly string[] {
  return (output as { child: { guids: string[] } }).child.guids;
}
