/**
 * The .NET extension and we at the same time on one hub, each with half of its partitions, while instances of every kind run: their
 * entities, children and activities are on both sides. DURABLE_DOTNET_MINUTES makes it longer, with a report.
 */
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { REFERENCE, whyNoDotnet } from '../support/dotnet-extension.ts';
import { HubLife, launchDotnet, launchHost } from '../support/hub-life.ts';
import { LONG_MS } from '../support/patience.ts';

const MINUTES = Number(process.env['DURABLE_DOTNET_MINUTES'] ?? 0);

const obstacle = whyNoDotnet();
if (obstacle !== undefined) {
  process.stderr.write(`SKIPPED: one hub with the .NET extension, under load: ${obstacle}\n`);
}

describe.skipIf(obstacle !== undefined)('we and the .NET extension on one hub', () => {
  it(
    'finish together what either of the two begins',
    { timeout: 2 * LONG_MS + 2 * MINUTES * 60_000 },
    async () => {
      const life = await HubLife.begin({ copyOf: path.join(REFERENCE, 'node') });
      try {
        const theirs = await life.join('theirs', launchDotnet);
        const ours = await life.join('ours', launchHost);
        await life.untilShared([theirs, 2], [ours, 2]);

        // What a .NET worker was about to get when it gave up a partition comes a minute later than what was sent after it.
        const done = life.keepBusy({ count: 1, isDisturbed: true });
        await pause(MINUTES * 60_000);
        const { faults, instances } = await done();
        if (MINUTES > 0) await life.report(`${instances} instances`);

        const { byWorker } = await life.load.runs();
        expect(faults).toEqual([]);
        expect(Object.keys(byWorker).sort()).toEqual(['ours', 'theirs']);
        await life.untilShared([theirs, 2], [ours, 2]);
        expect(life.record.wrongReads.filter((read) => read.startsWith('ours'))).toEqual([]);
      } finally {
        await life.end();
      }
    },
  );
});
