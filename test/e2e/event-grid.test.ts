/** An orchestration of a real host whose topic is an HTTP server of this test: each event arrives, also across a kill. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { startFunc } from '../support/func-process.ts';
import { ended, start } from '../support/instances.ts';
import { LONG } from '../support/patience.ts';

const cleanUps: (() => void)[] = [];

afterAll(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

interface Arrived {
  readonly id: string;
  readonly status: string;
}

/** @param answers false leaves the request without an answer. */
async function openTopic(answers: (event: Arrived) => boolean, commitWindow: string) {
  const arrived: Arrived[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const [event] = JSON.parse(body) as { id: string; data: { runtimeStatus: string } }[];
      const told = { id: event?.id ?? '', status: event?.data.runtimeStatus ?? '' };
      arrived.push(told);
      if (answers(told)) response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const prefix = 'AzureFunctionsJobHost__extensions__durableTask__';
  const env = {
    AzureWebJobsStorage: azuriteConnectionString(),
    [`${prefix}hubName`]: freshHubName('Grid'),
    [`${prefix}commitWindow`]: commitWindow,
    [`${prefix}storageProvider__maxQueuePollingInterval`]: '00:00:01',
    [`${prefix}notifications__eventGrid__topicEndpoint`]: `http://127.0.0.1:${port}/api/events`,
    [`${prefix}notifications__eventGrid__keySettingName`]: 'TOPIC_KEY',
    TOPIC_KEY: 'secret-of-the-topic',
  };
  return { arrived, env };
}

describe('Event Grid', { concurrent: true }, () => {
  it.each([
    ['by the start message', '00:00:05'],
    ['by the answer of the last activity', '00:00:00'],
  ])(
    'is told of the end by the next host when this one is killed before it could (%s)',
    LONG,
    async (_by, commitWindow) => {
      let isAway = true;
      const topic = await openTopic(({ status }) => status === 'Running' || !isAway, commitWindow);
      const args = ['--script-root', 'samples/javascript'];
      const first = await startFunc({ args, env: topic.env });
      const urls = await start(`${first.url}/api/orchestrators/E1_HelloSequence`);
      await ended(urls);
      await eventually(() => topic.arrived.some(({ status }) => status === 'Completed'));
      first.signal('SIGKILL');
      await first.exited;
      const before = topic.arrived.splice(0);
      isAway = false;

      const second = await startFunc({ args, env: topic.env });
      await eventually(() => topic.arrived.some(({ status }) => status === 'Completed'), {
        timeoutMs: 60_000,
      });
      const { stdout, stderr } = await second.stop();

      const completed = before.find(({ status }) => status === 'Completed');
      expect(topic.arrived).toContainEqual(completed);
      expect(stdout + stderr).not.toContain('secret-of-the-topic');
    },
  );
});
