/** The files of the dashboard as the host serves them; `npm run build` has made them. What they do is in test/dashboard. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { dashboardFiles } from '../../src/http/dashboard/dashboard-files.ts';
import { withDashboard } from '../../src/http/dashboard/dashboard.ts';
import { createHostApp } from '../../src/http/host-app.ts';
import { LocalCallers } from '../../src/http/local-callers.ts';
import {
  createManagementAccess,
  WEBHOOK_KEY,
} from '../../src/http/management/management-access.ts';
import { emptyResponse, type FetchHandler } from '../../src/http/responses.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { managementApp, memoryHub } from './recorded-hub.ts';
import { openTestRing } from './secrets-in-memory.ts';

const BASE_PATH = '/runtime/webhooks/durabletask';
const BASE = `http://localhost:7071${BASE_PATH}`;

function open(access: Partial<Parameters<typeof createManagementAccess>[0]> = {}): FetchHandler {
  const managed = createManagementAccess({
    keys: undefined,
    signedLinks: undefined,
    isReadOnly: false,
    callers: new LocalCallers(),
    ...access,
  });
  const api = managementApp(memoryHub().client, { access: managed });
  const options = {
    basePath: BASE_PATH,
    access: managed,
    allowsDangerous: false,
    taskHub: 'Orders',
    version: '1.2.3',
  };
  return withDashboard(api, options);
}

async function get(app: FetchHandler, url: string, headers = {}): Promise<Response> {
  return await app.fetch(new Request(url, { headers }));
}

describe('the dashboard', () => {
  it('is at a path that ends with a slash, behind whichever proxy', async () => {
    const answer = await get(open(), `${BASE}/Dashboard?code=a`);

    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'dashboard/?code=a']);
  });

  it('is a page that loads nothing of others, and is shown in none', async () => {
    const answer = await get(open(), `${BASE}/dashboard/`);

    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(await answer.text()).not.toMatch(/https?:|{{|<style|onload/);
  });

  it('names each of its files, which may be kept for ever', async () => {
    const app = open();
    const page = await (await get(app, `${BASE}/dashboard/`)).text();
    const names = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name ?? '');

    expect(names).toHaveLength(3);
    for (const name of names) {
      const answer = await get(app, `${BASE}/dashboard/${name}`);
      expect(answer.status).toBe(200);
      if (name === 'icon.svg') continue;
      expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    }
    expect((await get(app, `${BASE}/dashboard/nothing.js`)).status).toBe(404);
    expect((await get(app, `${BASE}/dashboard/..%2findex.html`)).status).toBe(404);
  });

  it('asks for its files with the key that the page was asked with, and lets nothing out of it', async () => {
    const code = encodeURIComponent('"><script>$&');
    const page = await (await get(open(), `${BASE}/dashboard/?code=${code}`)).text();

    expect(page.split(`?code=${code}"`)).toHaveLength(4);
  });

  it('is no more than a phone has patience for', async () => {
    const sizeOf = async (extension: string): Promise<number> => {
      const files = [...(await dashboardFiles())].filter(([name]) => name.endsWith(extension));
      return files.reduce((sum, [, { text }]) => sum + gzipSync(text).byteLength, 0);
    };

    expect(await sizeOf('.js')).toBeLessThan(60_000);
    expect(await sizeOf('.css')).toBeLessThan(10_000);
  });

  it('tells of the hub only who has the key', async () => {
    const { ring } = await openTestRing();
    const app = open({ keys: ring, isReadOnly: true, callers: undefined });
    const key = { 'x-functions-key': ring.systemKey(WEBHOOK_KEY) };

    expect((await get(app, `${BASE}/dashboard/`)).status).toBe(200);
    expect((await get(app, `${BASE}/dashboard/session`)).status).toBe(401);
    expect(await (await get(app, `${BASE}/dashboard/session`, key)).json()).toEqual({
      taskHub: 'Orders',
      isReadOnly: true,
      allowsDangerous: false,
      version: '1.2.3',
    });
  });

  it('is not for pages of others, nor under names of others', async () => {
    const foreign = { origin: 'https://evil.example' };

    expect((await get(open(), `${BASE}/dashboard/session`, foreign)).status).toBe(403);
    expect(
      (await get(open(), `http://evil.example${BASE_PATH}/dashboard/`, { host: 'evil.example' }))
        .status,
    ).toBe(403);
  });

  it('has a short address, unless the app has a function there', async () => {
    const functions = (answer: Response | undefined) => () => Promise.resolve(answer);
    const host = (fallback: () => Promise<Response | undefined>) =>
      createHostApp({
        webhooks: [],
        admin: { fetch: () => emptyResponse(404) },
        fallback,
        dashboard: `${BASE_PATH}/dashboard/`,
        log: silentLogger,
      });

    const answer = await get(host(functions(undefined)), 'http://localhost:7071/dashboard');
    expect([answer.status, answer.headers.get('location')]).toEqual([
      302,
      `${BASE_PATH}/dashboard/`,
    ]);
    const own = await get(host(functions(new Response('mine'))), 'http://localhost:7071/dashboard');
    expect(await own.text()).toBe('mine');
  });
});
