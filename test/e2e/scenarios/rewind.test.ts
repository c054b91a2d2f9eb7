/** Scenarios H: rewind, over HTTP and by the SDK; what failed runs again, all else once, and the rows tell what happened. */
import { expect, it } from 'vitest';
import { itInAzureStorage } from '../../support/azure-storage-only.ts';
import { describeProbe, freshId, type Probe } from '../../support/probe.ts';

describeProbe('rewind', (probe) => {
  it.each([1, 2])('H-01 H-08 mends a tree that fails %i times', async (failures) => {
    const key = freshId('tree');
    await probe.start('P_Tree', { key, failures }, key);

    for (let round = 1; round <= failures; round++) {
      await treeFailed(probe, key);
      expect(await probe.post(key, 'rewind', `round ${round}`)).toBe(202);
    }

    expect((await probe.reaches(key, 'Completed')).output).toHaveLength(16);
    for (const n of [0, 1, 2, 3]) {
      const again = n < 2 ? 1 + failures : 1;
      const runs = [0, 1, 2, 3].map((i) => probe.journal(`${key}-${n}-${i}`).length);
      expect(runs).toEqual([again, again, 1, 1]);
    }
    const counter = await probe.http('GET', `entities/E_Counter/${key}`);
    expect(await counter.json()).toBe(11);
  });

  it('H-02 runs a failed activity again', async () => {
    const id = await failed(probe, 'P_Flaky', { key: freshId(), failures: 1 });

    const answer = await probe.http('POST', `instances/${id}/rewind?reason=mended`);

    expect([answer.status, await answer.text()]).toEqual([202, '']);
    expect(await probe.reaches(id, 'Completed')).toMatchObject({ output: 2 });
  });

  it('H-02 is asked for by the SDK', async () => {
    const id = await failed(probe, 'P_Flaky', { key: freshId(), failures: 1 });

    expect(await probe.client('rewind', { id, reason: 'mended' })).toEqual({});

    expect(await probe.reaches(id, 'Completed')).toMatchObject({ output: 2 });
  });

  it('H-05 goes on with an orchestrator that was mended, and leaves others alone', async () => {
    const keys = [freshId(), freshId()] as const;
    const id = await failed(probe, 'P_Mended', keys[0]);
    const other = await failed(probe, 'P_Mended', keys[1]);
    const before = await probe.history(other);
    for (const key of keys) probe.openGate(key);

    await probe.post(id, 'rewind', 'mended');

    expect(await probe.reaches(id, 'Completed')).toMatchObject({ output: [keys[0], 6] });
    expect(probe.journal(keys[0])).toHaveLength(2);
    expect(await probe.history(other)).toEqual(before);
    expect(await probe.status(other)).toMatchObject({ runtimeStatus: 'Failed' });
  });

  it('H-08 reaches an activity two levels down, and the levels above it', async () => {
    const child = { fn: 'P_Flaky', input: { key: freshId(), failures: 1 } };
    const id = await failed(probe, 'P_Grand', child);

    await probe.post(id, 'rewind', 'mended');

    expect(await probe.reaches(id, 'Completed')).toMatchObject({ output: { grand: { child: 2 } } });
  });

  it('H-09 refuses what has not failed, and does not disturb it', async () => {
    const running = await probe.start('P_WaitOne', 'go');
    await probe.reaches(running, 'Running');
    const { instanceId: completed } = await probe.run('P_Echo', 1);
    const terminated = await probe.start('P_WaitOne', 'go');
    await probe.post(terminated, 'terminate', 'enough');
    await probe.reaches(terminated, 'Terminated');

    for (const [id, status] of [
      [running, 'Running'],
      [completed, 'Completed'],
      [terminated, 'Terminated'],
    ] as const) {
      const before = await probe.history(id);
      const answer = await probe.http('POST', `instances/${id}/rewind?reason=x`);
      expect([answer.status, await answer.json()]).toEqual([412, refusal(status)]);
      expect(await probe.status(id)).toMatchObject({ runtimeStatus: status });
      expect(await probe.history(id)).toEqual(before);
    }
    await probe.raise(running, 'go', 1);
    expect(await probe.reaches(running, 'Completed')).toMatchObject({ output: 1 });
  });

  it('H-09 H-10 tells the SDK why not', async () => {
    const { instanceId } = await probe.run('P_Echo', 1);

    const done = await probe.client('rewind', { id: instanceId, reason: 'x' });
    const nobody = await probe.client('rewind', { id: 'nobody', reason: 'x' });

    expect(done.error).toContain(
      probe.edition === 'probe-v4' ? refusal('Completed') : 'unexpected status code: 412',
    );
    expect(nobody.error).toMatch(/instance.*nobody.* found\./);
  });

  it('H-10 answers 404 for what does not exist', async () => {
    const answer = await probe.http('POST', 'instances/nobody/rewind?reason=x');

    expect(answer.status).toBe(404);
    expect(await answer.json()).toContain('nobody');
  });

  itInAzureStorage('H-11 leaves a trace of what failed in the rows', async () => {
    const key = freshId();
    const id = await failed(probe, 'P_Flaky', { key, failures: 1 });
    const execution = (await probe.instanceRows(id))[0]?.['ExecutionId'];
    const keysBefore = (await probe.historyRows(id)).map(({ rowKey }) => rowKey);
    const before = await probe.historyRows(id, 'TaskFailed');

    await probe.post(id, 'rewind', 'mended');
    await probe.reaches(id, 'Completed');

    const rows = await probe.historyRows(id);
    const traces = await probe.historyRows(id, 'GenericEvent');
    expect(before).toHaveLength(1);
    expect(traces.map(({ Reason }) => Reason)).toEqual(
      expect.arrayContaining([
        'Rewound: TaskScheduled',
        'Rewound: TaskFailed',
        'Rewound: ExecutionCompleted',
      ]),
    );
    expect(rows.map(({ rowKey }) => rowKey)).toEqual(expect.arrayContaining(keysBefore));
    expect(await probe.historyRows(id, 'TaskFailed')).toEqual([]);
    expect(await probe.instanceRows(id)).toMatchObject([
      { RuntimeStatus: 'Completed', ExecutionId: execution, Output: '2' },
    ]);
  });

  it('H-13 goes on beside timers, and runs none of them again', async () => {
    const key = freshId();
    const id = await failed(probe, 'P_FlakyTimers', { key, failures: 1 });
    const rang = await probe.events(id, 'TimerFired');

    await probe.post(id, 'rewind', 'mended');

    expect(await probe.reaches(id, 'Completed')).toMatchObject({ output: 2 });
    const timers = await probe.events(id, 'TimerFired');
    expect(timers.slice(0, 1)).toEqual(rang);
    expect(timers).toHaveLength(2);
    expect(await probe.events(id, 'TimerCreated')).toHaveLength(2);
  });

  it('H-14 of a child alone completes it, and leaves its parent failed', async () => {
    const childId = freshId('child');
    const input = { key: freshId(), failures: 1 };
    const id = await failed(probe, 'P_Parent', { fn: 'P_Flaky', input, id: childId });
    const before = await probe.history(id);

    expect(await probe.post(childId, 'rewind', 'mended')).toBe(202);

    expect(await probe.reaches(childId, 'Completed')).toMatchObject({ output: 2 });
    expect(await probe.status(id)).toMatchObject({ runtimeStatus: 'Failed' });
    expect(await probe.history(id)).toEqual(before);
    await probe.post(id, 'rewind', 'mended too');
    expect(await probe.reaches(id, 'Completed')).toMatchObject({ output: { child: 2 } });
  });
});

function refusal(status: string): string {
  return `This orchestration has status ${status}, but only orchestrations in the "Failed" state can be rewound.`;
}

/** Starts an instance that fails. @returns its id. */
async function failed(probe: Probe, name: string, input: unknown): Promise<string> {
  const { instanceId, runtimeStatus } = await probe.run(name, input);
  expect(runtimeStatus).toBe('Failed');
  return instanceId;
}

/** Waits until everything in the tree has come to an end. */
async function treeFailed(probe: Probe, key: string): Promise<void> {
  await probe.reaches(key, 'Failed');
  for (const n of [0, 1]) {
    await probe.reaches(`${key}-${n}`, 'Failed');
    await probe.reaches(`${key}-${n}-leaf`, 'Failed');
  }
}
