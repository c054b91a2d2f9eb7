/**
 * Records `test/golden/replays`: what the decider makes of each feature with each SDK, episode by episode. Run by hand when a
 * feature is added: `RECORD_REPLAYS=1 npx vitest run test/golden/replays.test.ts`, and read the difference.
 *
 * Recordings that are there keep their `runs`: what the SDK answered to runs over the whole history when it was recorded.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ALL_SDKS, loadSdkApp, type Sdk } from '../support/sdk-app.ts';
import {
  type DecidedEpisode,
  drive,
  type RecordedEpisode,
  type Scenario,
} from './replay-driver.ts';

const RAISES: Readonly<Record<string, NonNullable<Scenario['raise']>>> = {
  CancelledTimer: { Go: 1 },
  LosingTimer: { go: 1 },
  EarlyEvent: { Go: 1 },
};

/** Which generation lacks the feature. */
const MISSING: Readonly<Record<string, readonly Sdk[]>> = {
  SignalsEntity: ['1.5.4'],
  Locks: ['1.5.4', '2.1.3'],
  Nested: ['1.5.4'],
};

export const REPLAYS = path.join(import.meta.dirname, 'replays');

async function record(sdk: Sdk): Promise<void> {
  const app = await loadSdkApp(sdk, 'orchestrations/features.cjs');
  const { invoker } = app;
  for (const name of invoker.functions.orchestrators) {
    if (MISSING[name]?.includes(sdk)) continue;
    const raise = RAISES[name];
    const scenario: Scenario = { name, ...(raise ? { raise } : {}) };
    const decided = await drive(scenario, (invocation) => invoker.openOrchestration(invocation));
    const file = path.join(REPLAYS, `${name}-${sdk}.json`);
    const episodes = await withKnownRuns(file, decided);
    await writeFile(file, `${JSON.stringify({ sdk, scenario, episodes }, null, 1)}\n`);
  }
  await app.dispose();
}

async function withKnownRuns(
  file: string,
  decided: readonly DecidedEpisode[],
): Promise<readonly RecordedEpisode[]> {
  const known = existsSync(file)
    ? (JSON.parse(await readFile(file, 'utf8')) as { episodes: readonly RecordedEpisode[] })
    : { episodes: [] };
  return decided.map(({ now, received, ...rest }, index) => {
    const runs = known.episodes[index]?.runs ?? [];
    return { now, received, runs, ...rest };
  });
}

export async function recordReplays(): Promise<void> {
  await mkdir(REPLAYS, { recursive: true });
  for (const sdk of ALL_SDKS) await record(sdk);
}
