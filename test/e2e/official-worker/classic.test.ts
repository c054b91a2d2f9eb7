/** Apps with function.json in the official worker, which would leave these files to the host. */
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { azuriteConnectionString, freshHubName } from '../../support/azurite.ts';
import { eventually } from '../../support/eventually.ts';
import { classicFiles } from '../../support/functions-host/classic-app.ts';
import type { FunctionsHost } from '../../support/functions-host/functions-host.ts';
import { whyNoOfficialWorker } from '../../support/functions-host/official-worker.ts';
import { GREETINGS, WorkerApps } from '../../support/functions-host/worker-app.ts';
import { ended, post, start } from '../../support/instances.ts';

const why = whyNoOfficialWorker();

const APPS = [
  {
    sdk: '1.5',
    sdkPackage: 'durable-functions-v1',
    clientType: 'orchestrationClient',
    packageJson: { main: 'node_modules/durable-functions-extension/main.js' },
    env: {},
  },
  {
    sdk: '2.1',
    sdkPackage: 'durable-functions-v2',
    clientType: 'durableClient',
    packageJson: {},
    env: { NODE_OPTIONS: '--require durable-functions-extension/preload' },
  },
];

describe.skipIf(why !== undefined).each(APPS)(
  `a classic app of SDK $sdk in the official worker${why ? `: ${why}` : ''}`,
  ({ sdkPackage, clientType, packageJson, env }) => {
    const apps = new WorkerApps();
    const queue = freshHubName('queue').toLowerCase();
    let host: FunctionsHost;

    beforeAll(async () => {
      const app = await apps.app(classicFiles({ queue, clientType, packageJson }), {
        'durable-functions': sdkPackage,
        'durable-functions-extension': '..',
      });
      host = await apps.start(app, { env });
    });

    afterAll(() => apps.close());

    const statusUrl = (id: string) => ({
      id,
      statusQueryGetUri: `${host.url}/api/durabletask/instances/${id}`,
    });

    it('shows the host what the host can run, and no more', () => {
      expect([...host.refused]).toEqual([]);
      expect([...host.names].sort()).toEqual([
        'DurableTaskManagement',
        'HttpOut',
        'HttpStart',
        'Ping',
      ]);
    });

    it('runs the hello sequence, with the output binding of its activity', async () => {
      const urls = await start(`${host.url}/api/orchestrators/Hello`);

      expect(urls.statusQueryGetUri).toContain(`${host.url}/api/durabletask/instances/`);
      expect(await ended(urls)).toMatchObject({ runtimeStatus: 'Completed', output: GREETINGS });
      const queues = QueueServiceClient.fromConnectionString(azuriteConnectionString());
      const count = await eventually(async () => {
        const { approximateMessagesCount } = await queues.getQueueClient(queue).getProperties();
        return approximateMessagesCount;
      });
      expect(count).toBe(3);
      await host.logged('started by the third argument: true');
      expect((await host.logged('greeting Tokyo in SayHello')).message).toContain(urls.id);
    });

    it('starts what a function gives to its client', async () => {
      expect((await post(`${host.url}/api/out?id=given`)).status).toBe(202);

      expect(await ended(statusUrl('given'))).toMatchObject({ output: GREETINGS });
    });

    it('leaves functions without a client as they are', async () => {
      expect(await (await host.fetch('api/ping')).text()).toBe('pong');
    });

    it('names the activity whose binding nobody has here', async () => {
      const { level, message } = await host.logged("The 'Unknown' function is in error");

      expect(level).toBe('Error');
      expect(message).toContain("The binding 'mail' has the type 'sendGrid'");
    });
  },
);
