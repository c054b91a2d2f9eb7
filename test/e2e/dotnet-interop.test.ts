/**
 * One hub, two engines, one after the other: we, the .NET extension, and we again. What one leaves half-way, the other reads and
 * goes on with; part of it comes back and is finished by the first.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AzureHub } from '../support/azure-hub.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { REFERENCE, startDotnetExtension, whyNoDotnet } from '../support/dotnet-extension.ts';
import { eventually } from '../support/eventually.ts';
import { startFunc } from '../support/func-process.ts';
import { LONG_MS } from '../support/patience.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';
import { readSpans, spansTo, treeOf } from '../support/span-tree.ts';

const obstacle = whyNoDotnet();
if (obstacle !== undefined) {
  process.stderr.write(`SKIPPED: sharing a hub with the .NET extension: ${obstacle}\n`);
}

interface Engine {
  readonly management: string;
  stop(): Promise<unknown>;
}

interface Status {
  readonly name: string;
  readonly instanceId: string;
  readonly parentInstanceId?: string;
  readonly runtimeStatus: string;
  readonly output: unknown;
  readonly customStatus: unknown;
  readonly historyEvents?: readonly { readonly EventType: string }[];
}

const TEXT = 'text '.repeat(40_000);
const CALLER = '00f067aa0ba902b7';
const TRACES: Readonly<Record<string, string>> = {
  ours: '4bf92f3577b34da6a3ce929d0e0e4701',
  theirs: '4bf92f3577b34da6a3ce929d0e0e4702',
};

let app: ScratchApp;
let hub: string;
/** Beside the app: a file within it would restart it. */
let files: string;
let engine: Engine;

async function startOurs(): Promise<void> {
  const func = await startFunc({
    cwd: app.folder,
    env: {
      AzureWebJobsStorage: azuriteConnectionString(),
      AzureFunctionsJobHost__extensions__durableTask__hubName: hub,
      AzureFunctionsJobHost__extensions__durableTask__maxConcurrentActivityFunctions: '3',
      ...spansTo(spansFile()),
    },
  });
  engine = { management: `${func.url}/runtime/webhooks/durabletask`, stop: () => func.stop() };
}

async function startTheirs(): Promise<void> {
  const connectionString = azuriteConnectionString();
  const env = {
    TRACE: '1',
    SPANS: spansFile(),
    AzureWebJobs__extensions__durableTask__maxConcurrentActivityFunctions: '3',
  };
  engine = await startDotnetExtension({ app, connectionString, hub, main: 'main.js', env });
}

/** Both engines write there. */
const spansFile = (): string => path.join(files, 'spans');

async function post(url: string, body?: unknown, headers = {}): Promise<void> {
  const response = await fetch(
    `${engine.management}/${url}${url.includes('?') ? '&' : '?'}code=x`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
  );
  expect([url, response.status]).toEqual([url, 202]);
}

const start = (name: string, id: string, input?: unknown): Promise<void> =>
  post(`orchestrators/${name}/${id}`, input);
/** Within a trace that only this instance is part of. */
const startTraced = (name: string, id: string, traceId: string): Promise<void> =>
  post(`orchestrators/${name}/${id}`, undefined, {
    traceparent: `00-${traceId}-${CALLER}-01`,
    tracestate: 'vendor=a1',
  });
const raise = (id: string, name: string, value: unknown = null): Promise<void> =>
  post(`instances/${id}/raiseEvent/${name}`, value);

async function until(id: string, holds: (status: Status) => boolean): Promise<Status> {
  let last: unknown;
  try {
    return await eventually(
      async () => {
        const url = `${engine.management}/instances/${id}?code=x&showHistory=true`;
        const status = (await (await fetch(url)).json()) as Status;
        last = status;
        return holds(status) ? status : undefined;
      },
      { timeoutMs: 60_000, intervalMs: 100 },
    );
  } catch (error) {
    throw new Error(`Instance '${id}' stands at ${JSON.stringify(last)}`, { cause: error });
  }
}

const hasStatus = (id: string, ...expected: readonly string[]): Promise<Status> =>
  until(id, ({ runtimeStatus }) => expected.includes(runtimeStatus));
const waitsFor = (id: string, customStatus: unknown): Promise<Status> =>
  until(id, (status) => status.customStatus === customStatus && status.runtimeStatus === 'Running');
const outputOf = async (id: string): Promise<unknown> => (await hasStatus(id, 'Completed')).output;
const has = (id: string, eventType: string): Promise<Status> =>
  until(id, ({ historyEvents = [] }) =>
    historyEvents.some(({ EventType }) => EventType === eventType),
  );
const hasQueued = (key: string, queueSize: number): Promise<Status> =>
  until(
    `@counter@${key}`,
    ({ customStatus }) => (customStatus as { queueSize?: number } | null)?.queueSize === queueSize,
  );

/** Ours is one that the .NET extension would take for a reference to a large payload, if it stood in the row as it is. */
function reasonOf(by: string): string {
  if (by !== 'ours') return 'enough';
  const { names, storage } = new AzureHub({ taskHub: hub }).storage();
  return `${storage.container(names.largeMessageContainer).url}/ours-long/nothing.json.gz`;
}

const CALL = ['add', 'add', 'add', 'get', 'get'].flatMap((operation) => [
  `    entity:counter:${operation} [client]`,
  `      entity:counter:${operation} [server]`,
]);
const CALLS = [
  'create_orchestration:Calls [producer]',
  '  orchestration:Calls [server]',
  '    entity:counter:add [producer]',
  '      entity:counter:add [consumer]',
  ...CALL,
].sort();

/** The tree that both engines have made of one start, its lines in alphabetical order. */
function traceOf(by: string): readonly string[] {
  const spans = readSpans(spansFile()).filter(
    // What surrounds the extension is not part of it.
    ({ traceId, source }) => traceId === TRACES[by] && source !== 'Microsoft.AspNetCore',
  );
  return treeOf(spans, CALLER).sort();
}

/** Instances of every kind, stopped half-way. @param by who begins them: the beginning of their ids. */
async function leaveWork(by: string): Promise<void> {
  await start('HalfChain', `${by}-chain`);
  await start('HelloSequence', `${by}-hello`);
  await start('CatchOrch', `${by}-caught`);
  await start('EventOrch', `${by}-terminated`);
  await start('TimeoutOrch', `${by}-timeout`);
  await start('EventOrch', `${by}-event`);
  await startTraced('Calls', `${by}-calls`, TRACES[by] ?? '');
  await start('Calls', `${by}-suspended`);
  await start('Calls', `${by}-resumed`);
  await start('Parent', `${by}-parent`);
  await start('Generations', `${by}-generations`, 3);
  await start('Long', `${by}-long`, TEXT);
  await start('Mended', `${by}-mended`, path.join(files, by));
  for (const until of ['first', 'second']) {
    const keys = [1, 2].map((n) => `${by}-${until}-${n}`);
    await start('Locks', `${by}-locks-${until}`, { keys, until });
    await waitsFor(`${by}-locks-${until}`, 'first');
    await start('LocksToo', `${by}-locks-too-${until}`, keys);
    await hasQueued(`${by}-${until}-1`, 1);
    await start('CallsLocked', `${by}-calls-locked-${until}`, `${by}-${until}-2`);
    await hasQueued(`${by}-${until}-2`, 1);
  }
  await waitsFor(`${by}-terminated`, 'waiting');
  await post(`instances/${by}-terminated/terminate?reason=${encodeURIComponent(reasonOf(by))}`);
  for (const id of [`${by}-suspended`, `${by}-resumed`]) {
    await waitsFor(id, 'first');
    await post(`instances/${id}/suspend?reason=later`);
    await hasStatus(id, 'Suspended');
    await raise(id, 'first');
    await has(id, 'EventRaised');
  }
  await post(`instances/${by}-resumed/resume?reason=now`);
  await waitsFor(`${by}-resumed`, 'second');
  await waitsFor(`${by}-generations`, 3);
  await raise(`${by}-generations`, 'next');
  await waitsFor(`${by}-generations`, 2);
  for (const id of ['calls', 'long']) await waitsFor(`${by}-${id}`, 'first');
  await waitsFor(`child-of-${by}-parent`, 'first');
  await waitsFor(`${by}-event`, 'waiting');
  await has(`${by}-timeout`, 'TimerCreated');
  await hasStatus(`${by}-mended`, 'Failed');
  await hasStatus(`${by}-terminated`, 'Terminated');
  await outputOf(`${by}-hello`);
  await outputOf(`${by}-caught`);
  await start('TimerOrch', `${by}-timer`, 10);
  await has(`${by}-timer`, 'TimerCreated');
  await start('Backlog', `${by}-backlog`);
  await waitsFor(`${by}-backlog`, 'asked');
}

/** What the engine that comes next finds, and how far it goes. */
function goesOnAfter(by: string): void {
  it('reads what is over', async () => {
    const hello = await hasStatus(`${by}-hello`, 'Completed');
    expect(hello.output).toEqual(['Hello Tokyo!', 'Hello Seattle!', 'Hello London!']);
    expect(hello).not.toHaveProperty('parentInstanceId');
    expect((await hasStatus(`${by}-caught`, 'Completed')).output).toContain(
      "caught: Activity function 'Fail' failed: boom x",
    );
    expect((await hasStatus(`${by}-terminated`, 'Terminated')).output).toBe(reasonOf(by));
  });

  it('goes on after events', async () => {
    await raise(`${by}-event`, 'approval', { ok: true });
    await raise(`${by}-timeout`, 'approval', 1);

    expect(await outputOf(`${by}-event`)).toEqual({ got: { ok: true } });
    expect(await outputOf(`${by}-timeout`)).toBe('event');
  });

  it('runs the activities that were asked for and not begun', async () => {
    expect(await outputOf(`${by}-backlog`)).toEqual(Array.from({ length: 12 }, (_, n) => n));
  });

  it('starts a finished one again', async () => {
    await start('HelloSequence', `${by}-hello`);
    expect(await outputOf(`${by}-hello`)).toHaveLength(3);
  });

  it('goes on with an orchestration that has called an entity', async () => {
    await raise(`${by}-calls`, 'first');
    await waitsFor(`${by}-calls`, 'second');
  });

  it('goes on with one that was suspended, and with one that was resumed', async () => {
    await post(`instances/${by}-suspended/resume?reason=now`);
    await waitsFor(`${by}-suspended`, 'second');
    await raise(`${by}-resumed`, 'second');

    expect(await outputOf(`${by}-resumed`)).toEqual([11, 1111]);
  });

  it('goes on with a sub-orchestration, and knows its parent', async () => {
    const child = await waitsFor(`child-of-${by}-parent`, 'first');
    expect(child.parentInstanceId).toBe(`${by}-parent`);
    await raise(child.instanceId, 'first');
    await waitsFor(child.instanceId, 'second');
  });

  it('goes on with the next generation', async () => {
    await raise(`${by}-generations`, 'next');
    await waitsFor(`${by}-generations`, 1);
  });

  it('goes on with long payloads', async () => {
    await raise(`${by}-long`, 'first', TEXT);
    await waitsFor(`${by}-long`, 'second');
  });

  it('rewinds what failed', async () => {
    await writeFile(path.join(files, by), '');
    await post(`instances/${by}-mended/rewind?reason=again`);
    expect(await outputOf(`${by}-mended`)).toBe('mended');
  });

  it('goes on with the owner of a lock, and then with those that waited for it', async () => {
    await raise(`${by}-locks-second`, 'first');
    await waitsFor(`${by}-locks-second`, 'second');
    await raise(`${by}-locks-first`, 'first');

    expect(await outputOf(`${by}-locks-first`)).toEqual([1, 1]);
    expect(await outputOf(`${by}-calls-locked-first`)).toBe('answered');
    expect([11, 111]).toContain(await outputOf(`${by}-locks-too-first`));
  });

  it('goes on after timers and activities', async () => {
    expect(await outputOf(`${by}-timer`)).toBe('fired');
    expect(await outputOf(`${by}-chain`)).toHaveLength(6);
  });
}

describe.skipIf(obstacle !== undefined)('a hub shared with the .NET extension', () => {
  beforeAll(async () => {
    hub = freshHubName('Shared');
    files = await mkdtemp(path.join(tmpdir(), 'shared-hub-'));
    app = await createScratchApp({
      copyOf: path.join(REFERENCE, 'node'),
      files: {
        'package.json': { name: 'shared-app', main: 'main.js' },
        'main.js': await readFile(
          path.join(import.meta.dirname, '../apps/shared-hub/main.js'),
          'utf8',
        ),
      },
      packages: {
        'durable-functions': 'durable-functions',
        '@azure/functions': '@azure/functions',
      },
    });
    await startOurs();
  }, LONG_MS);

  afterAll(async () => {
    await engine.stop();
    await app.remove();
    await rm(files, { recursive: true });
  }, LONG_MS);

  describe('the .NET extension after us', () => {
    beforeAll(async () => {
      await leaveWork('ours');
      await engine.stop();
      await startTheirs();
    }, LONG_MS);

    goesOnAfter('ours');
  });

  describe('we after the .NET extension', () => {
    beforeAll(async () => {
      await leaveWork('theirs');
      await engine.stop();
      await startOurs();
    }, LONG_MS);

    goesOnAfter('theirs');

    it.each(['ours', 'theirs'])('finish what began with %s', async (by) => {
      for (const id of ['calls', 'suspended']) await raise(`${by}-${id}`, 'second');
      await raise(`child-of-${by}-parent`, 'second');
      await raise(`${by}-generations`, 'next');
      await raise(`${by}-long`, 'second');
      await raise(`${by}-locks-second`, 'second');

      expect(await outputOf(`${by}-calls`)).toEqual([11, 1111]);
      await eventually(() => {
        expect(traceOf(by)).toEqual(CALLS);
        return true;
      });
      expect(await outputOf(`${by}-suspended`)).toEqual([11, 1111]);
      expect(await outputOf(`${by}-parent`)).toEqual([11, 1111]);
      expect(await outputOf(`${by}-generations`)).toBe(4);
      expect(await outputOf(`${by}-long`)).toEqual([TEXT.length, TEXT.length, TEXT]);
      expect(await outputOf(`${by}-locks-second`)).toEqual([1, 1]);
      expect(await outputOf(`${by}-calls-locked-second`)).toBe('answered');
      expect([11, 111]).toContain(await outputOf(`${by}-locks-too-second`));
    });
  });
});
