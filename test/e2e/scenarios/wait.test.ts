/** Scenarios G: a start that answers with the output, through the SDK and through the webhooks. */
import { expect, it } from 'vitest';
import { describeProbe, type Probe } from '../../support/probe.ts';

describeProbe('wait for completion', (probe) => {
  it('G-01 G-10 answers with the output as JSON when it is there in time', async () => {
    const response = await syncStart(probe, 'P_EchoViaActivity', ['a', 1], 60, 0.2);

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toEqual(['a', 1]);
  });

  it('G-02 G-07 answers with the links after the time, and the instance goes on', async () => {
    const startedAt = performance.now();

    const response = await syncStart(probe, 'P_WaitOne', 'go', 1.5, 0.5);

    const links = (await response.json()) as { id: string; statusQueryGetUri: string };
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1500);
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe(links.statusQueryGetUri);
    expect(response.headers.get('retry-after')).toBe('10');
    await probe.raise(links.id, 'go', 1);
    expect((await probe.ended(links.id)).output).toBe(1);
  });

  it('G-03 takes ten seconds, and looks every second, when nothing else is said', async () => {
    const startedAt = performance.now();
    const [quick, slow] = await Promise.all([
      // Ends between the second look and the third, even where the first one comes late.
      syncStart(probe, 'P_TimerIn', 1700).then((response) => ({
        status: response.status,
        afterMs: performance.now() - startedAt,
      })),
      syncStart(probe, 'P_WaitOne', 'never'),
    ]);

    expect(quick.status).toBe(200);
    expect(quick.afterMs).toBeGreaterThanOrEqual(2000);
    expect(quick.afterMs).toBeLessThan(10_000);
    expect(slow.status).toBe(202);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(10_000);
  });

  it('G-04 answers 500 with the status of a failure through the SDK', async () => {
    const response = await syncStart(probe, 'P_Boom', 'x', 60, 0.2);

    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ name: 'P_Boom', runtimeStatus: 'Failed' });
  });

  it('G-04 answers 200 with the status of a failure through the webhook, or 500 when asked', async () => {
    const target = 'orchestrators/P_Boom?timeout=60&pollingInterval=0.2';

    const plain = await probe.http('POST', target, 'x');
    const strict = await probe.http(
      'POST',
      `${target}&returnInternalServerErrorOnFailure=true`,
      'x',
    );

    expect([plain.status, strict.status]).toEqual([200, 500]);
    expect(await plain.json()).toMatchObject({ runtimeStatus: 'Failed' });
  });

  it('G-05 answers 200 with the status of what was terminated', async () => {
    const id = `wait-${probe.hub}`;
    const target = `orchestrators/P_WaitOne/${id}?timeout=60&pollingInterval=0.2`;
    const answer = probe.http('POST', target, 'go');
    await probe.when(id, (status) => status.runtimeStatus === 'Running');

    await probe.post(id, 'terminate', 'x');

    expect((await answer).status).toBe(200);
    expect(await (await answer).json()).toMatchObject({ runtimeStatus: 'Terminated', output: 'x' });
  });

  it('answers a status that was asked for with Prefer: wait when the instance has ended', async () => {
    const id = `prefer-${probe.hub}`;
    await probe.http('POST', `orchestrators/P_WaitOne/${id}`, 'go');
    await probe.when(id, (status) => status.runtimeStatus === 'Running');
    const ask = (prefer: string) => probe.raw('GET', `instances/${id}`, undefined, { prefer });
    const answer = ask('wait=120');
    const now = await ask('wait=0');

    await probe.raise(id, 'go', 'came');

    expect([now.status, now.headers.get('preference-applied')]).toEqual([202, 'wait=0']);
    expect((await answer).status).toBe(200);
    expect(await (await answer).json()).toMatchObject({ output: 'came' });
  });

  it('G-06 answers as soon as it is there, not at the end of the time', async () => {
    const startedAt = performance.now();

    const response = await syncStart(probe, 'P_TimerIn', 1000, 60, 0.2);

    expect(response.status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(60_000);
  });

  it('G-08 refuses a pause that is longer than the time', async () => {
    const response = await syncStart(probe, 'P_Echo', 1, 0.1, 1);

    expect(response.status).toBe(500);
  });

  it('G-09 waits for a restarted instance', async () => {
    const { instanceId } = await probe.run('P_EchoViaActivity', 'again');
    const query = 'timeout=60&pollingInterval=0.2';

    const response = await probe.http('POST', `instances/${instanceId}/restart?${query}`);

    expect(response.status).toBe(200);
    expect(await response.json()).toBe('again');
  });

  it('G-11 answers 200 for an output of null', async () => {
    const webhook = await probe.http('POST', 'orchestrators/P_Echo?timeout=60&pollingInterval=0.2');
    const sdk = await syncStart(probe, 'P_Echo', null, 60, 0.2);

    expect([webhook.status, sdk.status]).toEqual([200, 200]);
    expect(['', 'null']).toContain(await webhook.text());
  });
});

/** Times are in seconds; those of the SDK when absent. */
function syncStart(
  probe: Probe,
  name: string,
  input: unknown,
  timeout?: number,
  retryInterval?: number,
): Promise<Response> {
  const times = timeout === undefined ? '' : `?timeout=${timeout}&retryInterval=${retryInterval}`;
  return fetch(`${probe.url}/api/orchestrators/wait/${name}${times}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(input),
  });
}
