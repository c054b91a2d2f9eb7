/** Single scenarios through the official SDKs: A-09, I-11, L-13, M-09, M-12, O-02 and O-08. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { LONG } from '../support/patience.ts';
import { ALL_SDKS, loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const SCRIPT = 'orchestrations/scenarios.cjs';

let app: SdkApp;
let hub: SdkHub;

describe.each(ALL_SDKS)('durable-functions %s', (sdk) => {
  beforeAll(async () => {
    app = await loadSdkApp(sdk, SCRIPT);
  });
  beforeEach(async () => {
    hub = new SdkHub(app.invoker);
    await hub.worker.start();
  });
  afterEach(async () => {
    await hub.worker.stop();
  });
  afterAll(async () => {
    await app.dispose();
  });

  it.each([
    ['FirstRetryInAWeek', 'FirstRetryInterval'],
    ['RetriesUpToAWeek', 'MaxRetryInterval'],
  ])('M-09: fails %s, and names %s', async (name, option) => {
    const { runtimeStatus, output } = await hub.ended(await hub.start(name));

    expect(runtimeStatus).toBe('Failed');
    expect(output).toContain(`a maximum of 6 days for time-based delays (Parameter '${option}')`);
  });

  it('L-13: lets two minutes go by without an event, and not one alone', async () => {
    const ids = [await hub.start('Silence'), await hub.start('Silence')] as const;
    for (const id of ids) await hub.history(id, (history) => history.length > 2);
    hub.clock.skip(60_000);
    await hub.client.raiseEvent(ids[0], 'Call', 'null');
    expect(await hub.ended(ids[0])).toMatchObject({ output: 'false' });
    expect(await hub.client.findStatus(ids[1], { input: false })).toMatchObject({
      runtimeStatus: 'Running',
    });

    hub.clock.skip(60_000);

    expect(await hub.ended(ids[1])).toMatchObject({ output: 'true' });
  });

  // SDK 1.x takes the error of an entity for its answer.
  it.skipIf(sdk === '1.5.4')(
    'M-12: lets an entity error be caught, thrown on, and its call be tried again',
    async () => {
      const caught = await hub.run('CatchesEntityError');
      const failed = await hub.ended(await hub.start('ThrowsEntityError'));
      const again = await hub.run('TriesEntityAgain');

      expect(caught).toMatch(/^caught: .*no fail/s);
      expect(failed.runtimeStatus).toBe('Failed');
      expect(failed.output).toMatch(
        /^Orchestrator function 'ThrowsEntityError' failed: .*no fail/s,
      );
      expect(again).toEqual([3, 'at last']);
    },
  );

  it('O-02: has a generation for each of fifty events that come in a row', async () => {
    const id = await hub.start('Sums', { sum: 0, left: 50 });
    for (let n = 1; n <= 50; n++) await hub.client.raiseEvent(id, 'Add', String(n));

    expect(await hub.ended(id)).toMatchObject({ runtimeStatus: 'Completed', output: '1275' });
  });

  it('O-08: gives each generation an execution id of its own', async () => {
    const id = await hub.start('Generations', 3);
    const seen = new Map<string, string>();
    for (let generation = 0; generation < 3; generation++) {
      await hub.history(id, (history) =>
        history.some(
          (event) =>
            event.EventType === 'ExecutionStarted' &&
            !seen.has(event.OrchestrationInstance.ExecutionId ?? ''),
        ),
      );
      const record = await hub.client.findStatus(id, { input: true });
      seen.set(record?.executionId ?? '', record?.createdTime ?? '');
      hub.clock.skip(1000);
      await hub.client.raiseEvent(id, 'Next', null);
    }

    expect(await hub.ended(id)).toMatchObject({ output: '"over"' });
    expect(seen.size).toBe(3);
    expect([...seen.values()]).toEqual([...seen.values()].toSorted());
  });

  it('A-09: fails what a client without an app starts and nobody has', async () => {
    const client = new TaskHubClient({
      backend: hub.backend,
      ambient: { now: () => Date.now(), newId: () => 'c'.repeat(32) },
      log: silentLogger,
      taskHub: 'Test',
    });
    const { runtimeStatus, output } = await hub.ended(
      await client.start({ name: 'Nobody', input: null }),
    );

    expect([runtimeStatus, output?.includes("The function 'Nobody' doesn't exist")]).toEqual([
      'Failed',
      true,
    ]);
  });
});

describe('a purge in Azure Storage', () => {
  it('I-11: goes through all pages of a hundred', LONG, async () => {
    app = await loadSdkApp('3.5.0', SCRIPT);
    const azure = new AzureHub({}, { invoker: app.invoker });
    await azure.start();
    try {
      const ids = await Promise.all(
        Array.from({ length: 120 }, (_, n) =>
          azure.client.start({ name: 'Returns', input: String(n) }),
        ),
      );
      await Promise.all(ids.map((id) => azure.ended(id, { timeoutMs: 40_000, intervalMs: 500 })));
      const everything = { createdTimeFrom: new Date(0), runtimeStatuses: [] };

      expect(await azure.client.purgeBy(everything)).toBe(120);
      expect(await azure.client.purgeBy(everything)).toBe(0);
    } finally {
      await azure.stop();
      await azure.backend.deleteHub();
      await app.dispose();
    }
  });
});
