/** What the SDKs answered once must be decided as it was then: ids, messages, history and views. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_SDKS, loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { recordReplays, REPLAYS } from './record-replays.ts';
import {
  type DecidedEpisode,
  drive,
  type RecordedEpisode,
  recordedRun,
  type Scenario,
} from './replay-driver.ts';

interface Recording {
  readonly sdk: string;
  readonly scenario: Scenario;
  readonly episodes: readonly RecordedEpisode[];
}

if (process.env['RECORD_REPLAYS'] === '1') await recordReplays();
const recordings = readdirSync(REPLAYS).map(
  (file) => JSON.parse(readFileSync(path.join(REPLAYS, file), 'utf8')) as Recording,
);

function decisionsOf({ episodes }: Recording): readonly DecidedEpisode[] {
  return episodes.map(({ runs: _runs, ...decided }) => decided);
}

describe('a recorded replay', () => {
  it.each(
    recordings
      .filter(({ episodes }) => episodes.some(({ runs }) => runs.length > 0))
      .map((recording) => [recording.scenario.name, recording.sdk, recording] as const),
  )('of %s, answered by %s, is decided as it was', async (_name, _sdk, recording) => {
    const { scenario, episodes } = recording;
    const answers = episodes.flatMap(({ runs }) => runs.map(({ answer }) => answer));

    const decided = await drive(scenario, (invocation) => recordedRun(invocation, answers));

    expect(decided).toEqual(decisionsOf(recording));
  });
});

describe.each(ALL_SDKS)('durable-functions %s', (sdk) => {
  let app: SdkApp;
  beforeAll(async () => {
    app = await loadSdkApp(sdk, 'orchestrations/features.cjs');
  });
  afterAll(async () => {
    await app.dispose();
  });

  it.each(
    recordings
      .filter((recording) => recording.sdk === sdk)
      .map((recording) => [recording.scenario.name, recording] as const),
  )('has %s decided as when it was recorded', async (_name, recording) => {
    const { invoker } = app;
    const decided = await drive(recording.scenario, (invocation) =>
      invoker.openOrchestration(invocation),
    );

    expect(decided).toEqual(decisionsOf(recording));
  });
});
