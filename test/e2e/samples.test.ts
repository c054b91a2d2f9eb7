import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { startFunc, type FuncProcess } from '../support/func-process.ts';
import { ended, post, run, start, statusWhen } from '../support/instances.ts';

const GREETINGS = ['Hello Tokyo!', 'Hello Seattle!', 'Hello London!'];

describe.each(['samples/javascript', 'samples/typescript'])('%s', (scriptRoot) => {
  let func: FuncProcess;
  let receiver: Receiver;
  const api = (path: string): string => `${func.url}/api/${path}`;

  beforeAll(async () => {
    receiver = await startReceiver();
    func = await startFunc({
      args: ['--script-root', scriptRoot],
      env: {
        AzureWebJobsStorage: azuriteConnectionString(),
        AzureFunctionsJobHost__extensions__durableTask__hubName: freshHubName(),
        InstanceInfoUrl: receiver.url,
      },
    });
  });

  afterAll(async () => {
    await func.stop();
    receiver.server.close();
  });

  it('answers the hello sequence with its output', async () => {
    const response = await post(
      api('orchestrators/E1_HelloSequence/wait?timeout=20&retryInterval=0.1'),
    );

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(GREETINGS);
  });

  it('refuses a pause longer than the timeout', async () => {
    const response = await post(
      api('orchestrators/E1_HelloSequence/wait?timeout=1&retryInterval=2'),
    );

    expect(response.status).toBe(400);
    expect(await response.text()).toContain('retryInterval');
  });

  it('starts an orchestration and lets it be followed by its URLs', async () => {
    const status = await run(api('orchestrators/E1_HelloSequence'));

    expect(status).toMatchObject({
      name: 'E1_HelloSequence',
      runtimeStatus: 'Completed',
      output: GREETINGS,
    });
  });

  it('fans out and in again', async () => {
    const status = await run(api('orchestrators/E2_FanOutFanIn'), ['a b', 'c', 'd e f', 'g']);

    expect(status.output).toEqual({ texts: 4, words: 7 });
  });

  it('has an input for the fan-out when none is given', async () => {
    const status = await run(api('orchestrators/E2_FanOutFanIn'));

    expect(status.output).toEqual({ texts: 3, words: 6 });
  });

  it('waits for an approval, and takes it', async () => {
    const id = `approval-${Date.now()}`;
    const urls = await start(api(`orchestrators/E3_Approval?instanceId=${id}`), { title: 'July' });
    await statusWhen(urls, (status) => status.customStatus === 'waiting for approval');

    const answer = await post(api(`instances/${id}/events/Approval`), true);

    expect(answer.status).toBe(202);
    expect(await ended(urls)).toMatchObject({ output: 'July: approved', customStatus: 'approved' });
  });

  it('gives up waiting for an approval when its time is over', async () => {
    const status = await run(api('orchestrators/E3_Approval'), {
      title: 'June',
      timeoutSeconds: 1,
    });

    expect(status.output).toBe('June: timed out');
  });

  it('charges an order until the bank answers, and delivers each item of it', async () => {
    const status = await run(api('orchestrators/E4_Order'), {
      customer: 'Ada',
      items: ['lamp', 'teapot'],
      card: 'busy',
    });

    expect(status).toMatchObject({
      output: ['lamp for Ada', 'teapot for Ada'],
      customStatus: 'delivered',
    });
  });

  it('terminates an instance with a reason', async () => {
    const urls = await start(api('orchestrators/E3_Approval'));

    const answer = await post(api(`instances/${urls.id}/terminate?reason=enough`));

    expect(answer.status).toBe(202);
    expect(await ended(urls)).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
  });

  it('shows an instance, with its history when asked', async () => {
    const { instanceId } = await run(api('orchestrators/E1_HelloSequence'));

    const plain = await fetch(api(`instances/${instanceId}`));
    const full = await fetch(api(`instances/${instanceId}?history=true`));

    expect(await plain.json()).toMatchObject({ instanceId, runtimeStatus: 'Completed' });
    expect(full.status, func.output()).toBe(200);
    const { historyEvents } = (await full.json()) as { historyEvents: { EventType: string }[] };
    expect(historyEvents.map((event) => event.EventType)).toContain('TaskCompleted');
  });

  it('lists the instances in a status, and names a status that does not exist', async () => {
    const { instanceId } = await run(api('orchestrators/E1_HelloSequence'));

    const listed = await fetch(api('instances?status=Completed'));
    const refused = await fetch(api('instances?status=Done'));

    expect(await listed.json()).toContainEqual(
      expect.objectContaining({ instanceId, runtimeStatus: 'Completed' }),
    );
    expect(refused.status).toBe(400);
  });

  it('purges one instance, after which it is gone', async () => {
    const { instanceId } = await run(api('orchestrators/E1_HelloSequence'));

    const purged = await fetch(api(`instances/${instanceId}`), { method: 'DELETE' });

    expect(await purged.json()).toEqual({ instancesDeleted: 1 });
    expect((await fetch(api(`instances/${instanceId}`))).status).toBe(404);
    expect((await fetch(api(`instances/${instanceId}`), { method: 'DELETE' })).status).toBe(404);
  });

  it('answers 404 for events and ends of an instance that does not exist', async () => {
    expect((await post(api('instances/nobody/events/Approval'), true)).status).toBe(404);
    expect((await post(api('instances/nobody/terminate'))).status).toBe(404);
  });

  it('runs the timer that purges old instances on demand', async () => {
    const answer = await post(`${func.url}/admin/functions/PurgeOldInstances`, { input: '' });

    expect(answer.status).toBe(202);
    await eventually(() =>
      func.output().includes('Purged 0 instances that are older than 30 days.'),
    );
  });

  it('sends the management URLs of an instance to another system', async () => {
    const answer = await post(api('instances/some-id/send-info'));

    expect(answer.status).toBe(202);
    expect(receiver.received).toMatchObject([{ id: 'some-id', payload: { id: 'some-id' } }]);
  });
});

describe.each(['samples/javascript', 'samples/typescript'])(
  '%s without a receiver',
  (scriptRoot) => {
    it('says which setting SendInstanceInfo misses', async () => {
      const func = await startFunc({
        args: [
          '--script-root',
          scriptRoot,
          '--storage',
          'memory',
          '--functions',
          'SendInstanceInfo',
        ],
        env: { InstanceInfoUrl: undefined },
      });
      try {
        const answer = await post(`${func.url}/api/instances/some-id/send-info`);

        expect(answer.status).toBe(500);
        expect(await answer.text()).toContain('The setting InstanceInfoUrl is missing');
        expect(func.output()).not.toContain('E1_HelloSequence');
      } finally {
        await func.stop();
      }
    });
  },
);

interface Receiver {
  readonly url: string;
  readonly received: unknown[];
  readonly server: Server;
}

/** Another system that wants to know about instances. */
function startReceiver(): Promise<Receiver> {
  const received: unknown[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push(JSON.parse(body));
      response.writeHead(204).end();
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({ url: `http://127.0.0.1:${port}/instances`, received, server });
    });
  });
}
