/** Scenarios: an instance that is to start later is Pending until then, and others do not wait for it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { eventually } from '../support/eventually.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const HOUR_MS = 60 * 60 * 1000;

let app: SdkApp;
let hub: SdkHub | undefined;

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', 'orchestrations/fan-outs.cjs');
});

afterEach(async () => {
  await hub?.worker.stop();
});

afterAll(async () => {
  await app.dispose();
});

async function startHub(): Promise<SdkHub> {
  hub = new SdkHub(app.invoker);
  await hub.worker.start();
  return hub;
}

const startAt = (client: TaskHubClient, instanceId: string, scheduledStartTime?: string) =>
  client.start({
    name: 'Squares',
    input: '3',
    instanceId,
    ...(scheduledStartTime !== undefined && { scheduledStartTime }),
  });

/** The same instant with the offset of Tokyo. */
const inTokyo = (ms: number): string =>
  new Date(ms + 9 * HOUR_MS).toISOString().replace('Z', '+09:00');

describe('a scheduled start', () => {
  it.each([
    { zone: 'UTC', text: (ms: number) => new Date(ms).toISOString() },
    { zone: 'another time zone', text: inTokyo },
  ])('A-15 A-16: given in $zone waits for its time', async ({ text }) => {
    const running = await startHub();
    const { client, clock } = running;
    const dueMs = clock.now() + HOUR_MS;
    await startAt(client, 'later', text(dueMs));
    await startAt(client, 'now');

    const twin = await running.ended('now');
    const pending = await client.findStatus('later', { input: true });
    expect(pending).toMatchObject({ runtimeStatus: 'Pending', input: '3' });
    expect(Date.parse(pending?.scheduledStartTime ?? '')).toBe(dueMs);
    expect(twin).toMatchObject({ runtimeStatus: 'Completed', scheduledStartTime: null });

    clock.skip(HOUR_MS - 60_000);
    await startAt(client, 'other');
    await running.ended('other');
    expect((await client.findStatus('later', { input: false }))?.runtimeStatus).toBe('Pending');

    clock.skip(60_000);
    expect(await running.ended('later')).toMatchObject({ output: '[0,1,4]' });
  });

  it('A-15: waits in Azure Storage, even over the end of a worker', async () => {
    const first = new AzureHub({}, { invoker: app.invoker });
    await first.start();
    const dueMs = Date.now() + 2500;
    await startAt(first.client, 'later', inTokyo(dueMs));
    const pending = await first.client.findStatus('later', { input: false });
    await first.stop();
    const second = new AzureHub(first.options, { invoker: app.invoker });
    try {
      await second.start();
      const { output } = await second.ended('later');
      const history = await second.client.readHistory('later');
      expect(pending?.runtimeStatus).toBe('Pending');
      expect(Date.parse(pending?.scheduledStartTime ?? '')).toBe(dueMs);
      expect(output).toBe('[0,1,4]');
      expect(Date.parse(history[0]?.Timestamp ?? '')).toBeGreaterThanOrEqual(dueMs);
      await eventually(async () => (await second.messageCount()) === 0);
    } finally {
      await second.stop();
      await second.backend.deleteHub();
    }
  });
});
