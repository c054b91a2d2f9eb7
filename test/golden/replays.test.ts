/** What the SDKs answered once must be decided as it was then: ids, messages, history and views. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordReplays, REPLAYS } from './record-replays.ts';
import { drive, type RecordedEpisode, type Scenario } from './replay-driver.ts';

interface Recording {
  readonly sdk: string;
  readonly scenario: Scenario;
  readonly episodes: readonly RecordedEpisode[];
}

if (process.env['RECORD_REPLAYS'] === '1') await recordReplays();
const recordings = readdirSync(REPLAYS).map(
  (file) => JSON.parse(readFileSync(path.join(REPLAYS, file), 'utf8')) as Recording,
);

describe('a recorded replay', () => {
  it.each(
    recordings.map((recording) => [recording.scenario.name, recording.sdk, recording] as const),
  )('of %s, answered by %s, is decided as it was', async (_name, _sdk, recording) => {
    const { scenario, episodes } = recording;
    const answers = episodes.flatMap(({ runs }) => runs.map(({ answer }) => answer));

    const decided = await drive(scenario, () => {
      const answer = answers.shift();
      return answer
        ? Promise.resolve(answer)
        : Promise.reject(new Error('It runs more often than it did.'));
    });

    expect(decided).toEqual(episodes);
  });
});
