/** Scenarios I and J: instances that are removed, and instances that start over. */
import { expect, it } from 'vitest';
import { describeOwnProbe, describeProbe, freshId } from '../../support/probe.ts';

describeProbe('purge', (probe) => {
  it('I-01 I-02 I-03 removes an instance, its history and its long payloads, once', async () => {
    const { instanceId } = await probe.run('P_EchoViaActivity', 'long '.repeat(20_000));
    const before = await probe.stored(instanceId);

    const first = await probe.purge(instanceId);
    const second = await probe.purge(instanceId);

    expect(first.status).toBe(200);
    expect(await first.json()).toEqual({ instancesDeleted: 1 });
    expect(second.status).toBe(404);
    expect((await probe.http('GET', `instances/${instanceId}`)).status).toBe(404);
    expect(before.history).toBeGreaterThan(5);
    expect(before.payloads).toBeGreaterThan(0);
    expect(await probe.stored(instanceId)).toEqual({ instances: 0, history: 0, payloads: 0 });
  });

  it('I-02 tells the SDK that nothing was there', async () => {
    const { instanceId } = await probe.run('P_Echo', 1);

    const there = await probe.client('purge', { id: instanceId });
    const gone = await probe.client('purge', { id: instanceId });

    expect([there.ok, gone.ok]).toEqual([{ instancesDeleted: 1 }, { instancesDeleted: 0 }]);
  });

  it('I-10 removes more than a hundred rows of one history', async () => {
    const { instanceId } = await probe.run('P_FanOut', { n: 60 }, 30_000);
    expect((await probe.stored(instanceId)).history).toBeGreaterThan(120);

    expect((await probe.purge(instanceId)).status).toBe(200);

    expect((await probe.stored(instanceId)).history).toBe(0);
  });

  it('I-13 removes ids of any letters', async () => {
    const id = `${freshId()} it's ^50% |:ü`;
    await probe.start('P_Echo', 1, id);
    await probe.ended(id);

    expect((await probe.purge(id)).status).toBe(200);
    expect((await probe.purge(id)).status).toBe(404);
  });

  it('I-14 removes an entity, and says so of one that never was', async () => {
    const key = freshId();
    await probe.http('POST', `entities/E_Counter/${key}?op=add`, 1);
    await probe.when(`@e_counter@${key}`, (status) => JSON.stringify(status.input).includes('1'));

    const there = await probe.purge(`@e_counter@${key}`);

    expect(await there.json()).toEqual({ instancesDeleted: 1 });
    expect((await probe.http('GET', `entities/E_Counter/${key}`)).status).toBe(404);
  });

  it('I-15 refuses what is still under way', async () => {
    const id = await probe.start('P_WaitOne', 'go');
    await probe.reaches(id, 'Running');

    const response = await probe.purge(id);

    expect(response.ok).toBe(false);
    expect((await probe.status(id)).runtimeStatus).toBe('Running');
  });

  it('I-18 leaves sub-orchestrations', async () => {
    const child = freshId('child');
    const parent = await probe.run('P_Parent', { fn: 'P_Echo', input: 1, id: child });

    await probe.purge(parent.instanceId);

    expect((await probe.status(child)).runtimeStatus).toBe('Completed');
  });

  it('I-22 leaves nothing behind for the next one of the same id', async () => {
    const id = await probe.start('P_WaitOne', 'go', freshId());
    await probe.raise(id, 'other', 'old');
    await probe.raise(id, 'go', 1);
    await probe.ended(id);
    await probe.purge(id);

    await probe.start('P_WaitOne', 'other', id);
    await probe.reaches(id, 'Running');
    await probe.raise(id, 'other', 'new');

    expect((await probe.ended(id)).output).toBe('new');
  });
});

describeOwnProbe('purge by filter', (probe) => {
  it('I-04 to I-09 removes what matches and has ended', async () => {
    const completed = await probe.run('P_Echo', 1);
    const failed = await probe.run('P_Boom', 'x');
    const running = await probe.start('P_WaitOne', 'go');
    await probe.reaches(running, 'Running');
    const from = 'createdTimeFrom=2020-01-01T00:00:00Z';

    const purge = async (query: string): Promise<unknown> => {
      const response = await probe.http('DELETE', `instances?${query}`);
      return response.status === 200 ? response.json() : response.status;
    };

    const none = await probe.http('DELETE', 'instances');
    expect(none.status).toBe(400);
    expect(await none.text()).toContain("Please provide value for 'createdTimeFrom' parameter.");
    expect(await purge('createdTimeFrom=2100-01-01T00:00:00Z')).toBe(404);
    expect(await purge(`${from}&createdTimeTo=2020-01-02T00:00:00Z`)).toBe(404);
    expect(await purge(`${from}&runtimeStatus=Failed`)).toEqual({ instancesDeleted: 1 });
    expect((await probe.http('GET', `instances/${failed.instanceId}`)).status).toBe(404);
    expect(await purge(`${from}&runtimeStatus=Running,Completed`)).toEqual({ instancesDeleted: 1 });
    expect((await probe.http('GET', `instances/${completed.instanceId}`)).status).toBe(404);
    expect(await purge(from)).toBe(404);
    expect((await probe.status(running)).runtimeStatus).toBe('Running');
  });
});

describeProbe('restart', (probe) => {
  it('J-01 starts over under the same id, with the same input', async () => {
    const before = await probe.run('P_Times', 'in');

    const query = 'restartWithNewInstanceId=false';
    const response = await probe.http('POST', `instances/${before.instanceId}/restart?${query}`);

    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ id: before.instanceId });
    const after = await probe.when(
      before.instanceId,
      (status) => status.runtimeStatus === 'Completed' && !sameOutput(status, before),
    );
    expect(after.input).toBe('in');
  });

  it('J-02 starts a new instance, and leaves the old one as it is', async () => {
    const before = await probe.run('P_EchoViaActivity', { a: 1 });

    const response = await probe.http('POST', `instances/${before.instanceId}/restart`);

    const { id } = (await response.json()) as { id: string };
    expect(response.status).toBe(202);
    expect(id).not.toBe(before.instanceId);
    expect(await probe.ended(id)).toMatchObject({ name: before.name, output: { a: 1 } });
    expect(await probe.status(before.instanceId)).toEqual(before);
  });

  it('J-03 refuses an id that does not exist', async () => {
    const response = await probe.http('POST', 'instances/nobody/restart');

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      Message: 'InstanceId does not match a valid orchestration instance.',
    });
  });

  it('J-04 refuses the same id while it is under way, but not a new one', async () => {
    const id = await probe.start('P_WaitOne', 'go');
    await probe.reaches(id, 'Running');

    expect(await probe.post(id, 'restart?restartWithNewInstanceId=false')).toBe(409);
    expect(await probe.post(id, 'restart?restartWithNewInstanceId=true')).toBe(202);
  });

  it('J-05 starts over what failed or was terminated', async () => {
    const failed = await probe.run('P_Flaky', { key: freshId(), failures: 1 });
    const terminated = await probe.start('P_WaitOne', 'go');
    await probe.post(terminated, 'terminate', 'x');
    await probe.reaches(terminated, 'Terminated');

    for (const id of [failed.instanceId, terminated]) {
      expect(await probe.post(id, 'restart?restartWithNewInstanceId=false')).toBe(202);
    }

    expect(failed.runtimeStatus).toBe('Failed');
    expect((await probe.reaches(failed.instanceId, 'Completed')).output).toBe(2);
    await probe.raise(terminated, 'go', 'again');
    expect((await probe.reaches(terminated, 'Completed')).output).toBe('again');
  });
});

function sameOutput(a: { readonly output: unknown }, b: { readonly output: unknown }): boolean {
  return JSON.stringify(a.output) === JSON.stringify(b.output);
}
