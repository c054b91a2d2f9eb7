/** What orchestrators of the official SDKs see of the engine, and how they fail: versions, parents, replays, statuses, limits. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ALL_SDKS, loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const shared = process as unknown as Record<string, unknown>;
const seen = (shared['seenByOrchestrators'] ??= new Map()) as Map<string, unknown[]>;
const hubs: SdkHub[] = [];

afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.worker.stop()));
});

type Settings = NonNullable<ConstructorParameters<typeof SdkHub>[1]>;

async function startHub({ invoker }: SdkApp, settings: Settings = {}): Promise<SdkHub> {
  const hub = new SdkHub(invoker, settings);
  hubs.push(hub);
  await hub.worker.start();
  return hub;
}

async function failureOf(app: SdkApp, name: string, input?: unknown, settings?: Settings) {
  const hub = await startHub(app, settings);
  const { runtimeStatus, output } = await hub.ended(await hub.start(name, input));
  expect(runtimeStatus).toBe('Failed');
  const prefix = `Orchestrator function '${name}' failed: `;
  expect(output?.startsWith(prefix)).toBe(true);
  return output?.slice(prefix.length);
}

const WITHOUT_WINDOW = { commitWindowMs: 0 };

describe.each(ALL_SDKS)('an orchestrator of durable-functions %s', (sdk) => {
  let app: SdkApp;
  beforeAll(async () => {
    app = await loadSdkApp(sdk, 'orchestrations/behaviour.cjs');
  });
  afterAll(async () => {
    await app.dispose();
  });

  it('knows its parent, whose execution its own id names', async () => {
    const hub = await startHub(app);
    const id = await hub.start('Parents');
    const [ofParent, [parent, own]] = JSON.parse((await hub.ended(id)).output ?? '') as [
      unknown,
      [string, string],
    ];
    const { executionId } = (await hub.client.findStatus(id, { input: false })) ?? {};

    expect([ofParent, parent, own]).toEqual([null, id, `${String(executionId)}:0`]);
  });

  it.each([{}, { sessionCacheBytes: 0 }])(
    'gets the same GUIDs and times in every replay, %o',
    async (settings) => {
      const hub = await startHub(app, { ...WITHOUT_WINDOW, ...settings });
      const id = await hub.start('Stable');
      const values = JSON.parse((await hub.ended(id)).output ?? '') as [string, number][];

      expect(new Set(seen.get(id)).size).toBe(3);
      expect(new Set(values.map(([guid]) => guid)).size).toBe(3);
      expect(values.map(([, ms]) => ms)).toEqual(values.map(([, ms]) => ms).toSorted());
    },
  );

  it('is told once for each step that it is not replaying', async () => {
    const hub = await startHub(app, WITHOUT_WINDOW);
    const id = await hub.start('Replaying');
    await hub.ended(id);

    const notes = (seen.get(id) ?? []) as [number, boolean][];
    expect(notes.filter(([, isReplaying]) => !isReplaying).map(([step]) => step)).toEqual([
      0, 1, 2,
    ]);
    // Replays come now and then; SDK 1.x knows nothing else.
    const replayed = notes.length - 3;
    expect(replayed).toBeLessThanOrEqual(3);
    if (sdk === '1.5.4') expect(replayed).toBe(3);
  });

  it.each([
    ['text', '"text"', '"text"', '"text"'],
    [{ a: 1 }, '{"a":1}', '{"a":1}', '{"a":1}'],
    // Only 2.x sends values that are false.
    [0, null, '0', null],
    [false, null, 'false', null],
    ['', null, '""', null],
    [null, null, null, null],
  ])('with the custom status %j shows what its SDK sends', async (value, first, second, third) => {
    const hub = await startHub(app);
    const { customStatus } = await hub.ended(await hub.start('StatusAtEnd', { value }));

    expect(customStatus).toBe({ '1.5.4': first, '2.1.3': second, '3.5.0': third }[sdk]);
  });

  it('replaces its custom status, and clears it', async () => {
    const hub = await startHub(app);
    const id = await hub.start('Status', { values: ['one', { two: 2 }, null] });
    for (const expected of ['"one"', '{"two":2}', null]) {
      await expect
        .poll(async () => (await hub.client.findStatus(id, { input: false }))?.customStatus)
        .toBe(expected);
      await hub.client.raiseEvent(id, 'Next', null);
    }

    expect((await hub.ended(id)).customStatus).toBe(null);
  });

  it('keeps its custom status while the next generation waits for the first time', async () => {
    const hub = await startHub(app);
    const id = await hub.start('Generations', { left: 2, waits: true });
    const status = async () => (await hub.client.findStatus(id, { input: false }))?.customStatus;
    for (const expected of [null, '{"left":2}', '{"left":1}']) {
      await expect.poll(status).toBe(expected);
      await hub.client.raiseEvent(id, 'Next', null);
    }

    expect((await hub.ended(id)).customStatus).toBe(null);
  });

  it('keeps its custom status over generations that follow each other at once', async () => {
    const hub = await startHub(app);
    const { customStatus } = await hub.ended(await hub.start('Generations', { left: 30 }));

    expect(customStatus).toBe('{"left":1}');
  });

  it('may have a custom status of 16 KB in UTF-16, and fails with a larger one', async () => {
    const hub = await startHub(app);
    const { runtimeStatus } = await hub.ended(await hub.start('LargeStatus', { length: 8190 }));

    expect(runtimeStatus).toBe('Completed');
    expect(await failureOf(app, 'LargeStatus', { length: 20_000 })).toBe(
      'The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. The current payload size is 40 KB.',
    );
  });

  it('fails when it asks for more actions than are allowed', async () => {
    const settings = { maxOrchestrationActions: 5 };
    expect(await failureOf(app, 'ManyActions', undefined, settings)).toBe(
      'Maximum amount of orchestration actions (5) has been reached. This value can be configured in host.json file as MaxOrchestrationActions.',
    );
  });

  it.each([
    [
      'another activity',
      { first: 'Other' },
      /^Non-Deterministic workflow detected: A previous execution of this orchestration scheduled an activity task with sequence ID 0 and name 'Echo', but the current replay execution scheduled an activity task with sequence ID 0 and name 'Other' instead\. Was a change/,
    ],
    [
      'no activity any more',
      { second: 'Other' },
      /^Non-Deterministic workflow detected: A previous execution of this orchestration scheduled an activity task with sequence ID 0 and name 'Echo', but the current replay execution hasn't \(yet\?\) scheduled this task\. Was a change/,
    ],
  ])('fails when its code was changed to call %s', async (_what, changed, reason) => {
    shared['changingOrchestrator'] = { first: 'Echo' };
    const hub = await startHub(app, { ...WITHOUT_WINDOW, sessionCacheBytes: 0 });
    const id = await hub.start('Changing');
    await hub.history(id, (history) =>
      history.some(({ EventType }) => EventType === 'TaskCompleted'),
    );
    shared['changingOrchestrator'] = changed;
    await hub.client.raiseEvent(id, 'Go', null);

    const { runtimeStatus, output } = await hub.ended(id);
    expect(runtimeStatus).toBe('Failed');
    expect(output?.replace("Orchestrator function 'Changing' failed: ", '')).toMatch(reason);
  });

  it('fails when it calls an activity that there is not, with those that there are', async () => {
    expect(await failureOf(app, 'CallsUnknownActivity')).toBe(
      "The function 'Nope' doesn't exist, is disabled, or is not an activity function. Additional info: The following are the known activity functions: 'Echo', 'Other'.",
    );
  });

  it('fails when it calls an orchestrator that there is not', async () => {
    expect(await failureOf(app, 'CallsUnknownChild')).toMatch(
      /^The function 'Nope' doesn't exist, is disabled, or is not an orchestrator function\./,
    );
  });

  it.skipIf(sdk === '1.5.4').each([
    ['YieldsNumber', /Orchestration yielded data of type number\. Only Task types can be yielded/],
    ['YieldsPromise', /Orchestration yielded data of type object\. Only Task types can be yielded/],
    ['YieldsSignal', /This is likely a result of yielding a "fire-and-forget API"/],
  ])('fails with the text of the SDK: %s', async (name, text) => {
    expect(await failureOf(app, name)).toMatch(text);
  });

  it.each(['NoGenerator', 'AsyncFunction'])('fails when it is no generator: %s', async (name) => {
    expect(await failureOf(app, name)).toMatch(/next is not a function|generator|reading 'df'/);
  });
});

describe('versions', () => {
  let app: SdkApp;
  const versioning = { appVersion: '2.0', match: 'None', failure: 'Reject' } as const;
  beforeAll(async () => {
    app = await loadSdkApp('3.5.0', 'orchestrations/behaviour.cjs');
  });
  afterAll(async () => {
    await app.dispose();
  });

  async function output(hub: SdkHub, name: string, input: string | null, version?: string) {
    const id = await hub.client.start({ name, input, ...(version ? { version } : {}) });
    return JSON.parse((await hub.ended(id)).output ?? 'null') as unknown;
  }

  it('are what an instance was started with, and a sub-orchestration was given', async () => {
    const hub = await startHub(app);
    expect(await output(hub, 'Versions', '"1.5"', '1.0')).toEqual(['1.0', '1.5']);
  });

  it('of sub-orchestrations that are given none are those of the app', async () => {
    const hub = await startHub(app, { versioning });
    expect(await output(hub, 'Versions', null, '1.0')).toEqual(['1.0', '2.0']);
  });

  it('stay the same over generations', async () => {
    const hub = await startHub(app);
    expect(await output(hub, 'VersionOverGenerations', null, '1.0')).toBe('1.0');
  });
});
