/** Scenarios B: one instance over HTTP, its status, its history and its links. */
import { expect, it } from 'vitest';
import { describeProbe, freshId } from '../../support/probe.ts';

const SECONDS_ONLY = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

describeProbe('status', (probe) => {
  it('B-01 answers 404 without a body for an unknown id', async () => {
    const response = await probe.http('GET', 'instances/nobody');

    expect(response.status).toBe(404);
    expect(await response.text()).toBe('');
  });

  it('B-01 lets the SDK say so in its own way', async () => {
    const answer = await probe.client('getStatus', { id: 'nobody' });

    if (probe.edition === 'probe-v4') expect(answer.error).toContain('HTTP 404');
    else expect(answer).toEqual({ ok: '' });
  });

  it('B-06 gives the SDK the history under the name that it reads, and others that of .NET', async () => {
    const { instanceId } = await probe.run('P_Echo', 1);

    const { ok } = await probe.client('getStatus', { id: instanceId, showHistory: true });
    const status = await probe.status(instanceId, 'showHistory=true');

    expect(status.historyEvents?.map(({ EventType }) => EventType)).toEqual([
      'ExecutionStarted',
      'ExecutionCompleted',
    ]);
    expect(status).not.toHaveProperty('history');
    expect(ok).toMatchObject({ history: status.historyEvents });
  });

  it('B-02 answers 202 with Location and Retry-After until the end, then 200', async () => {
    const id = await probe.start('P_WaitOne', 'go');
    await probe.reaches(id, 'Running');
    const target = `instances/${id}?taskHub=${probe.hub}`;

    const running = await probe.http('GET', target);
    await probe.raise(id, 'go', 1);
    await probe.ended(id);
    const ended = await probe.http('GET', target);

    expect(running.status).toBe(202);
    expect(running.headers.get('location')).toBe(`${probe.base}/${target}`);
    expect(running.headers.get('retry-after')).toBe('5');
    expect(ended.status).toBe(200);
  });

  it('B-03 answers 200 for a failure, or 500 when asked', async () => {
    const { instanceId } = await probe.run('P_Boom', 'x');

    const plain = await probe.http('GET', `instances/${instanceId}`);
    const strict = await probe.http(
      'GET',
      `instances/${instanceId}?returnInternalServerErrorOnFailure=true`,
    );

    expect([plain.status, strict.status]).toEqual([200, 500]);
    expect(await strict.json()).toEqual(await plain.json());
  });

  it('B-04 B-21 has these fields, and times of whole seconds in UTC', async () => {
    const status = await probe.run('P_EchoViaActivity', { a: 1 });

    expect(Object.keys(status)).toEqual([
      'name',
      'instanceId',
      'runtimeStatus',
      'input',
      'customStatus',
      'output',
      'createdTime',
      'lastUpdatedTime',
    ]);
    expect(status.createdTime).toMatch(SECONDS_ONLY);
    expect(status.lastUpdatedTime).toMatch(SECONDS_ONLY);
    expect(status.createdTime <= status.lastUpdatedTime).toBe(true);
  });

  it('B-05 leaves the input out when asked', async () => {
    const { instanceId } = await probe.run('P_Echo', 'in');

    expect((await probe.status(instanceId)).input).toBe('in');
    expect((await probe.status(instanceId, 'showInput=false')).input).toBeNull();
  });

  it('B-06 shows the history merged: start, each task, end', async () => {
    const { instanceId } = await probe.run('P_EchoViaActivity', 'x');

    const { historyEvents = [] } = await probe.status(instanceId, 'showHistory=true');

    const [started, task, completed] = historyEvents;
    expect(historyEvents.map((event) => event.EventType)).toEqual([
      'ExecutionStarted',
      'TaskCompleted',
      'ExecutionCompleted',
    ]);
    expect(started).toMatchObject({ FunctionName: 'P_EchoViaActivity', Input: '"x"' });
    expect(task).toMatchObject({
      FunctionName: 'A_Echo',
      ScheduledTime: expect.any(String) as string,
    });
    expect(task).not.toHaveProperty('Result');
    expect(completed).toMatchObject({ OrchestrationStatus: 'Completed' });
    expect(completed).not.toHaveProperty('Result');
    for (const event of historyEvents) expectNoInternals(event);
  });

  it('B-07 shows results in the history when asked', async () => {
    const { instanceId } = await probe.run('P_EchoViaActivity', 'x');

    const { historyEvents } = await probe.status(
      instanceId,
      'showHistory=true&showHistoryOutput=true',
    );

    expect(historyEvents).toMatchObject([
      { EventType: 'ExecutionStarted' },
      { EventType: 'TaskCompleted', Result: 'x' },
      { EventType: 'ExecutionCompleted', Result: 'x' },
    ]);
  });

  it('B-08 shows a sub-orchestration with its function and its result', async () => {
    const input = { date: '2024-01-01T00:00:00.1234567Z', list: [1, { a: null }] };
    const { instanceId } = await probe.run('P_Parent', { fn: 'P_Echo', input });

    const { historyEvents } = await probe.status(
      instanceId,
      'showHistory=true&showHistoryOutput=true',
    );

    expect(historyEvents?.[1]).toMatchObject({
      EventType: 'SubOrchestrationInstanceCompleted',
      FunctionName: 'P_Echo',
      Result: input,
    });
  });

  it('B-10 shows the custom status while the instance runs, and keeps the last one', async () => {
    const id = await probe.start('P_Status');

    const first = await probe.when(id, (status) => status.customStatus !== null);
    await probe.raise(id, 'go', null);
    const last = await probe.ended(id);

    expect(first).toMatchObject({ runtimeStatus: 'Running', customStatus: { step: 1 } });
    expect(last).toMatchObject({ output: null, customStatus: { step: 2, x: ['två', null] } });
  });

  it.each([[[]], [''], [0], [false], [null]])('B-10 keeps %j as custom status', async (value) => {
    // SDK 3.5 itself drops a custom status that is falsy.
    const expected = probe.edition === 'probe-v4' && !value ? null : value;

    expect((await probe.run('P_SetStatus', value)).customStatus).toEqual(expected);
  });

  it('B-11 B-12 ignores the case of a route, and a slash at its end', async () => {
    const { instanceId } = await probe.run('P_Echo', 1);

    expect((await probe.http('GET', `Instances/${instanceId}`)).status).toBe(200);
    expect((await probe.http('POST', `INSTANCES/${instanceId}/Terminate`)).status).toBe(410);
    expect((await probe.http('GET', 'instances/')).status).toBe(200);
  });

  it('B-13 answers 404 for operations that do not exist', async () => {
    const { instanceId } = await probe.run('P_Echo', 1);

    expect((await probe.http('POST', `instances/${instanceId}/foo`)).status).toBe(404);
    expect((await probe.http('PUT', `instances/${instanceId}`)).status).toBe(404);
  });

  it('B-14 B-16 B-18 hands out all links of an instance, placeholders as they are', async () => {
    const id = freshId();
    const webhook = await linksOf(await probe.http('POST', `orchestrators/P_Echo/${id}`, 1));
    const sdk = (await probe.client('payload', { id })).ok as Record<string, string>;

    const root = `${probe.base}/instances/${id}`;
    expect(webhook['sendEventPostUri']).toContain(`${root}/raiseEvent/{eventName}?taskHub=`);
    expect(webhook['terminatePostUri']).toContain(`${root}/terminate?reason={text}&taskHub=`);
    expect(webhook['suspendPostUri']).toContain(`${root}/suspend?reason={text}`);
    expect(webhook['resumePostUri']).toContain(`${root}/resume?reason={text}`);
    expect(webhook['statusQueryGetUri']).toContain(`connection=`);
    expect(webhook).not.toHaveProperty('rewindPostUri');
    expect(sdk['rewindPostUri']).toContain(`${root}/rewind?reason={text}`);
    expect(sdk['statusQueryGetUri']).toContain(root);
  });

  it('B-17 encodes the id in every link', async () => {
    const id = `${freshId()} ü&b`;
    const target = `orchestrators/P_Echo/${encodeURIComponent(id)}`;

    const { id: given, ...links } = await linksOf(await probe.http('POST', target, 1));

    expect(given).toBe(id);
    for (const link of Object.values(links)) expect(link).not.toMatch(/[ ü]|ü&b/);
    expect((await fetch(links['statusQueryGetUri'] ?? '')).ok).toBe(true);
  });
});

async function linksOf(response: Response): Promise<Record<string, string>> {
  return (await response.json()) as Record<string, string>;
}

function expectNoInternals(event: object): void {
  const hidden = ['EventId', 'IsPlayed', 'Version', 'TaskScheduledId', 'OrchestrationInstance'];
  for (const field of [...hidden, 'ParentInstance', 'Tags'])
    expect(event).not.toHaveProperty(field);
}
