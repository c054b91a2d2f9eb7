/** What ends before its time: functions at `functionTimeout`, and orchestrators that throw while something is under way. */
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ALL_SDKS, loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const { runs } = createRequire(import.meta.url)('../apps/orchestrations/limits.cjs') as {
  readonly runs: Readonly<Record<string, number>>;
};
const LIMIT_MS = 150;
const TIMED_OUT = 'Timeout value of 00:00:00.1500000 was exceeded by function: Functions.';

const SETTINGS = [
  { how: 'with sessions kept', settings: {} },
  {
    how: 'with every session read from storage',
    settings: { sessionCacheBytes: 0, commitWindowMs: 0 },
  },
];

describe.each(ALL_SDKS.flatMap((sdk) => SETTINGS.map((setting) => ({ sdk, ...setting }))))(
  'an app of durable-functions $sdk $how',
  ({ sdk, settings }) => {
    let app: SdkApp;
    const hubs: SdkHub[] = [];
    beforeAll(async () => {
      app = await loadSdkApp(sdk, 'orchestrations/limits.cjs', { functionTimeoutMs: LIMIT_MS });
    });
    afterEach(async () => {
      await Promise.all(hubs.splice(0).map((hub) => hub.worker.stop()));
    });
    afterAll(async () => {
      await app.dispose();
    });
    const startHub = async (
      more: ConstructorParameters<typeof SdkHub>[1] = {},
    ): Promise<SdkHub> => {
      const hub = new SdkHub(app.invoker, { ...settings, ...more });
      hubs.push(hub);
      await hub.worker.start();
      return hub;
    };

    it('is told of an activity that runs too long', async () => {
      const hub = await startHub();

      const output = await hub.run('CallsHanging');

      expect(output).toMatch(/^caught: /);
      expect(output).toContain(`${TIMED_OUT}Hangs`);
    });

    // 1.x has no signals of orchestrators.
    it.skipIf(sdk === '1.5.4')(
      'loses only the operation of an entity that runs too long, and what that one set',
      async () => {
        const hub = await startHub({ rollbackEntityOperations: false });

        const output = await hub.run('CallsHangingEntity');

        expect(output).toEqual([3, expect.stringContaining(`${TIMED_OUT}Sluggish`)]);
      },
    );

    it.each([
      { undone: true, state: 1, other: undefined },
      { undone: false, state: 999, other: '7' },
    ])('undoes what a failed operation set and signalled: $undone', async (expected) => {
      const hub = await startHub({ rollbackEntityOperations: expected.undone });

      // 1.x tells its callers nothing.
      const told = sdk === '1.5.4' ? '' : 'caught';
      expect(await hub.run('CallsHalfDone')).toEqual([told, expected.state]);

      const other = async () => hub.client.entities.readState('HalfDone', 'other');
      if (expected.other !== undefined)
        await eventually(async () => (await other()) === expected.other);
      expect(await other()).toBe(expected.other);
    });

    it.each(['LeavesRetries', 'LeavesSlowRetries'])(
      'that throws still has what it started tried again (%s)',
      async (name) => {
        const hub = await startHub();
        const id = await hub.start(
          name,
          undefined,
          `${name} ${sdk} ${String('sessionCacheBytes' in settings)}`,
        );

        const { runtimeStatus, output } = await hub.ended(id);

        expect(runtimeStatus).toBe('Failed');
        expect(output).toContain('gives up');
        expect(runs[id]).toBe(3);
      },
    );
  },
);
