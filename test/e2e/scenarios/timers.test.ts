/** Scenarios L: durable timers. */
import { expect, it } from 'vitest';
import { describeProbe } from '../../support/probe.ts';

describeProbe('timers', (probe) => {
  it('L-01 fires when its time has come', async () => {
    const startedAt = Date.now();

    const status = await probe.run('P_TimerIn', 5000);

    expect(status.output).toBeGreaterThanOrEqual(5000);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(5000);
  });

  it('L-01 takes a local time for what it is', async () => {
    const due = new Date(Date.now() + 2000);
    const local = due.toISOString().replace('Z', '+00:00');

    const status = await probe.run('P_TimerAt', local);

    const { end } = status.output as { end: string };
    expect(Date.parse(end)).toBeGreaterThanOrEqual(due.getTime());
  });

  it('L-02 does not delay the end once it is cancelled', async () => {
    const status = await probe.run('P_CancelledTimer');

    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: 'quick' });
  });

  it('L-03 fires at once when its time is past', async () => {
    const status = await probe.run('P_TimerAt', '2020-01-01T00:00:00Z');

    expect(status.runtimeStatus).toBe('Completed');
  });

  it('L-08 fires a hundred timers of the same time', async () => {
    expect((await probe.run('P_ManyTimers', 100)).output).toBe(100);
  });

  it('L-09 L-10 has the same clock in each replay', async () => {
    const { instanceId, output } = await probe.run('P_Times');

    const times = output as string[];
    const episodes = await probe.events(instanceId, 'OrchestratorStarted');
    expect([...times].sort()).toEqual(times);
    const clocks = episodes.map(({ Timestamp }) => new Date(Timestamp).toISOString());
    for (const time of times) expect(clocks).toContain(time);
  });

  it('L-11 writes when it will fire and that it fired', async () => {
    const { instanceId } = await probe.run('P_TimerIn', 500);

    const [created] = await probe.events(instanceId, 'TimerCreated');
    const [fired] = await probe.events(instanceId, 'TimerFired');

    expect(fired).toMatchObject({ TimerId: created?.EventId });
    expect(fired?.FireAt).toBe(created?.FireAt);
  });

  it('L-14 fires in a generation that follows another', async () => {
    const status = await probe.run('P_Countdown', { left: 3, afterMs: 300 });

    expect(status.output).toBe('ok');
  });
});
