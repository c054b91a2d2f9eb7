/** Who gets through the doors of the public port, over real HTTP: with which key, by which link, behind which proxy. */
import { onTestFinished, describe, expect, it } from 'vitest';
import { createAdminApp, isPing } from '../../src/http/admin/admin-app.ts';
import { requireMasterKey } from '../../src/http/auth.ts';
import { withForwardedHost } from '../../src/http/forwarded-host.ts';
import { createHostApp } from '../../src/http/host-app.ts';
import { SignedLinks } from '../../src/http/keys/signed-links.ts';
import {
  createManagementAccess,
  WEBHOOK_KEY,
} from '../../src/http/management/management-access.ts';
import { listen } from '../../src/http/node-server.ts';
import { withPublicAddress } from '../../src/http/public-address.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { managementApp, memoryHub, putInstance } from './recorded-hub.ts';
import { hostFunctionKey, openTestRing } from './secrets-in-memory.ts';

const BASE_PATH = '/runtime/webhooks/durabletask';
const STATUS = {
  id: 'host-1',
  state: 'Running',
  version: '1',
  versionDetails: '1',
  instanceId: 'i',
  health: { status: 'ok' },
  computerName: 'c',
  processUptimeMs: 1,
  errors: [],
} as const;

interface Doors {
  readonly isReadOnly?: boolean;
  readonly linkLifetimeMs?: number;
  readonly isOpen?: boolean;
}

async function openDoors({ isReadOnly = false, linkLifetimeMs, isOpen = false }: Doors = {}) {
  const { ring, clock } = await openTestRing();
  const { client, store } = memoryHub();
  for (const id of ['a', 'b']) putInstance(store, id, 'Running');
  const key = (): string => ring.systemKey(WEBHOOK_KEY);
  const now = (): number => clock.ms;
  const signedLinks =
    linkLifetimeMs === undefined
      ? undefined
      : new SignedLinks({ key, lifetimeMs: linkLifetimeMs, now });
  const keys = isOpen ? undefined : ring;
  const management = managementApp(client, {
    access: createManagementAccess({ keys, signedLinks, isReadOnly }),
    urls: {
      webhookPath: BASE_PATH,
      taskHub: 'GoldenB',
      get code() {
        return keys && key();
      },
      ...(signedLinks && { sign: (target) => signedLinks.sign(target) }),
    },
  });
  const admin = createAdminApp({
    host: { status: () => STATUS },
    functions: { list: () => [], run: () => false },
    keys: { ring: keys, isFunction: (name) => name === 'Hello' },
    log: silentLogger,
  });
  const server = await listen(
    withForwardedHost(
      createHostApp({
        webhooks: [{ basePath: BASE_PATH, app: management }],
        admin: isOpen ? admin : requireMasterKey(admin, ring, isPing),
        fallback: () => Promise.resolve(undefined),
        log: silentLogger,
      }),
    ),
    { port: 0 },
  );
  onTestFinished(() => server.close());
  return { url: `http://127.0.0.1:${server.port}`, ring, clock };
}

async function statusOf(url: string, init: RequestInit = {}): Promise<number> {
  const answer = await fetch(url, init);
  await answer.arrayBuffer();
  return answer.status;
}

async function linksOf(url: string, init: RequestInit): Promise<Record<string, string>> {
  const answer = await fetch(url, { ...init, method: 'POST' });
  return (await answer.json()) as Record<string, string>;
}

describe('the management API with keys', () => {
  it('answers 401 with an empty body to whoever has none, wherever', async () => {
    const { url } = await openDoors();

    for (const path of ['/instances/a', '/instances', '/nothing', '/instances/a?code=wrong']) {
      const answer = await fetch(`${url}${BASE_PATH}${path}`);
      expect([answer.status, await answer.text()]).toEqual([401, '']);
    }
  });

  it('takes the system key of the extension and the master key, in the query or the header', async () => {
    const { url, ring } = await openDoors();
    const address = `${url}${BASE_PATH}/instances/a`;

    for (const key of [ring.systemKey(WEBHOOK_KEY), await ring.masterKey()]) {
      expect(await statusOf(`${address}?CODE=${encodeURIComponent(key)}`)).toBe(202);
      expect(await statusOf(address, { headers: { 'X-Functions-Key': key } })).toBe(202);
    }
  });

  it('prefers the header, and takes no key of another kind', async () => {
    const { url, ring } = await openDoors();
    const address = `${url}${BASE_PATH}/instances/a`;
    const right = ring.systemKey(WEBHOOK_KEY);
    const { value: other } = await ring.put('systemKeys', 'eventgrid_extension');

    expect(
      await statusOf(`${address}?code=${right}`, { headers: { 'x-functions-key': 'wrong' } }),
    ).toBe(401);
    expect(await statusOf(`${address}?code=${other}`)).toBe(401);
    expect(await statusOf(`${address}?code=${await hostFunctionKey(ring)}`)).toBe(401);
  });

  it('gives links that carry the key, and go on to after a rotation with the new one', async () => {
    const { url, ring } = await openDoors();
    const start = `${url}${BASE_PATH}/orchestrators/A`;
    const init = { headers: { 'x-functions-key': await ring.masterKey() } };
    const before = await linksOf(start, init);

    expect(await statusOf(before['statusQueryGetUri'] ?? '')).toBe(202);
    await ring.put('systemKeys', WEBHOOK_KEY);

    expect(await statusOf(before['statusQueryGetUri'] ?? '')).toBe(401);
    const after = await linksOf(start, init);
    expect(await statusOf(after['statusQueryGetUri'] ?? '')).toBe(202);
  });
});

describe('a signed link', () => {
  async function openLinks() {
    const doors = await openDoors({ linkLifetimeMs: 60_000 });
    const init = { headers: { 'x-functions-key': await doors.ring.masterKey() } };
    const links = await linksOf(`${doors.url}${BASE_PATH}/orchestrators/A/x`, init);
    return { ...doors, links, status: links['statusQueryGetUri'] ?? '' };
  }

  it('opens its operation without any key', async () => {
    const { links, status } = await openLinks();

    expect(JSON.stringify(links)).not.toContain('code=');
    expect(await statusOf(status)).toBe(202);
    expect(await statusOf(`${status}&showHistory=true`)).toBe(202);
    const terminate = (links['terminatePostUri'] ?? '').replace('{text}', 'enough');
    expect(await statusOf(terminate, { method: 'POST' })).toBe(202);
    expect(await statusOf(links['purgeHistoryDeleteUri'] ?? '', { method: 'DELETE' })).toBe(412);
  });

  it('opens no other operation, instance or hub, and no list', async () => {
    const { links, status } = await openLinks();
    const { search } = new URL(status);
    const answers = [
      await statusOf(status, { method: 'DELETE' }),
      await statusOf(status.replace('/x?', '/x/terminate?'), { method: 'POST' }),
      await statusOf(status.replace('/x?', '/a?')),
      await statusOf(status.replace('/x?', '?')),
      await statusOf(status.replace('GoldenB', 'Other')),
      await statusOf(status.replace(/connection=\w+/, 'connection=Other')),
      await statusOf(status.replace(/exp=\d+/, 'exp=9999999999')),
      await statusOf(status.replace(`/instances/x${search}`, `/orchestrators/A${search}`), {
        method: 'POST',
      }),
    ];

    expect(answers).toEqual(answers.map(() => 401));
    expect(await statusOf(links['statusQueryGetUri'] ?? '')).toBe(202);
  });

  it('does not reach the instances below its own', async () => {
    const { links } = await openLinks();

    const answer = await fetch(`${links['suspendPostUri'] ?? ''}&recursive=true`, {
      method: 'POST',
    });

    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('recursive=true');
  });

  it('expires, and says so', async () => {
    const { clock, status } = await openLinks();

    clock.ms += 61_000;

    const answer = await fetch(status);
    expect([answer.status, await answer.json()]).toEqual([
      403,
      { Message: 'This link has expired. Ask for a new one.' },
    ]);
  });

  it('ends when its key is rotated', async () => {
    const { ring, status } = await openLinks();

    await ring.put('systemKeys', WEBHOOK_KEY);

    expect(await statusOf(status)).toBe(401);
  });
});

describe('a management API that is read-only', () => {
  it.each([{ isOpen: true }, { isOpen: false }])(
    'reads, and changes nothing: %j',
    async (doors) => {
      const { url, ring } = await openDoors({ ...doors, isReadOnly: true });
      const init = { headers: { 'x-functions-key': await ring.masterKey() } };
      const at = (path: string): string => `${url}${BASE_PATH}${path}`;

      expect(await statusOf(at('/instances/a'), init)).toBe(202);
      expect(await statusOf(at('/instances'), init)).toBe(200);
      expect(await statusOf(at('/instances/a'), { ...init, method: 'DELETE' })).toBe(403);
      expect(await statusOf(at('/makeprimary'), init)).toBe(403);
      expect(await statusOf(at('/nothing'), init)).toBe(404);
      const answer = await fetch(at('/orchestrators/A'), { ...init, method: 'POST' });
      expect(answer.status).toBe(403);
      expect(await answer.text()).toContain("managementApi is 'readOnly'");
    },
  );

  it('tells who has no key nothing more', async () => {
    const { url } = await openDoors({ isReadOnly: true });

    expect(await statusOf(`${url}${BASE_PATH}/orchestrators/A`, { method: 'POST' })).toBe(401);
  });
});

describe('the admin API with keys', () => {
  it('is for the master key alone, but for the ping of probes', async () => {
    const { url, ring } = await openDoors();
    const at = (path: string, key: string): string => `${url}/admin${path}?code=${key}`;

    expect(await statusOf(`${url}/Admin/Host/Ping`)).toBe(200);
    expect(await statusOf(`${url}/admin/host/status`)).toBe(401);
    expect(await statusOf(at('/host/status', ring.systemKey(WEBHOOK_KEY)))).toBe(401);
    expect(await statusOf(at('/host/status', await hostFunctionKey(ring)))).toBe(401);
    expect(await statusOf(at('/host/status', await ring.masterKey()))).toBe(200);
    expect(await statusOf(`${url}/admin/host/keys/x`, { method: 'PUT' })).toBe(401);
  });
});

describe('behind a proxy', () => {
  async function locationOf(headers: Record<string, string>): Promise<string | null> {
    const { url } = await openDoors({ isOpen: true });
    const init = { method: 'POST', headers, body: '{"n":1}' };
    const answer = await fetch(`${url}${BASE_PATH}/orchestrators/A/x`, init);
    await answer.arrayBuffer();
    const origin = new URL(answer.headers.get('location') ?? '').origin;
    return origin === url ? 'own' : origin;
  }

  it.each([
    [{ 'x-forwarded-host': 'app.example', 'x-forwarded-proto': 'https' }, 'https://app.example'],
    [
      { 'x-forwarded-host': 'app.example:8443, inner', 'x-forwarded-proto': 'HTTPS, http' },
      'https://app.example:8443',
    ],
    [{ 'x-forwarded-host': '[::1]:80', 'x-forwarded-proto': 'http' }, 'http://[::1]'],
    [{ 'x-forwarded-host': 'app.example' }, 'own'],
    [{ 'x-forwarded-host': 'a@b.example', 'x-forwarded-proto': 'https' }, 'own'],
    [{ 'x-forwarded-host': 'b.example/path', 'x-forwarded-proto': 'https' }, 'own'],
    [{ 'x-forwarded-host': 'app.example', 'x-forwarded-proto': 'javascript' }, 'own'],
  ])('%j links lead to %s', async (headers, origin) => {
    expect(await locationOf(headers as Record<string, string>)).toBe(origin);
  });
});

describe('behind a gateway with a path of its own', () => {
  it('all links and locations lead through the gateway', async () => {
    const outside = { origin: 'https://gw.example', path: '/app/hook' };
    const { client } = memoryHub();
    const urls = { webhookPath: outside.path, taskHub: 'GoldenB' };
    const api = managementApp(client, { basePath: outside.path, urls });
    const app = withPublicAddress(api, BASE_PATH, outside);
    const at = (path: string): string => `http://inner:80${BASE_PATH.toUpperCase()}${path}`;

    const init = { method: 'POST', body: '{"n":1}' };
    const started = await app.fetch(new Request(at('/orchestrators/A/x'), init));
    const status = await app.fetch(new Request(at('/instances/x?showInput=true')));

    expect(started.headers.get('location')).toMatch(
      /^https:\/\/gw\.example\/app\/hook\/instances\/x\?/,
    );
    expect(await status.json()).toMatchObject({ input: { n: 1 } });
    expect(status.headers.get('location')).toBe(
      'https://gw.example/app/hook/instances/x?showInput=true',
    );
  });
});
