/**
 * V-07, M-17: an orchestrator that does something else than its history says fails, and tells the step, what was expected and
 * what came, whether its session is kept or read from storage.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ALL_SDKS, loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const SETTINGS = [
  { how: 'with sessions kept and checked each time', settings: { replaysAlways: true } },
  {
    how: 'with every session read from storage',
    settings: { sessionCacheBytes: 0, commitWindowMs: 0 },
  },
];

const ACTIVITY = "scheduled an activity task with sequence ID 0 and name 'First'";
const SECOND = "an activity task with sequence ID 0 and name 'Second' instead";
const HAS_NOT = "hasn't (yet?) scheduled this task";
const CHANGES = [
  [
    'activity',
    'otherActivity',
    `${ACTIVITY}, but the current replay execution scheduled ${SECOND}`,
  ],
  ['activity', 'timer', `${ACTIVITY}, but the current replay execution scheduled a timer`],
  [
    'activity',
    'child',
    `${ACTIVITY}, but the current replay execution scheduled a sub-orchestration`,
  ],
  ['activity', 'nothing', `${ACTIVITY}, but the current replay execution ${HAS_NOT}`],
  ['timer', 'activity', 'scheduled a timer with sequence ID 0, but the current replay execution'],
  ['child', 'otherChild', "scheduled a sub-orchestration with sequence ID 0 and name 'Child'"],
  ['entity', 'activity', "scheduled an event with sequence ID 0 and name 'op'"],
  ['all', 'otherAll', "scheduled an activity task with sequence ID 1 and name 'First'"],
] as const;

let nextKey = 0;

describe.each(ALL_SDKS.flatMap((sdk) => SETTINGS.map((setting) => ({ sdk, ...setting }))))(
  'durable-functions $sdk $how',
  ({ sdk, settings }) => {
    let app: SdkApp;
    let hub: SdkHub | undefined;
    beforeAll(async () => {
      app = await loadSdkApp(sdk, 'orchestrations/changing.cjs');
    });
    afterEach(async () => {
      await hub?.worker.stop();
    });
    afterAll(async () => {
      await app.dispose();
    });

    async function changed(before: string, after: string): Promise<string | null> {
      hub = new SdkHub(app.invoker, settings);
      await hub.worker.start();
      const key = String(nextKey++);
      const id = await hub.start('Changes', { before, after, key });
      const answers = before === 'all' ? 2 : 1;
      await hub.history(id, (history) => {
        const answered = history.filter(({ EventType }) =>
          /Completed$|Fired$|Raised$/.test(EventType),
        );
        return (
          answered.filter(({ EventType }) => EventType !== 'OrchestratorCompleted').length >=
          answers
        );
      });
      process.env[`CHANGED_${key}`] = 'yes';
      await hub.client.raiseEvent(id, 'Go', 'null');
      return (await hub.ended(id)).output;
    }

    it.each(CHANGES)('fails after %s became %s', async (before, after, text) => {
      const output = await changed(before, after);

      // SDK 1.x finds changed sub-orchestrations itself.
      if (/failed: The sub-orchestration call /.test(output ?? '')) return;
      expect(output).toMatch(/^Orchestrator function 'Changes' failed: Non-Deterministic workflow/);
      expect(output).toContain(text);
    });

    it('goes on while the code is the same', async () => {
      expect(await changed('activity', 'activity')).toBe('"last"');
    });
  },
);
