/** Payloads through both doors of a running host: the management API over HTTP, and the client of the official SDK. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { startFunc, type FuncProcess } from '../support/func-process.ts';
import { ended, statusWhen } from '../support/instances.ts';
import { LONG } from '../support/patience.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

const APP = `
const { app } = require('@azure/functions');
const df = require('durable-functions');
df.app.orchestration('Echo', function* (context) { return context.df.getInput(); });
df.app.orchestration('Through', function* (context) {
  return yield context.df.callActivity('Echoes', context.df.getInput());
});
df.app.orchestration('Waits', function* (context) { return yield context.df.waitForExternalEvent('Data'); });
df.app.activity('Echoes', { handler: (input) => input });
const TERMINAL = ['Completed', 'Failed', 'Terminated'];
app.http('client', {
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const { orchestrator, input, event, reason } = await request.json();
    const id = await client.startNew(orchestrator, { input });
    if (event !== undefined) await client.raiseEvent(id, 'Data', event);
    if (reason !== undefined) await client.terminate(id, reason);
    for (;;) {
      const status = await client.getStatus(id, { showInput: true });
      if (TERMINAL.includes(status.runtimeStatus)) return { jsonBody: status };
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  },
});
`;

let app: ScratchApp;
let func: FuncProcess;

beforeAll(async () => {
  app = await createScratchApp({
    files: { 'package.json': { main: 'app.js' }, 'app.js': APP },
    packages: { 'durable-functions': 'durable-functions', '@azure/functions': '@azure/functions' },
  });
  const env = {
    AzureWebJobsStorage: azuriteConnectionString(),
    AzureFunctionsJobHost__extensions__durableTask__hubName: freshHubName('Payloads'),
  };
  func = await startFunc({ cwd: app.folder, env });
});

afterAll(async () => {
  await func.stop();
  await app.remove();
});

function managementUrl(path: string): string {
  return `${func.url}/runtime/webhooks/durabletask/${path}`;
}

/** Starts an instance with a body that is sent as it is. */
async function startWith(name: string, body: string | undefined) {
  const init = { method: 'POST', ...(body === undefined ? {} : { body }) };
  const response = await fetch(managementUrl(`orchestrators/${name}`), init);
  expect(response.status).toBe(202);
  return (await response.json()) as { id: string; statusQueryGetUri: string };
}

async function viaSdk(call: Readonly<Record<string, unknown>>) {
  const response = await fetch(`${func.url}/api/client`, {
    method: 'POST',
    body: JSON.stringify(call),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return JSON.parse(text) as { runtimeStatus: string; input: unknown; output: unknown };
}

const VALUES: Readonly<Record<string, unknown>> = {
  'a text that looks like JSON': '{"a":[1,2]}',
  'a date': { at: '2024-01-01T00:00:00.1234567+02:00' },
  'a $type member': { $type: 'System.IO.FileInfo, System.Private.CoreLib', x: 1 },
  'emoji, combining marks and what XML forbids': '👩‍👩‍👧‍👦 e\u0301 \u0000\u0085\u2028\ufffe\uffff',
  'lone surrogates': ['\ud800', 'x\udfff'],
  zero: 0,
  false: false,
  'an empty text': '',
  'an empty array': [],
  'a kilobyte of anything': '{}<>/.\\"\'&%$#@!'.repeat(64),
  '25 000 Thai characters': 'ก'.repeat(25_000),
  '32 KB': 'x'.repeat(32 * 1024),
  '128 KB': { text: 'y'.repeat(128 * 1024) },
  '4.5 MB': 'z'.repeat(4_500_000),
};

describe.each(Object.keys(VALUES))('%s', (name) => {
  const value = VALUES[name];

  it('passes through the management API', async () => {
    const status = await ended(await startWith('Through', JSON.stringify(value)));
    expect(status.runtimeStatus).toBe('Completed');
    expect([status.input, status.output]).toEqual([value, value]);
  });

  it('passes through the client of the SDK, as input and as event', async () => {
    const [echoed, waited] = await Promise.all([
      viaSdk({ orchestrator: 'Through', input: value }),
      viaSdk({ orchestrator: 'Waits', event: value }),
    ]);
    expect([echoed.input, echoed.output, waited.output]).toEqual([value, value, value]);
  });
});

describe('the management API', () => {
  it('keeps the text of an input: spelling of numbers, order of members', async () => {
    const text =
      '{"2":12345678901234567890,"1":1.00,"e":1E5,"$type":"X","d":"2024-01-01T00:00:00Z"}';
    const urls = await startWith('Waits', text);
    await statusWhen(urls, ({ runtimeStatus }) => runtimeStatus === 'Running');
    const body = await (await fetch(urls.statusQueryGetUri)).text();
    expect(body).toContain(`"input":${text}`);
  });

  it.each([undefined, '', '  '])('takes a body of %j for no input', async (body) => {
    const { input, output } = await ended(await startWith('Echo', body));
    expect([input, output]).toEqual([null, null]);
  });

  it('carries 10 MB in and out', LONG, async () => {
    const text = 'ä"'.repeat(3_500_000);
    const { output } = await ended(await startWith('Echo', JSON.stringify(text)), 50_000);
    expect(output === text).toBe(true);
  });

  it('shows large payloads in lists, and forgets them with a purge', async () => {
    const { id } = await ended(await startWith('Echo', JSON.stringify('l'.repeat(100_000)))).then(
      ({ instanceId }) => ({ id: instanceId }),
    );
    const list = await fetch(managementUrl(`instances?instanceIdPrefix=${id}`));
    const [found] = (await list.json()) as { output: string }[];
    const purge = await fetch(managementUrl(`instances/${id}`), { method: 'DELETE' });
    expect([found?.output.length, purge.status, await purge.json()]).toEqual([
      100_000,
      200,
      { instancesDeleted: 1 },
    ]);
  });

  it('keeps a reason that is text, and one that looks like a payload reference', async () => {
    for (const reason of ['Überfällig 👋', 'https://example.com/x/ExecutionStarted.json.gz']) {
      const { runtimeStatus, output } = await viaSdk({ orchestrator: 'Waits', reason });
      expect([runtimeStatus, output]).toEqual(['Terminated', reason]);
    }
  });
});
