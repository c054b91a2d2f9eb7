/** Scenarios D and E: instances that are stopped for good, or for a while. */
import { expect, it } from 'vitest';
import { describeProbe, freshId, type Probe } from '../../support/probe.ts';

describeProbe('terminate', (probe) => {
  it('D-01 ends a waiting instance, its output the reason as it was given', async () => {
    const id = await waiting(probe);

    expect(await probe.post(id, 'terminate', 'tired')).toBe(202);

    expect(await probe.ended(id)).toMatchObject({ runtimeStatus: 'Terminated', output: 'tired' });
  });

  it('D-02 keeps the letters of the reason', async () => {
    const id = await waiting(probe);

    await probe.post(id, 'terminate', 'sayōnara & "bye" +1');

    expect((await probe.ended(id)).output).toBe('sayōnara & "bye" +1');
  });

  it('D-03 needs no reason', async () => {
    const id = await waiting(probe);

    expect(await probe.post(id, 'terminate')).toBe(202);

    const status = await probe.ended(id);
    expect(status.runtimeStatus).toBe('Terminated');
    expect(status.output ?? '').toBe('');
  });

  it('D-04 answers 410 for what has ended, and changes nothing', async () => {
    const { instanceId } = await probe.run('P_Echo', 'done');

    expect(await probe.post(instanceId, 'terminate', 'late')).toBe(410);
    expect(await probe.client('terminate', { id: instanceId, reason: 'late' })).toEqual({});

    expect(await probe.status(instanceId)).toMatchObject({
      runtimeStatus: 'Completed',
      output: 'done',
    });
  });

  it('D-05 answers 404 for what does not exist', async () => {
    expect(await probe.post('nobody', 'terminate', 'x')).toBe(404);
    expect(await probe.client('terminate', { id: 'nobody', reason: 'x' })).toEqual({
      error: "No instance with ID 'nobody' found.",
    });
  });

  it('D-06 lets a running activity end, whose result changes nothing any more', async () => {
    const key = freshId();
    const id = await probe.start('P_Yield', { kind: 'gate', key });
    await probe.began(key);

    await probe.post(id, 'terminate', 'now');

    await probe.reaches(id, 'Terminated');
    probe.openGate(key);
    await probe.when(id, () => probe.journal(key).some(({ what }) => what === 'end'));
    expect(await probe.status(id)).toMatchObject({ runtimeStatus: 'Terminated', output: 'now' });
    expect(probe.journal(key)).toHaveLength(2);
  });

  it('D-07 leaves sub-orchestrations alone', async () => {
    const child = freshId('child');
    const parent = await probe.start('P_Parent', {
      fn: 'P_WaitOne',
      input: { name: 'go' },
      id: child,
    });
    await probe.reaches(child, 'Running');
    await probe.post(parent, 'terminate', 'x');
    await probe.reaches(parent, 'Terminated');

    expect((await probe.status(child)).runtimeStatus).toBe('Running');
    await probe.raise(child, 'go', 'on');

    expect(await probe.ended(child)).toMatchObject({ runtimeStatus: 'Completed', output: 'on' });
    expect((await probe.status(parent)).output).toBe('x');
  });

  it.each(['timer', 'event', 'activity', 'sub', 'entity', 'retry', 'loop'])(
    'D-08 D-13 ends an instance at: %s',
    async (kind) => {
      const id = await probe.start('P_Yield', { kind, key: freshId(kind) });
      await probe.when(id, (status) => status.runtimeStatus !== 'Pending');

      await probe.post(id, 'terminate', kind);

      expect(await probe.ended(id)).toMatchObject({
        runtimeStatus: 'Terminated',
        output: kind,
      });
    },
  );

  it('D-09 ends a suspended instance', async () => {
    const id = await waiting(probe);
    await probe.post(id, 'suspend', 'pause');
    await probe.reaches(id, 'Suspended');

    await probe.post(id, 'terminate', 'enough');

    expect(await probe.ended(id)).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
  });

  it('D-11 keeps a reason of 14 000 characters', async () => {
    const id = await waiting(probe);
    const reason = 'because.'.repeat(1800);

    expect(await probe.post(id, 'terminate', reason)).toBe(202);

    expect((await probe.ended(id)).output).toBe(reason);
  });

  it('D-12 lets the same id start at once, and the old run stays ended', async () => {
    const id = await probe.start('P_WaitOne', 'go', freshId());
    await probe.reaches(id, 'Running');
    await probe.post(id, 'terminate', 'x');
    await probe.reaches(id, 'Terminated');

    await probe.start('P_WaitOne', 'stop', id);
    await probe.reaches(id, 'Running');
    await probe.raise(id, 'go', 'old');
    await probe.raise(id, 'stop', 'new');

    expect(await probe.ended(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'new' });
  });
});

describeProbe('suspend and resume', (probe) => {
  it('E-01 E-02 keeps events while suspended, and goes on when resumed', async () => {
    const id = await waiting(probe);

    expect(await probe.post(id, 'suspend', 'pause')).toBe(202);
    await probe.reaches(id, 'Suspended');
    expect((await probe.http('GET', `instances/${id}`)).status).toBe(202);
    expect(await probe.raise(id, 'go', 'kept')).toBe(202);
    const { output } = await probe.status(id);
    expect(await probe.post(id, 'resume', 'on')).toBe(202);

    expect(output).toBe('pause');
    expect(await probe.ended(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'kept' });
  });

  it('E-01 shows a resumed instance as running', async () => {
    const id = await waiting(probe);
    await probe.post(id, 'suspend');
    await probe.reaches(id, 'Suspended');

    await probe.post(id, 'resume');

    expect(await probe.reaches(id, 'Running')).toMatchObject({ output: null });
  });

  it('E-03 refuses to suspend twice', async () => {
    const id = await waiting(probe);
    await probe.post(id, 'suspend');
    await probe.reaches(id, 'Suspended');

    const response = await probe.http('POST', `instances/${id}/suspend`);

    expect(response.status).toBe(500);
    expect(await response.text()).toContain('because instance is in the Suspended state.');
  });

  it('E-04 refuses to resume what runs', async () => {
    const id = await waiting(probe);

    const response = await probe.http('POST', `instances/${id}/resume`);

    expect(response.status).toBe(500);
    expect(await response.text()).toContain('because instance is in the Running state.');
  });

  it.each(['suspend', 'resume'])('E-05 E-06 answers 410 or 404 to %s', async (operation) => {
    const { instanceId } = await probe.run('P_Echo', 1);

    expect(await probe.post(instanceId, operation)).toBe(410);
    expect(await probe.post('nobody', operation)).toBe(404);
  });

  it('E-07 does not go on when an activity ends meanwhile', async () => {
    const key = freshId();
    const id = await probe.start('P_Yield', { kind: 'gate', key });
    await probe.began(key);
    await probe.post(id, 'suspend');
    await probe.reaches(id, 'Suspended');
    probe.openGate(key);
    await probe.when(id, () => probe.journal(key).some(({ what }) => what === 'end'));

    const { runtimeStatus } = await probe.status(id);
    await probe.post(id, 'resume');

    expect(runtimeStatus).toBe('Suspended');
    expect(await probe.ended(id)).toMatchObject({ runtimeStatus: 'Completed', output: key });
  });

  it('E-08 fires a timer after the resume that was due before it', async () => {
    const id = await probe.start('P_TimerIn', 1500);
    const due = Date.now() + 3000;
    await probe.reaches(id, 'Running');
    await probe.post(id, 'suspend');
    await probe.reaches(id, 'Suspended');
    const { runtimeStatus } = await probe.when(id, () => Date.now() > due);

    await probe.post(id, 'resume');

    expect(runtimeStatus).toBe('Suspended');
    expect((await probe.ended(id)).runtimeStatus).toBe('Completed');
  });
});

async function waiting(probe: Probe): Promise<string> {
  const id = await probe.start('P_WaitOne', 'go', freshId('wait'));
  await probe.reaches(id, 'Running');
  return id;
}
