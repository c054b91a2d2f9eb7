/** What orchestrators must not call, with the official SDKs: who is told, where it says it is, and what is left alone. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CodeCheckMode } from '../../../src/function-app/orchestrator-code/code-checks.ts';
import type { LogRecord } from '../../../src/telemetry/log.ts';
import { ALL_SDKS, loadSdkApp, type Sdk, type SdkApp } from '../../support/sdk-app.ts';
import { SdkHub } from '../../support/sdk-hub.ts';

const APIS = [
  'Date.now()',
  'new Date()',
  'Date()',
  'performance.now()',
  'process.hrtime()',
  'process.hrtime.bigint()',
  'Math.random()',
  'crypto.randomUUID()',
  'crypto.randomBytes()',
  'crypto.getRandomValues()',
  'setTimeout()',
  'setInterval()',
  'setImmediate()',
];
const EVENT_ID = 20020;

const apps: SdkApp[] = [];
let hub: SdkHub | undefined;
let records: LogRecord[] = [];

async function load(sdk: Sdk, orchestratorCodeChecks: CodeCheckMode): Promise<SdkApp> {
  const log = {
    write: (record: LogRecord) => {
      // As the console sink does.
      records.push({ ...record, fields: { ...record.fields, time: new Date().toISOString() } });
    },
  };
  const app = await loadSdkApp(sdk, 'orchestrations/wrong-code.cjs', {
    log,
    orchestratorCodeChecks,
  });
  apps.push(app);
  return app;
}

async function startHub({ invoker }: SdkApp): Promise<SdkHub> {
  records = [];
  hub = new SdkHub(invoker);
  await hub.worker.start();
  return hub;
}

function warnings(): readonly LogRecord[] {
  return records.filter(({ eventId }) => eventId === EVENT_ID);
}

afterEach(async () => {
  await hub?.worker.stop();
  hub = undefined;
});

describe.each(ALL_SDKS)('durable-functions %s', (sdk) => {
  describe("with orchestratorCodeChecks 'warn'", () => {
    let app: SdkApp;
    beforeAll(async () => {
      app = await load(sdk, 'warn');
    });
    afterAll(async () => {
      await app.dispose();
    });

    it.each(APIS)('warns of %s once, with file and line', async (api) => {
      const running = await startHub(app);

      expect(await running.run('Uses', api)).toBe('done');
      expect(await running.run('Uses', api)).toBe('done');
      expect(warnings()).toHaveLength(1);
      const place = expect.stringMatching(/wrong-code\.cjs:\d+$/) as string;
      expect(warnings()[0]?.fields).toMatchObject({ functionName: 'Uses', api, place });
    });

    it('names the line of a generator that the orchestrator delegates to', async () => {
      await (await startHub(app)).run('UsesInHelper');

      expect(warnings()[0]?.message).toMatch(
        /'UsesInHelper' calls Math\.random\(\) at .*wrong-code\.cjs:22: .* Use an activity/,
      );
    });

    it('names the package that made the call, and the line that called it', async () => {
      await (await startHub(app)).run('ThroughPackage');

      expect(warnings()[0]?.message).toMatch(/wrong-code\.cjs:\d+ \(by the package 'uuid'\)/);
    });

    it('leaves the SDK, the log, and dates with arguments alone', async () => {
      expect(await (await startHub(app)).run('Allowed')).toEqual([true, true, 'number']);

      expect(records.some(({ message }) => message === 'logs too')).toBe(true);
      expect(warnings()).toEqual([]);
    });
  });

  it("fails the instance with the place and the remedy with orchestratorCodeChecks 'error'", async () => {
    await startHub(await load(sdk, 'error'));

    expect(await hub?.run('Uses', 'Date.now()')).toMatch(
      /^Orchestrator function 'Uses' failed: Non-deterministic orchestrator code: Date\.now\(\) is called at .*wrong-code\.cjs:6, .* Use context\.df\.currentUtcDateTime\./,
    );
  });

  it('fails the instance, even when the orchestrator catches the error', async () => {
    await startHub(await load(sdk, 'error'));

    expect(await hub?.run('Catches')).toMatch(/failed: Non-deterministic orchestrator code/);
  });

  it("says nothing with orchestratorCodeChecks 'off'", async () => {
    await startHub(await load(sdk, 'off'));

    expect(await hub?.run('Uses', 'Date.now()')).toBe('done');
    expect(warnings()).toEqual([]);
  });
});

afterAll(async () => {
  await Promise.all(apps.map((app) => app.dispose()));
});
