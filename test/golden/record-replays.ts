/**
 * Records `test/golden/replays`: what each SDK answers to each feature, episode by episode, and what the decider makes of it.
 * Run by hand when a feature is added: `RECORD_REPLAYS=1 npx vitest run test/golden/replays.test.ts`, and read the difference.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createAppInvoker } from '../../src/function-app/app-invoker.ts';
import type { FunctionApp } from '../../src/function-app/function-app.ts';
import { ALL_SDKS, loadSdkApp, TRIGGER_SETTINGS, type Sdk } from '../support/sdk-app.ts';
import { drive, type RecordedAnswer, type Scenario } from './replay-driver.ts';
import { withReferences } from './references.ts';

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
  const loaded = await loadSdkApp(sdk, 'orchestrations/features.cjs');
  const { app } = loaded;
  let answer: RecordedAnswer | undefined;
  const listening: FunctionApp = {
    functions: app.functions,
    problems: app.problems,
    capabilities: app.capabilities,
    invoke: (fn, request) => app.invoke(fn, request),
    currentRun: () => app.currentRun(),
    dispose: () => app.dispose(),
    async call(fn, request) {
      const end = await app.call(fn, request);
      answer =
        end.kind === 'returned'
          ? { returned: withReferences(end.result) }
          : { threw: (end.error as Error).message };
      return end;
    },
  };
  const invoker = createAppInvoker({ app: listening, settings: TRIGGER_SETTINGS });
  for (const name of invoker.functions.orchestrators) {
    if (MISSING[name]?.includes(sdk)) continue;
    const raise = RAISES[name];
    const scenario: Scenario = { name, ...(raise ? { raise } : {}) };
    const episodes = await drive(scenario, async (invocation) => {
      await invoker.runOrchestrator(invocation);
      if (!answer) throw new Error(`'${name}' did not answer.`);
      return answer;
    });
    const text = JSON.stringify({ sdk, scenario, episodes }, null, 1);
    await writeFile(path.join(REPLAYS, `${name}-${sdk}.json`), `${text}\n`);
  }
  await loaded.dispose();
}

export async function recordReplays(): Promise<void> {
  await mkdir(REPLAYS, { recursive: true });
  for (const sdk of ALL_SDKS) await record(sdk);
}
