/** What orchestrators must not call, with the official SDKs: who is told, where it says it is, and what is left alone. */
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
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

let hub: SdkHub | undefined;
let records: LogRecord[] = [];

async function load(sdk: Sdk, orchestratorCodeChecks: CodeCheckMode): Promise<SdkApp> {
  const log = {
    write: (record: LogRecord) => {
      // As the console sink does.
      records.push({ ...record, fields: { ...record.fields, time: new Date().toISOString() } });
    },
  };
  return await loadSdkApp(sdk, 'orchestrations/wrong-code.cjs', { log, orchestratorCodeChecks });
}

async function startHub({ invoker }: SdkApp): Promise<SdkHub> {
  records = [];
  hub = new SdkHub(invoker);
  await hub.worker.start();
  return hub;
}

/** With an app that listens to the process no longer than the test. */
async function startHubOf(...app: Parameters<typeof load>): Promise<SdkHub> {
  const loaded = await load(...app);
  onTestFinished(() => loaded.dispose());
  return await startHub(loaded);
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

  describe('what is no result', () => {
    const RETURNED = [
      // SDK 1.x waits for it.
      ...(sdk === '1.5.4'
        ? []
        : [{ name: 'ReturnsTask', problem: 'returned a task instead of its result. Yield it' }]),
      { name: 'ReturnsTasks', problem: 'returned a value that holds a task instead of its result' },
      { name: 'ReturnsPromise', problem: 'returned a promise, of which nothing is stored' },
      { name: 'ReturnsFunction', problem: 'returned a function, of which nothing is stored' },
    ];

    it('is warned of once, and by default fails nothing', async () => {
      const running = await startHubOf(sdk, 'warn');

      for (const { name, problem } of [...RETURNED, ...RETURNED]) {
        expect(await running.ended(await running.start(name))).toMatchObject({
          runtimeStatus: 'Completed',
        });
        const said = records.filter(({ message }) => message.includes(problem));
        expect(said.map(({ fields }) => fields['functionName'])).toEqual([name]);
      }
    });

    it("fails the instance with orchestratorCodeChecks 'error'", async () => {
      const running = await startHubOf(sdk, 'error');

      for (const { name, problem } of RETURNED) {
        const { runtimeStatus, output } = await running.ended(await running.start(name));
        expect(runtimeStatus).toBe('Failed');
        expect(output).toContain(problem);
      }
    });
  });

  // SDK 1.x takes the answer of the next call of that name for the forgotten one's.
  it.skipIf(sdk === '1.5.4')(
    'warns of calls that were never yielded, and of no others',
    async () => {
      const running = await startHubOf(sdk, 'error');

      expect(await running.run('YieldsLater')).toEqual([null, { nested: { far: 1 } }, 'text']);
      expect(records.filter(({ level }) => level === 'warning')).toEqual([]);
      expect(await running.run('ForgetsYields')).toBe('done');
      expect(await running.run('ForgetsYields')).toBe('done');
      const said = records.filter(({ eventId }) => eventId === 20034);
      expect(said.map(({ fields }) => fields['call'])).toEqual([
        "callActivity('Echo')",
        "callActivityWithRetry('Echo')",
        "callSubOrchestrator('YieldsValue')",
        'callEntity()',
      ]);
    },
  );

  it("fails the instance with the place and the remedy with orchestratorCodeChecks 'error'", async () => {
    await startHubOf(sdk, 'error');

    expect(await hub?.run('Uses', 'Date.now()')).toMatch(
      /^Orchestrator function 'Uses' failed: Non-deterministic orchestrator code: Date\.now\(\) is called at .*wrong-code\.cjs:6, .* Use context\.df\.currentUtcDateTime\./,
    );
  });

  it('fails the instance, even when the orchestrator catches the error', async () => {
    await startHubOf(sdk, 'error');

    expect(await hub?.run('Catches')).toMatch(/failed: Non-deterministic orchestrator code/);
  });

  it("says nothing with orchestratorCodeChecks 'off'", async () => {
    await startHubOf(sdk, 'off');

    expect(await hub?.run('Uses', 'Date.now()')).toBe('done');
    expect(warnings()).toEqual([]);
  });
});
