/**
 * Apps that bring an OpenTelemetry SDK, in our own host and in the official worker: from the request to the spans of user code
 * all is one tree.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type FuncProcess, startFunc } from '../support/func-process.ts';
import { whyNoOfficialWorker } from '../support/functions-host/official-worker.ts';
import { V4_COMMONJS, WorkerApps } from '../support/functions-host/worker-app.ts';
import { ended, start } from '../support/instances.ts';
import { LONG } from '../support/patience.ts';
import { readSpans, spansTo, treeOf } from '../support/span-tree.ts';

const why = whyNoOfficialWorker();

/** The function that starts an orchestration has a span, as instrumentations of requests give it one. */
const CODE = `${V4_COMMONJS.replace('(city) => ', "(city) => console.log('says hello') ?? ")}
const { trace } = require('@opentelemetry/api');
app.http('Traced', {
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: (request, context) => trace.getTracer('user').startActiveSpan('request', async (span) => {
    const client = df.getClient(context);
    const id = await client.startNew('Hello');
    span.end();
    return client.createCheckStatusResponse(request, id);
  }),
});
`;

const SAID = ['SayHello', 'SayHello', 'SayHello'];
const SAY_HELLO = ['      activity:SayHello [client]', '        activity:SayHello [server]'];
const TREE = [
  'request [internal]',
  '  create_orchestration:Hello [producer]',
  '    orchestration:Hello [server]',
  ...SAY_HELLO,
  ...SAY_HELLO,
  ...SAY_HELLO,
];

let folder: string;
let apps: WorkerApps;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spans-'));
  apps = new WorkerApps();
});
afterEach(async () => {
  await apps.close();
  await rm(folder, { recursive: true });
});

const tracedApp = () =>
  apps.app(
    { 'package.json': { main: 'app.js' }, 'app.js': CODE },
    {
      '@azure/functions': '@azure/functions',
      '@opentelemetry/api': '@opentelemetry/api',
      'durable-functions': 'durable-functions',
      'durable-functions-extension': '..',
    },
  );

async function expectTree(url: string, spans: string): Promise<void> {
  await ended(await start(`${url}/api/Traced`));
  await eventually(() => {
    expect(treeOf(readSpans(spans))).toEqual(TREE);
    return true;
  });
}

describe('an app with an OpenTelemetry SDK', () => {
  let func: FuncProcess | undefined;
  afterEach(async () => {
    await func?.stop();
  });

  it('gets one tree of one start', LONG, async () => {
    const spans = path.join(folder, 'spans');
    const { folder: cwd } = await tracedApp();
    const args = ['--storage', 'memory', '--verbose', '--json-logs'];
    func = await startFunc({ cwd, args, env: spansTo(spans) });

    await expectTree(func.url, spans);
    const { stdout, stderr } = await func.stop();
    expect(stderr).toBe('');
    const lines = stdout.trimEnd().split('\n');
    const records = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    const [{ traceId } = { traceId: '' }] = readSpans(spans);
    const starting = records.filter(({ event }) => event === 'FunctionStarting');
    expect(starting.map(({ functionName }) => functionName)).toEqual(['Hello', ...SAID]);
    expect(new Set(starting.map((record) => record['traceId']))).toEqual(new Set([traceId]));
    const said = records.filter(({ category }) => category === 'Function.SayHello.User');
    expect(said.map(({ message }) => message)).toEqual(['says hello', 'says hello', 'says hello']);
    expect(new Set(said.map((record) => record['traceId']))).toEqual(new Set([traceId]));
  });
});

describe.skipIf(why !== undefined)(
  `an app with an OpenTelemetry SDK in the official worker${why ? `: ${why}` : ''}`,
  () => {
    it('gets one tree of one start', LONG, async () => {
      const spans = path.join(folder, 'spans');
      const app = await tracedApp();
      const { SPANS = '', NODE_OPTIONS = '' } = spansTo(spans);
      const host = await apps.start(app, {
        env: {
          SPANS,
          NODE_OPTIONS: `${NODE_OPTIONS} --require durable-functions-extension/preload`,
        },
      });

      await expectTree(host.url, spans);
    });
  },
);
