/** What a client of another hub is decorated with, over a backend that is a class. For real storage see `app-hubs.test.ts`. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { OtherHubBackend } from '../../src/hub/other-hub.ts';
import { createMemoryBackend } from '../../src/memory/memory-backend.ts';
import { silentLogger } from '../../src/telemetry/log.ts';

function openClient(): TaskHubClient {
  return new TaskHubClient({
    backend: new OtherHubBackend(createMemoryBackend()),
    ambient: { now: () => Date.now(), newId: () => randomUUID().replaceAll('-', '') },
    log: silentLogger,
    taskHub: 'Other',
  });
}

it('another hub is started, looked at, steered and purged like the own one', async () => {
  const client = openClient();

  await client.start({ name: 'Hello', input: '1', instanceId: 'a' });
  await client.terminate('a', null);
  await client.entities.signal('Counter', 'c', 'add', '1');

  expect(await client.findStatus('a', { input: true })).toMatchObject({
    name: 'Hello',
    input: '1',
  });
  expect(
    await client.list({ pageSize: 9, includeInput: false, includeOutput: false }),
  ).toMatchObject({ instances: [{ instanceId: 'a' }] });
  expect(await client.readHistory('a')).toEqual([]);
  await expect(client.purge('a')).rejects.toThrow('has status Pending');
});

it('the limits of another hub are those of its storage', async () => {
  const long = 'k'.repeat(600);
  await expect(openClient().entities.signal('Counter', long, 'add', null)).resolves.toBeUndefined();
});

it('another hub cannot be claimed by this host', async () => {
  await expect(openClient().makePrimary()).rejects.toThrow('does not work on that task hub');
});
