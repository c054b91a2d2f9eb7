/** a process that is killed in the middle of a fan-out leaves its work to the next one, which loses and doubles nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFile, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AzureHub, SHORT_LEASES } from '../support/azure-hub.ts';
import { eventually } from '../support/eventually.ts';
import { startHubProcess } from '../support/hub-process.ts';
import { LONG } from '../support/patience.ts';
import { loadSdkApp, type SdkApp, TRIGGER_SETTINGS } from '../support/sdk-app.ts';

const COUNT = 50;
/** These and all after them never end in the first process: fewer than it has slots for. */
const HANGS_FROM = 35;

let app: SdkApp;
const journal = path.join(tmpdir(), `fan-out-${randomUUID()}`);

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', 'orchestrations/fan-outs.cjs');
});

afterAll(async () => {
  await app.dispose();
  await rm(journal, { force: true });
});

async function begun(): Promise<readonly number[]> {
  const lines = (await readFile(journal, 'utf8')).trim().split('\n');
  return lines.map(Number);
}

describe('a process that is killed in a fan-out of fifty', () => {
  it('leaves what ran to the next one; what was done is not done again', LONG, async () => {
    process.env['FAN_OUT_JOURNAL'] = journal;
    const commitWindowMs = 100;
    const next = new AzureHub(SHORT_LEASES, { invoker: app.invoker, settings: { commitWindowMs } });
    const child = await startHubProcess(
      {
        scriptRoot: app.folder,
        storage: next.options,
        triggers: TRIGGER_SETTINGS,
        commitWindowMs,
        name: 'Notes',
        instanceId: 'fan',
        event: null,
      },
      { HANGS_FROM: String(HANGS_FROM) },
    );
    try {
      child.begin();
      await eventually(async () => (await begun()).length === COUNT);
      await eventually(async () => {
        const history = await next.client.readHistory('fan');
        const done = history.filter(({ EventType }) => EventType === 'TaskCompleted');
        return done.length === HANGS_FROM;
      });
      // Their messages go when that is stored: killed before, it would leave them to the next one.
      const { storage, names } = next.storage();
      const activities = storage.queue(names.workItemQueue);
      await eventually(async () => {
        const { approximateMessagesCount } = await activities.getProperties();
        return approximateMessagesCount === COUNT - HANGS_FROM;
      });
      child.kill();
      await child.exited;
      await next.start();

      const { runtimeStatus, output } = await next.ended('fan', { timeoutMs: 60_000 });
      const squares = Array.from({ length: COUNT }, (_, n) => n * n);
      expect([runtimeStatus, JSON.parse(output ?? '')]).toEqual(['Completed', squares]);
      expect((await begun()).slice(COUNT).sort((a, b) => a - b)).toEqual(
        Array.from({ length: COUNT - HANGS_FROM }, (_, n) => n + HANGS_FROM),
      );
    } finally {
      child.kill();
      await next.stop();
      await next.backend.deleteHub();
    }
  });
});
