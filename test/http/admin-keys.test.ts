import { describe, expect, it } from 'vitest';
import { createAdminApp } from '../../src/http/admin/admin-app.ts';
import type { KeyRing } from '../../src/http/keys/key-ring.ts';
import { WEBHOOK_KEY } from '../../src/http/management/management-access.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { openTestRing } from './secrets-in-memory.ts';

function adminApi(ring: KeyRing | undefined) {
  const app = createAdminApp({
    host: { status: () => ({}) as never },
    functions: { list: () => [], run: () => false },
    keys: { ring, isFunction: (name) => name.toLowerCase() === 'hello' },
    log: silentLogger,
  });
  return async (method: string, path: string, body?: unknown) => {
    const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const answer = await app.request(`http://localhost:7071/admin${path}`, init);
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  };
}

async function openApi() {
  const { ring } = await openTestRing();
  return { ring, ask: adminApi(ring) };
}

describe('the keys API', () => {
  it('lists keys with a link to itself', async () => {
    const { ask, ring } = await openApi();

    expect(await ask('GET', '/host/systemkeys')).toEqual({
      status: 200,
      body: {
        keys: [{ name: 'durabletask_extension', value: ring.systemKey(WEBHOOK_KEY) }],
        links: [{ rel: 'self', href: 'http://localhost:7071/admin/host/systemkeys' }],
      },
    });
    const [own] = await ring.list({ functionName: 'Hello' });
    expect((await ask('GET', '/functions/Hello/keys')).body).toMatchObject({ keys: [own] });
  });

  it.each(['/host/keys', '/Host/FunctionKeys', '/functions/hello/keys'])(
    'makes, sets, tells and deletes keys under %s',
    async (path) => {
      const { ask } = await openApi();

      const made = await ask('POST', `${path}/ci`);
      expect(made).toMatchObject({ status: 201, body: { name: 'ci' } });
      expect(await ask('POST', `${path}/ci`)).toMatchObject({ status: 200 });
      expect(await ask('PUT', `${path}/ci`, { name: 'ci', value: 'mine' })).toMatchObject({
        status: 200,
        body: { name: 'ci', value: 'mine' },
      });
      expect(await ask('GET', `${path}/CI`)).toMatchObject({
        status: 200,
        body: { value: 'mine' },
      });
      expect(await ask('DELETE', `${path}/ci`)).toEqual({ status: 204, body: undefined });
      expect(await ask('DELETE', `${path}/ci`)).toMatchObject({ status: 404 });
      expect(await ask('GET', `${path}/ci`)).toMatchObject({ status: 404 });
      expect(await ask('PUT', `${path}/new`, { value: 'k' })).toMatchObject({ status: 201 });
    },
  );

  it('rotates the master key under its name, and does not delete it', async () => {
    const { ask, ring } = await openApi();
    const before = await ring.masterKey();

    expect(await ask('GET', '/host/systemkeys/_master')).toMatchObject({ body: { value: before } });
    expect(await ask('POST', '/host/keys/_master')).toMatchObject({ status: 201 });
    expect(await ring.masterKey()).not.toBe(before);
    expect(await ask('PUT', '/host/systemkeys/_Master', { value: 'mine' })).toMatchObject({
      status: 200,
    });
    expect(await ring.masterKey()).toBe('mine');
    expect(await ask('DELETE', '/host/systemkeys/_master')).toEqual({
      status: 400,
      body: { Message: 'Cannot delete System Key.' },
    });
  });

  it.each([[{}], [{ value: '' }], [{ value: 1 }], ['x'], [null]])(
    'refuses %j as the value of a key',
    async (body) => {
      const { ask } = await openApi();
      expect(await ask('PUT', '/host/keys/ci', body)).toMatchObject({ status: 400 });
    },
  );

  it('knows no keys of functions that there are not', async () => {
    const { ask } = await openApi();

    expect(await ask('GET', '/functions/Nobody/keys')).toMatchObject({ status: 404 });
    expect(await ask('POST', '/functions/Nobody/keys/x')).toMatchObject({ status: 404 });
  });

  it('says how to have keys where there are none', async () => {
    const answer = await adminApi(undefined)('GET', '/host/keys');

    expect(answer.status).toBe(404);
    expect(JSON.stringify(answer.body)).toContain('--enable-auth');
  });
});
