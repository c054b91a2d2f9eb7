/** Whom the doors without keys obey: whoever is on this machine, but not the web pages that its browsers show. */
import { request } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { Doorbell } from '../../src/azure-storage/wake-ups/doorbell.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { FunctionApp } from '../../src/function-app/function-app.ts';
import { createDoors, type DoorsOptions } from '../../src/host/doors.ts';
import { createManagementApp } from '../../src/http/app.ts';
import { listen } from '../../src/http/node-server.ts';
import { InstanceLog } from '../../src/telemetry/instance-log.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { memoryHub, putInstance } from '../http/recorded-hub.ts';

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Setup {
  readonly env?: Readonly<Record<string, string>>;
  readonly cors?: string;
  readonly durableTask?: object;
  readonly address?: string;
}

async function openDoors({ env = {}, cors, durableTask = {}, address }: Setup = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), 'doors-'));
  cleanUps.push(() => rm(folder, { recursive: true }));
  const hostJson = { version: '2.0', extensions: { durableTask } };
  await writeFile(path.join(folder, 'host.json'), JSON.stringify(hostJson));
  const settings = { IsEncrypted: false, Values: {}, Host: { CORS: cors } };
  await writeFile(path.join(folder, 'local.settings.json'), JSON.stringify(settings));
  const { client, store } = memoryHub('TestHubName');
  const runs: string[] = [];
  const fn = { name: 'Job', trigger: { type: 'manualTrigger', name: 'in' }, kind: 'manual' };
  const invoke = (): Promise<unknown> => {
    runs.push('Job');
    return Promise.resolve({ kind: 'succeeded', outputs: new Map() });
  };
  const options: DoorsOptions = {
    outage: () => undefined,
    readMetrics: () => Promise.resolve([]),
    isHubLeftAlone: false,
    config: await loadConfig({
      scriptRoot: folder,
      env: { AzureWebJobsStorage: 'UseDevelopmentStorage=true', ...env },
      cpuCount: 1,
    }),
    version: '1',
    managementApp: ({ instanceLog, ...door }) =>
      createManagementApp({
        ...door,
        instanceLog: () => instanceLog,
        client: () => client,
        log: silentLogger,
      }),
    doorbell: new Doorbell(),
    scale: { report: () => Promise.reject(new Error('Nobody asks.')) },
    app: { functions: [fn], capabilities: {}, invoke } as unknown as FunctionApp,
    http: { problems: [], endpoints: [], handle: () => Promise.resolve(new Response('app')) },
    blobs: { requestFor: () => Promise.reject(new Error('no blob trigger')) },
    functions: [],
    problems: [],
    url: 'http://localhost:7071',
    address,
    keys: undefined,
    log: silentLogger,
    instanceLog: new InstanceLog({ next: silentLogger }),
  };
  const doors = createDoors(options);
  const [publicPort, rpcPort] = await Promise.all(
    [doors.public, doors.rpc].map(async (door) => {
      const server = await listen(door, { port: 0 });
      cleanUps.push(() => server.close());
      return server.port;
    }),
  );
  putInstance(store, 'x', 'Running');
  return { publicPort: publicPort ?? 0, rpcPort: rpcPort ?? 0, store, runs };
}

type Headers = Readonly<Record<string, string>>;

/** As it is sent: `fetch` does not let a client choose its Host. */
function ask(port: number, method: string, target: string, headers: Headers = {}) {
  return new Promise<number>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path: target, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(method === 'GET' ? undefined : '{}');
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };
const STATUS = '/runtime/webhooks/durabletask/instances/x';
const TERMINATE = `${STATUS}/terminate`;
const RPC_TERMINATE = '/durabletask/instances/x/terminate';
const JOB = '/admin/functions/Job';

describe.each([
  ['the public port', 'publicPort', TERMINATE],
  ['the port of the SDKs', 'rpcPort', RPC_TERMINATE],
] as const)('%s', (_what, port, target) => {
  it.each<[string, Headers]>([
    ['a page of another site', { origin: 'https://evil.example' }],
    ['a page of another port', { origin: 'http://localhost:3000' }],
    ['a page without an origin', { origin: 'null' }],
    ['a page that says it is nobody', { 'sec-fetch-site': 'cross-site' }],
    ['a link on a page', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate' }],
    ['a page whose name leads here', { host: 'evil.example:7071' }],
    ['the same, with an origin', { host: 'evil.example', origin: 'http://evil.example' }],
    ['a name that only begins like ours', { host: 'localhost.evil.example' }],
    ['a name that only ends like ours', { host: 'notlocalhost' }],
  ])('does not obey %s', async (_who, headers) => {
    const doors = await openDoors();

    expect(await ask(doors[port], 'POST', target, { ...JSON_TYPE, ...headers })).toBe(403);
    expect(await ask(doors[port], 'GET', target.replace('/terminate', ''), headers)).toBe(
      headers['sec-fetch-mode'] === 'navigate' ? 202 : 403,
    );
  });

  it.each<[string, Headers]>([
    ['a client of this machine', {}],
    ['localhost', { host: 'localhost:7071' }],
    ['a name below localhost', { host: 'app.localhost' }],
    ['an address of IPv6', { host: '[::1]:7071' }],
    ['a container', { host: 'host.docker.internal:7071' }],
    ['a port that is forwarded from another machine', { host: '192.168.1.7:8080' }],
    ['its own page', { host: 'localhost:7071', origin: 'http://localhost:7071' }],
    ['the address bar', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
    ['fetch of Node', { 'sec-fetch-mode': 'cors' }],
  ])('obeys %s', async (_who, headers) => {
    const doors = await openDoors();

    expect(await ask(doors[port], 'POST', target, { ...JSON_TYPE, ...headers })).toBe(202);
  });

  it('lets nobody else in, whatever he calls himself', async () => {
    const doors = await openDoors();
    const name = fc.stringMatching(/^[a-z0-9.-]{1,20}\.(?:com|local|home|localhost2)$/);
    await fc.assert(
      fc.asyncProperty(name, fc.boolean(), async (host, isPage) => {
        const headers: Headers = isPage ? { origin: `http://${host}` } : { host };
        expect(await ask(doors[port], 'POST', target, headers)).toBe(403);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the public port', () => {
  it('runs no function for a page', async () => {
    const { publicPort, runs } = await openDoors();

    for (const headers of [
      { ...JSON_TYPE, origin: 'https://evil.example' },
      { ...JSON_TYPE, host: 'evil.example' },
      { 'content-type': 'text/plain' },
    ]) {
      expect(await ask(publicPort, 'POST', JOB, headers)).toBeGreaterThanOrEqual(403);
    }
    expect(runs).toEqual([]);
    expect(await ask(publicPort, 'POST', JOB, JSON_TYPE)).toBe(202);
    expect(await ask(publicPort, 'GET', '/admin/host/ping', { host: 'probe.example' })).toBe(200);
  });

  it('leaves the functions of the app to the app', async () => {
    const { publicPort } = await openDoors();

    const headers = { host: 'tunnel.example', origin: 'https://evil.example' };
    expect(await ask(publicPort, 'POST', '/api/hello', headers)).toBe(200);
  });

  it.each<[string, Setup, Headers]>([
    ['origins of CORS', { cors: 'https://page.example/' }, { origin: 'https://page.example' }],
    ['all origins of CORS', { cors: '*' }, { origin: 'null' }],
    [
      'the name of the site, behind a proxy',
      { env: { WEBSITE_HOSTNAME: 'app.example' } },
      { host: 'app.example', origin: 'https://app.example' },
    ],
    [
      'the same where the proxy gives its own name',
      { env: { WEBSITE_HOSTNAME: 'app.example' } },
      { host: 'localhost:7071', origin: 'https://app.example' },
    ],
    ['the name it listens on', { address: 'app.internal' }, { host: 'app.internal:7071' }],
  ])('obeys %s', async (_what, setup, headers) => {
    const { publicPort } = await openDoors(setup);

    expect(await ask(publicPort, 'POST', TERMINATE, headers)).toBe(202);
  });

  it('obeys the gateway that notificationUrl names', async () => {
    const notificationUrl = 'https://gateway.example/app/runtime/webhooks/durabletask';
    const { publicPort } = await openDoors({ durableTask: { notificationUrl } });

    const headers = { host: 'gateway.example' };
    expect(await ask(publicPort, 'POST', TERMINATE, headers)).toBe(202);
  });

  it('says to a client what is too long, before anything is done', async () => {
    const { publicPort } = await openDoors();

    const long = `instances?instanceIdPrefix=${'x'.repeat(9000)}`;
    expect(await ask(publicPort, 'GET', `/runtime/webhooks/durabletask/${long}`)).toBe(414);
    expect(await ask(publicPort, 'GET', `/admin/functions?${long}`)).toBe(414);
  });
});
