/**
 * Three hosts of one app on one hub under load, each stopped and started again, one after the other: nothing is lost, nothing runs
 * twice. DURABLE_RESTARTS has it done more often, with a report.
 */
import { describe, expect, it } from 'vitest';
import { HubLife, launchHost, LOOK_MS } from '../support/hub-life.ts';
import { patient } from '../support/patience.ts';

const RESTARTS = Number(process.env['DURABLE_RESTARTS'] ?? 0);
const ONE_RESTART_MS = 120_000;
const LATE_MS = 4_000;
const NAMES = ['red', 'green', 'blue'] as const;

describe('three hosts under load', () => {
  it(
    'are restarted one after the other, and nothing is lost or runs twice',
    { timeout: patient(ONE_RESTART_MS * Math.max(1, RESTARTS)) },
    async () => {
      const life = await HubLife.begin();
      try {
        const hosts = [];
        for (const name of NAMES) hosts.push(await life.join(name, launchHost));
        const done = life.keepBusy({ count: 2 });
        for (let restart = 0; restart < Math.max(1, RESTARTS); restart++) {
          for (const [place, name] of NAMES.entries()) {
            const host = hosts[place];
            if (host !== undefined) await life.leave(host);
            hosts[place] = await life.join(`${name}-${restart}`, launchHost);
          }
        }
        const { faults, instances } = await done();
        for (const host of hosts) await life.leave(host);
        if (RESTARTS > 0) await life.report(`${instances} instances`);

        const { wrongReads, longestUnread, moves } = life.record;
        expect(faults).toEqual([]);
        expect(wrongReads).toEqual([]);
        expect(longestUnread.ms).toBeLessThan(LOOK_MS + patient(LATE_MS));
        expect(moves).toBeGreaterThanOrEqual(3);
      } finally {
        await life.end();
      }
    },
  );
});
