/** Nonsense at every HTTP door: no answer without a reason, no harm to another hub, and the door stays open. */
import fc from 'fast-check';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdminApp } from '../../src/http/admin/admin-app.ts';
import { DurableError } from '../../src/core/errors.ts';
import { createManagementApp } from '../../src/http/app.ts';
import { createHostApp } from '../../src/http/host-app.ts';
import { OPERATIONS } from '../../src/http/management/index.ts';
import { listen, type HttpServer } from '../../src/http/node-server.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import type { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import type { FetchHandler } from '../../src/http/responses.ts';
import type { MemoryStore } from '../../src/memory/memory-store.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { LONG } from '../support/patience.ts';
import { memoryHub, putInstance } from './recorded-hub.ts';

const BASE = '/runtime/webhooks/durabletask';

const ALL = { pageSize: 10, includeInput: false, includeOutput: false } as const;

const odd = fc.oneof(
  fc.constantFrom(
    'x',
    'done',
    'runs',
    'nobody',
    '@counter@k',
    '..',
    '.',
    '%',
    '%00',
    '%zz',
    '%2e%2e',
    '%2F',
    '%5C',
    '%ED%A0%80',
    '__proto__',
    'constructor',
    ' ',
    '*',
    "'",
    '"',
    '$',
    '\u0000',
    '\ud800',
    'é'.repeat(700),
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
);
const key = fc.oneof(
  fc.constantFrom(
    'taskHub',
    'connection',
    'code',
    'showHistory',
    'showHistoryOutput',
    'showInput',
    'returnInternalServerErrorOnFailure',
    'createdTimeFrom',
    'createdTimeTo',
    'runtimeStatus',
    'instanceIdPrefix',
    'top',
    'reason',
    'op',
    'fetchState',
    'lastOperationTimeFrom',
    'recursive',
    'restartWithNewInstanceId',
    '__proto__',
  ),
  odd,
);
const value = fc.oneof(
  fc.constantFrom(
    'true',
    'false',
    '-1',
    '0',
    '1e309',
    'NaN',
    '2026-01-01',
    '9999-99-99T99:99:99Z',
    'Running,Nope',
    'Other',
  ),
  odd,
);
const body = fc.oneof(
  fc.constant(undefined),
  fc.json(),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    '{',
    'null',
    '""',
    '[]',
    `${'['.repeat(5000)}${']'.repeat(5000)}`,
    '{"__proto__":{"a":1}}',
    '1e999',
  ),
);
const headers = fc.dictionary(
  fc.constantFrom(
    'content-type',
    'x-ms-continuation-token',
    'accept',
    'x-functions-key',
    'prefer',
    'x-forwarded-host',
    'x-forwarded-proto',
  ),
  fc.oneof(
    fc.constantFrom('application/json', 'text/plain; charset=utf-16', '{"a":', 'bnVsbA==', '-1'),
    fc.string({ maxLength: 40 }).map((text) => text.replace(/[^\x21-\x7e]/g, '')),
  ),
);
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'PROPFIND'];
const rest = { query: fc.array(fc.tuple(key, value), { maxLength: 4 }), headers, body };
const path = (root: string, parts: fc.Arbitrary<readonly string[]>) =>
  parts.map((segments) => [root, ...segments].join('/'));
/** A route that there is, with odd values in it; most of what is sent would be served. */
const served = fc.constantFrom(...OPERATIONS).chain((operation) => {
  const parts = operation.path.split('/').slice(1);
  const filled = parts.map((part) => (part.startsWith(':') ? odd : fc.constant(part)));
  const method = fc.constantFrom(...operation.methods);
  return fc.record({ method, path: path(BASE, fc.tuple(...filled)), ...rest });
});
const anything = fc.record({
  method: fc.constantFrom(...METHODS),
  path: fc.oneof(
    path(BASE, fc.array(odd, { maxLength: 6 })),
    path('/admin', fc.array(odd, { maxLength: 4 })),
    path('', fc.array(odd, { maxLength: 3 })),
  ),
  ...rest,
});
const request = fc.oneof({ weight: 4, arbitrary: served }, anything);

interface Doors {
  readonly app: FetchHandler;
  readonly records: LogRecord[];
}

/** As a host that serves one hub: others may exist, and are not for it. */
function doorsOf(client: TaskHubClient): Doors {
  const records: LogRecord[] = [];
  const log = { write: (record: LogRecord) => records.push(record) };
  const management = createManagementApp({
    basePath: BASE,
    client: ({ taskHub = client.taskHub, connection = 'Storage' }) =>
      taskHub === client.taskHub && connection === 'Storage' ? client : undefined,
    urls: { webhookPath: BASE, taskHub: client.taskHub, code: 'KEY' },
    log,
  });
  const status = {
    id: 'h',
    state: 'Running',
    version: '4',
    versionDetails: '4',
    instanceId: 'i',
    health: { status: 'ok' },
    computerName: 'c',
    processUptimeMs: 1,
    errors: [],
  } as const;
  const admin = createAdminApp({
    host: { status: () => status },
    functions: { list: () => [], run: () => false },
    log,
  });
  const app = createHostApp({
    webhooks: [{ basePath: BASE, app: management }],
    admin,
    fallback: () => Promise.resolve(undefined),
    log,
  });
  return { app, records };
}

function memoryDoors(): Doors & { readonly store: MemoryStore } {
  const { client, store } = memoryHub('Own');
  putInstance(store, 'done', 'Completed');
  putInstance(store, 'runs', 'Running');
  return { ...doorsOf(client), store };
}

type Nonsense = typeof request extends fc.Arbitrary<infer Value> ? Value : never;

function toRequest({
  method,
  path,
  query,
  headers: fields,
  body: text,
}: Nonsense): Request | undefined {
  const search = query.map(([name, text]) => `${escape(name)}=${escape(text)}`).join('&');
  try {
    return new Request(`http://localhost:7071${path}?${search}`, {
      method,
      headers: fields,
      ...(text !== undefined && !['GET', 'HEAD'].includes(method) && { body: text }),
    });
  } catch {
    // Not even a request: no server would hand it over.
    return undefined;
  }
}

/** As careless clients do: what `encodeURIComponent` refuses goes as it is. */
function escape(text: string): string {
  return /^\P{Surrogate}*$/u.test(text) ? encodeURIComponent(text) : text;
}

/** Events come as long as anybody listens. */
function isEndless(answer: Response): boolean {
  return answer.headers.get('content-type') === 'text/event-stream';
}

async function hangUp(answer: Response): Promise<string> {
  await answer.body?.cancel();
  return '';
}

async function expectReason({ app, records }: Doors, nonsense: Nonsense): Promise<void> {
  const asked = toRequest(nonsense);
  fc.pre(asked !== undefined);
  const answer = await app.fetch(asked);
  const said = isEndless(answer) ? await hangUp(answer) : await answer.text();
  // The original answers 500 to some that are the caller's fault; it says why. No app runs here: a replay is 501.
  if (answer.status >= 500 && answer.status !== 501)
    expect(said).toMatch(/"ExceptionMessage":"(Cannot|The|This) /);
  expect(
    records.filter(({ error }) => error !== undefined && !(error instanceof DurableError)),
  ).toEqual([]);
}

describe('the public door', () => {
  it('answers nonsense, and logs no fault of its own', LONG, async () => {
    await fc.assert(
      fc.asyncProperty(request, (nonsense) => expectReason(memoryDoors(), nonsense)),
      { numRuns: 1500, endOnFailure: true },
    );
  });

  it('answers nonsense over Azure Storage, and leaves other hubs alone', LONG, async () => {
    const hub = new AzureHub();
    const other = new AzureHub();
    await Promise.all([hub.backend.createHub(), other.backend.createHub()]);
    const id = await other.client.start({ name: 'A', input: '1', instanceId: 'done' });
    const before = await other.client.findStatus(id, { input: true });
    const doors = doorsOf(hub.client);

    await fc.assert(
      fc.asyncProperty(request, (nonsense) => expectReason(doors, nonsense)),
      { numRuns: 300, endOnFailure: true },
    );

    expect(await other.client.findStatus(id, { input: true })).toEqual(before);
    expect((await other.client.list(ALL)).instances).toHaveLength(1);
  });
});

describe('the port', () => {
  let server: HttpServer;
  beforeAll(async () => {
    server = await listen(memoryDoors().app, { port: 0 });
  });
  afterAll(() => server.close());

  it('goes on answering after bytes that are no HTTP', LONG, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          request.map(({ method, path, body: text }) =>
            Buffer.from(
              `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n${text ?? ''}`,
            ),
          ),
        ),
        async (bytes) => {
          await sendAndHangUp(server.port, bytes);
        },
      ),
      { numRuns: 150, endOnFailure: true },
    );

    const answer = await fetch(`http://127.0.0.1:${server.port}${BASE}/instances`);
    expect(answer.status).toBe(200);
  });
});

function sendAndHangUp(port: number, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.end(bytes);
    });
    socket.on('data', () => undefined);
    // A reset is an answer too.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve();
    });
    socket.setTimeout(500, () => socket.destroy());
  });
}
