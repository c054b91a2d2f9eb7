/** One hub, two engines, one after the other: what one leaves, the other reads and finishes. */
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AzureHub } from '../support/azure-hub.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { REFERENCE, startDotnetExtension, whyNoDotnet } from '../support/dotnet-extension.ts';
import { eventually } from '../support/eventually.ts';
import { startFunc } from '../support/func-process.ts';
import { LONG } from '../support/patience.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

const obstacle = whyNoDotnet();
if (obstacle !== undefined) {
  process.stderr.write(`SKIPPED: sharing a hub with the .NET extension: ${obstacle}\n`);
}

interface Engine {
  readonly management: string;
  stop(): Promise<unknown>;
}

let app: ScratchApp;
let hub: string;
let running: Engine | undefined;

beforeEach(async () => {
  hub = freshHubName('Shared');
  app = await createScratchApp({
    copyOf: path.join(REFERENCE, 'node'),
    files: { 'package.json': { name: 'shared-app', main: 'app.js' } },
    packages: { 'durable-functions': 'durable-functions', '@azure/functions': '@azure/functions' },
  });
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
  await app.remove();
});

async function startOurs(): Promise<Engine> {
  const func = await startFunc({
    cwd: app.folder,
    env: {
      AzureWebJobsStorage: azuriteConnectionString(),
      AzureFunctionsJobHost__extensions__durableTask__hubName: hub,
    },
  });
  running = { management: `${func.url}/runtime/webhooks/durabletask`, stop: () => func.stop() };
  return running;
}

async function startTheirs(): Promise<Engine> {
  running = await startDotnetExtension({
    app,
    connectionString: azuriteConnectionString(),
    hub,
  });
  return running;
}

async function stop(engine: Engine): Promise<void> {
  running = undefined;
  await engine.stop();
}

async function start(engine: Engine, name: string, id: string, input?: unknown): Promise<void> {
  const response = await fetch(`${engine.management}/orchestrators/${name}/${id}?code=x`, {
    method: 'POST',
    ...(input === undefined ? {} : { body: JSON.stringify(input) }),
  });
  expect(response.status).toBe(202);
}

async function raise(engine: Engine, id: string, name: string, value: unknown): Promise<void> {
  const response = await fetch(`${engine.management}/instances/${id}/raiseEvent/${name}?code=x`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  });
  expect(response.status).toBe(202);
}

interface Status {
  readonly runtimeStatus: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly customStatus: unknown;
  readonly historyEvents?: readonly { readonly EventType: string }[];
}

async function until(
  engine: Engine,
  id: string,
  holds: (status: Status) => boolean,
): Promise<Status> {
  return await eventually(
    async () => {
      const url = `${engine.management}/instances/${id}?code=x&showHistory=true`;
      const status = (await (await fetch(url)).json()) as Status;
      return holds(status) ? status : undefined;
    },
    { timeoutMs: 90_000, intervalMs: 100 },
  );
}

const isOver = ({ runtimeStatus }: Status): boolean => runtimeStatus === 'Completed';
const isWaiting = ({ customStatus }: Status): boolean => customStatus === 'waiting';

/** Starts one instance that finishes and some that stop half-way; resolves when they are there. */
async function leaveWork(engine: Engine): Promise<void> {
  await start(engine, 'HelloSequence', 'hello');
  await start(engine, 'CatchOrch', 'caught');
  await start(engine, 'EventOrch', 'event');
  await start(engine, 'TimeoutOrch', 'timeout');
  await start(engine, 'TimerOrch', 'timer', 12);
  await until(engine, 'hello', isOver);
  await until(engine, 'caught', isOver);
  await until(engine, 'event', isWaiting);
  const hasTimer = ({ historyEvents }: Status): boolean =>
    historyEvents?.some(({ EventType }) => EventType === 'TimerCreated') ?? false;
  await until(engine, 'timeout', hasTimer);
  await until(engine, 'timer', hasTimer);
}

async function finishWork(engine: Engine): Promise<void> {
  expect((await until(engine, 'hello', isOver)).output).toEqual([
    'Hello Tokyo!',
    'Hello Seattle!',
    'Hello London!',
  ]);
  expect((await until(engine, 'caught', isOver)).output).toContain(
    "caught: Activity function 'Fail' failed:",
  );
  await raise(engine, 'event', 'approval', { ok: true });
  await raise(engine, 'timeout', 'approval', 1);
  expect((await until(engine, 'event', isOver)).output).toEqual({ got: { ok: true } });
  expect((await until(engine, 'timeout', isOver)).output).toBe('event');
  expect((await until(engine, 'timer', isOver)).output).toBe('fired');
  await start(engine, 'HelloSequence', 'hello');
  await until(engine, 'hello', isOver);
}

describe.skipIf(obstacle !== undefined)('a hub shared with the .NET extension', () => {
  it('is read and finished by the .NET extension after us', LONG, async () => {
    const ours = await startOurs();
    await leaveWork(ours);
    await stop(ours);

    await finishWork(await startTheirs());
  });

  it('is read and finished by us after the .NET extension', LONG, async () => {
    const theirs = await startTheirs();
    await leaveWork(theirs);
    await stop(theirs);

    await finishWork(await startOurs());
  });

  it('shows a reason as it was written that is the URL of a payload, there too', LONG, async () => {
    const ours = await startOurs();
    await start(ours, 'CatchOrch', 'owner', 'x'.repeat(50_000));
    await start(ours, 'EventOrch', 'victim');
    await until(ours, 'owner', isOver);
    await until(ours, 'victim', isWaiting);
    const { storage, names } = new AzureHub({ taskHub: hub }).storage();
    const container = storage.container(names.largeMessageContainer);
    const [payload] = await new AzureHub({ taskHub: hub }).payloadNames();
    const reason = `${container.url}/${payload ?? ''}`;
    const query = `code=x&reason=${encodeURIComponent(reason)}`;
    await fetch(`${ours.management}/instances/victim/terminate?${query}`, { method: 'POST' });
    const isEnded = ({ runtimeStatus }: Status): boolean => runtimeStatus === 'Terminated';

    expect((await until(ours, 'victim', isEnded)).output).toBe(reason);
    await stop(ours);
    const theirs = await startTheirs();
    expect((await until(theirs, 'victim', isEnded)).output).toBe(reason);
    expect((await until(theirs, 'owner', isOver)).input).toBe('x'.repeat(50_000));
  });
});
