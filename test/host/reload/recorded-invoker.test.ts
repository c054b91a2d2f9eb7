/** A process that ends is one whose record is left behind as it is; its successor opens the same file. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventFeed } from '../../../src/core/replay/event-feed.ts';
import type { EntityInvocation, FunctionInvoker } from '../../../src/engine/function-invoker.ts';
import { withRunRecord } from '../../../src/host/reload/recorded-invoker.ts';
import { forgetRuns, RunRecord, unfinishedWork } from '../../../src/host/reload/run-record.ts';
import { silentLogger } from '../../../src/telemetry/log.ts';
import { eventually } from '../../support/eventually.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'run-record-'));
  file = path.join(folder, 'running');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const never = new Promise<never>(() => undefined);
const ANSWER = { kind: 'completed', result: '"ok"' } as const;

/** The functions of an app: those named `bad…` are what the process ends with. */
const APP: FunctionInvoker = {
  functions: { orchestrators: [], activities: [], entities: [] },
  openOrchestration: () => ({ feed: () => never, isReplayed: false, close: () => undefined }),
  runActivity: ({ functionName }) =>
    functionName.startsWith('bad') ? never : Promise.resolve(ANSWER),
  runEntity: ({ operations }) =>
    operations.some(({ name }) => name === 'bad')
      ? never
      : Promise.resolve({ kind: 'ran', exists: true, state: '1', results: [], signals: [] }),
};

function nextProcess(app = APP, maxEnds?: number): FunctionInvoker {
  const record = new RunRecord(file, (error) => {
    throw error;
  });
  return withRunRecord(app, { record, log: silentLogger, maxEnds });
}

/** The process ends while this runs. */
async function endWhile(
  run: (app: FunctionInvoker) => unknown,
  app = nextProcess(),
): Promise<void> {
  run(app);
  await eventually(() => unfinishedWork(file).length > 0);
}

function activity(functionName: string, input = '[1]') {
  return { functionName, instanceId: 'abc', input };
}

function operation(name: string, id = name): EntityInvocation['operations'][number] {
  return { id, name, input: null, isSignal: false };
}

function counter(...operations: EntityInvocation['operations']): EntityInvocation {
  return { entityName: 'counter', entityKey: 'a', exists: true, state: '0', operations };
}

describe('an activity that ends the process', () => {
  it('fails when it has done so five times, and gets one more try when it is asked for again', async () => {
    for (let end = 0; end < 5; end++) await endWhile((app) => app.runActivity(activity('bad')));

    const sixth = nextProcess();
    const outcome = await sixth.runActivity(activity('bad'));

    expect(outcome).toMatchObject({
      kind: 'failed',
      isRefused: true,
      reason:
        "Activity function 'bad' failed: The activity 'bad' ended the process of the host 5 times while it ran, and is not run again",
    });
    await endWhile((app) => app.runActivity(activity('bad')), sixth);
    expect(await nextProcess().runActivity(activity('bad'))).toMatchObject({ kind: 'failed' });
  });

  it.each([
    { maxEnds: 4, runs: 4 },
    // After two nobody knows who was to blame.
    { maxEnds: 1, runs: 3 },
  ])('fails after as many as the app says, three at least: $maxEnds', async ({ maxEnds, runs }) => {
    for (let end = 0; end < runs; end++) {
      await endWhile((app) => app.runActivity(activity('bad')), nextProcess(APP, maxEnds));
    }

    expect(await nextProcess(APP, maxEnds).runActivity(activity('bad'))).toMatchObject({
      isRefused: true,
    });
  });

  it('is named to whoever comes after', async () => {
    await endWhile((app) => app.runActivity(activity('bad')));

    const work = { kind: 'activity', functionName: 'bad', instanceId: 'abc' };
    expect(unfinishedWork(file)).toEqual([work]);
  });

  it('brings no other into discredit: what was there twice runs alone', async () => {
    const nothingEnds = { ...APP, runActivity: () => never };
    for (let end = 0; end < 2; end++) {
      const host = nextProcess(nothingEnds);
      for (const name of ['bad', 'badToo', 'slow']) void host.runActivity(activity(name));
    }
    let isSlowDone = false;
    const host = nextProcess({
      ...APP,
      runActivity: async (invocation) => {
        if (invocation.functionName !== 'slow') return APP.runActivity(invocation);
        await new Promise((resolve) => setTimeout(resolve, 20));
        isSlowDone = true;
        return ANSWER;
      },
    });

    const slow = host.runActivity(activity('slow'));
    void host.runActivity(activity('bad'));
    void host.runActivity(activity('badToo'));

    expect(await slow).toEqual(ANSWER);
    await eventually(() => isSlowDone && unfinishedWork(file).length > 0);
    expect(unfinishedWork(file).map(({ functionName }) => functionName)).toEqual(['bad']);
  });

  it('starts with a clean record when it once ran to its end, or the app was changed', async () => {
    for (let end = 0; end < 4; end++) await endWhile((app) => app.runActivity(activity('bad')));

    const mended = nextProcess({ ...APP, runActivity: () => Promise.resolve(ANSWER) });
    await mended.runActivity(activity('bad'));
    // That it has ended is written at the end of the turn.
    await new Promise((resolve) => setImmediate(resolve));
    for (let end = 0; end < 4; end++) await endWhile((app) => app.runActivity(activity('bad')));
    forgetRuns(file);

    await endWhile((app) => app.runActivity(activity('bad')));
    await endWhile((app) => app.runActivity(activity('bad')));
  });
});

describe('an operation of an entity that ends the process', () => {
  it('is found by running those of its batch one by one, and fails alone', async () => {
    await endWhile((app) => app.runEntity(counter(operation('add'), operation('bad'))));

    for (let end = 0; end < 5; end++) {
      const host = nextProcess();
      expect(await host.runEntity(counter(operation('add'), operation('bad')))).toMatchObject({
        kind: 'failed',
        mayPassOneByOne: true,
      });
      expect(await host.runEntity(counter(operation('add')))).toMatchObject({ kind: 'ran' });
      await endWhile((app) => app.runEntity(counter(operation('bad'))), host);
    }

    const outcome = await nextProcess().runEntity(counter(operation('bad')));
    expect(outcome).toMatchObject({
      kind: 'failed',
      isRefused: true,
      message: expect.stringContaining("The entity 'counter' ended the process") as string,
    });
  });
});

describe('an orchestrator that ends the process', () => {
  it('is refused when it has done so five times', async () => {
    const invocation = {
      functionName: 'Hello',
      instanceId: 'abc',
      executionId: 'x',
      parentInstanceId: null,
      input: null,
      timers: { maxTimerMs: 1, timerSliceMs: 1 },
    };
    const feed: EventFeed = { next: () => undefined, rest: () => [] };
    for (let end = 0; end < 5; end++) {
      await endWhile((app) => app.openOrchestration(invocation).feed(feed));
    }

    expect(await nextProcess().openOrchestration(invocation).feed(feed)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining("The orchestrator 'Hello' ended the process") as string,
    });
  });
});
