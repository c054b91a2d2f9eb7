/** Scenarios A: what starts an instance, and what refuses to. */
import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { describeOwnProbe, freshId } from '../../support/probe.ts';

interface Started {
  readonly id: string;
  readonly statusQueryGetUri: string;
}

describeOwnProbe('start', (probe) => {
  it('A-01 runs an orchestrator that answers at once', async () => {
    const status = await probe.run('P_Echo', 'World');

    expect(status).toMatchObject({
      name: 'P_Echo',
      runtimeStatus: 'Completed',
      input: 'World',
      output: 'World',
    });
  });

  it('A-02 runs an orchestrator that calls an activity', async () => {
    const status = await probe.run('P_EchoViaActivity', 'World');

    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: 'World' });
  });

  it('A-03 S-01 gives an id of 32 hexadecimal digits, and says where to look next', async () => {
    const response = await probe.http('POST', 'orchestrators/P_Echo', { a: 1 });
    const started = (await response.json()) as Started;

    expect(response.status).toBe(202);
    expect(started.id).toMatch(/^[0-9a-f]{32}$/);
    expect(response.headers.get('location')).toBe(started.statusQueryGetUri);
    expect(response.headers.get('retry-after')).toBe('10');
    expect((await fetch(started.statusQueryGetUri)).ok).toBe(true);
  });

  it('A-04 takes the id it is given, and names it in every link', async () => {
    const id = freshId();

    const response = await probe.http('POST', `orchestrators/P_Echo/${id}`, 1);

    const links = (await response.json()) as Record<string, string>;
    expect(links['id']).toBe(id);
    for (const link of Object.values(links)) expect(link).toContain(id);
  });

  it('A-05 reads a body without a content type as JSON', async () => {
    const body = Buffer.from('{"a":[1]}');
    const response = await fetch(`${probe.base}/orchestrators/P_Echo`, { method: 'POST', body });

    const { id } = (await response.json()) as Started;
    expect(await probe.ended(id)).toMatchObject({ output: { a: [1] } });
  });

  it('A-06 refuses a body that is no JSON', async () => {
    const response = await probe.raw('POST', 'orchestrators/P_Echo', '{bad');

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ Message: 'Invalid JSON content' });
  });

  it('A-07 takes an empty body for no input', async () => {
    expect(await probe.run('P_Echo')).toMatchObject({ input: null, output: null });
  });

  it('A-08 accepts a name that no function has; the instance fails and says why', async () => {
    const status = await probe.run('P_Nobody');

    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain(
      "The function 'P_Nobody' doesn't exist, is disabled, or is not an orchestrator function",
    );
  });

  it('A-10 fails the parent of a sub-orchestration that no function has', async () => {
    const status = await probe.run('P_Parent', { fn: 'P_Nobody' });

    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain(
      "The function 'P_Nobody' doesn't exist, is disabled, or is not an orchestrator function",
    );
  });

  it('A-11 fails the caller of an activity that no function has', async () => {
    const status = await probe.run('P_Activity', { name: 'A_Nobody', input: 1 });

    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toMatch(
      /^Orchestrator function 'P_Activity' failed: The function 'A_Nobody' doesn't exist, is disabled, or is not an activity function/,
    );
  });

  it('A-12 answers with the bare output when asked to wait', async () => {
    const query = 'timeout=60&pollingInterval=0.2';
    const response = await probe.http('POST', `orchestrators/P_Echo?${query}`, [1, 'a']);

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual([1, 'a']);
  });

  it('A-13 does not wait when only one of timeout and pollingInterval is given', async () => {
    for (const query of ['timeout=10', 'pollingInterval=1']) {
      const response = await probe.http('POST', `orchestrators/P_Echo?${query}`, 1);

      expect(response.status).toBe(202);
      expect(await response.json()).toHaveProperty('id');
    }
  });

  it('A-14 answers 404 for a start by GET', async () => {
    expect((await probe.http('GET', 'orchestrators/P_Echo')).status).toBe(404);
  });

  it('A-18 does not create an instance for an event', async () => {
    expect(await probe.raise('P_WaitOne', 'a', 1)).toBe(404);
    expect((await probe.http('GET', 'instances/P_WaitOne')).status).toBe(404);
  });

  it('A-21 refuses to run an orchestrator through the admin API, and says so', async () => {
    const response = await admin(probe.func.url, 'P_Echo', 'x');

    expect(response.status).toBe(202);
    await eventually(() => /do(es)? not support direct invocation/.test(probe.func.output()));
  });

  it('A-22 runs an activity through the admin API', async () => {
    const key = freshId();

    const response = await admin(probe.func.url, 'A_Journal', JSON.stringify(key));

    expect(response.status).toBe(202);
    await probe.began(key);
  });

  it('R-02 starts forty instances at once, each with an output of its own', async () => {
    const inputs = Array.from({ length: 40 }, (_, index) => index);

    const statuses = await Promise.all(
      inputs.map((input) => probe.run('P_EchoViaActivity', input, 30_000)),
    );

    expect(statuses.map((status) => status.output)).toEqual(inputs);
  });

  it('R-04 refuses an id that is under way', async () => {
    const id = await probe.start('P_WaitOne', 'x', freshId());
    await probe.reaches(id, 'Running');

    const again = await probe.http('POST', `orchestrators/P_WaitOne/${id}`, 'x');
    await probe.post(id, 'suspend');
    await probe.reaches(id, 'Suspended');
    const suspended = await probe.http('POST', `orchestrators/P_WaitOne/${id}`, 'x');

    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({
      Message: 'An Orchestration instance with the status Running already exists.',
    });
    expect(suspended.status).toBe(409);
  });

  it('R-03 starts an id anew once it has ended, whichever way', async () => {
    const completed = await probe.start('P_Echo', 1, freshId());
    const failed = await probe.start('P_Boom', 'x', freshId());
    const terminated = await probe.start('P_WaitOne', 'x', freshId());
    await probe.post(terminated, 'terminate', 'enough');
    const ids = [completed, failed, terminated];
    await Promise.all(ids.map((id) => probe.ended(id)));

    await Promise.all(ids.map((id) => probe.start('P_EchoViaActivity', 2, id)));

    const statuses = await Promise.all(ids.map((id) => probe.reaches(id, 'Completed')));
    expect(statuses.map((status) => status.output)).toEqual([2, 2, 2]);
  });
});

function admin(url: string, name: string, input: string): Promise<Response> {
  return fetch(`${url}/admin/functions/${name}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ input }),
  });
}
