/** Which key opens which HTTP function: a real app behind the rules of the host. */
import { describe, expect, it } from 'vitest';
import { functionAccess } from '../../src/http/auth.ts';
import type { KeyRing } from '../../src/http/keys/key-ring.ts';
import { WEBHOOK_KEY } from '../../src/http/management/management-access.ts';
import { createHttpTriggerHandler } from '../../src/triggers/http-trigger.ts';
import { hostFunctionKey, openTestRing } from '../http/secrets-in-memory.ts';
import { loadApp } from './loaded-app.ts';

const LEVELS = ['anonymous', 'function', 'system', 'user', 'admin'] as const;

/** One classic function for each level, named like it, and one that is disabled. */
function appFiles(): Record<string, unknown> {
  const files: Record<string, unknown> = { 'package.json': {} };
  for (const name of [...LEVELS, 'off']) {
    const authLevel = name === 'off' ? 'anonymous' : name;
    files[`${name}/function.json`] = {
      disabled: name === 'off',
      bindings: [
        { type: 'httpTrigger', direction: 'in', name: 'req', authLevel, route: `for-${name}` },
        { type: 'http', direction: 'out', name: 'res' },
      ],
    };
    files[`${name}/index.js`] = `module.exports = async () => ({ res: { body: 'ran' } });`;
  }
  return files;
}

async function openApp(ring: KeyRing | undefined) {
  const { app, log } = await loadApp(appFiles());
  const handler = createHttpTriggerHandler({
    app,
    routePrefix: 'api',
    customHeaders: { 'x-frame-options': 'DENY' },
    log,
    ...(ring && { authorize: functionAccess(ring) }),
  });
  return async (name: string, key?: string): Promise<Response> => {
    const headers = { ...(key !== undefined && { 'x-functions-key': key }) };
    const request = new Request(`http://localhost:7071/api/for-${name}`, { headers });
    return (await handler.handle(request)) ?? new Response(null, { status: 599 });
  };
}

describe('HTTP functions of a host with keys', () => {
  it.each([
    ['no key', { anonymous: 200, function: 401, system: 401, user: 401, admin: 401 }],
    ['own key', { anonymous: 200, function: 200, system: 401, user: 401, admin: 401 }],
    ['host key', { anonymous: 200, function: 200, system: 401, user: 401, admin: 401 }],
    ['system key', { anonymous: 200, function: 401, system: 200, user: 401, admin: 401 }],
    ['master key', { anonymous: 200, function: 200, system: 200, user: 200, admin: 200 }],
    ['wrong key', { anonymous: 200, function: 401, system: 401, user: 401, admin: 401 }],
  ])('with %s answer %j', async (which, expected) => {
    const { ring } = await openTestRing();
    const ask = await openApp(ring);
    const [own] = await ring.list({ functionName: 'function' });
    const key = {
      'no key': undefined,
      'own key': own?.value,
      'host key': await hostFunctionKey(ring),
      'system key': ring.systemKey(WEBHOOK_KEY),
      'master key': await ring.masterKey(),
      'wrong key': 'nonsense',
    }[which];

    const answers = await Promise.all(
      LEVELS.map(async (level) => [level, (await ask(level, key)).status]),
    );

    expect(Object.fromEntries(answers)).toEqual(expected);
  });

  it('refuse with an empty body and the headers of the host', async () => {
    const { ring } = await openTestRing();
    const answer = await (await openApp(ring))('function');

    expect([answer.status, await answer.text()]).toEqual([401, '']);
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
  });

  it('run for the master key although they are disabled', async () => {
    const { ring } = await openTestRing();
    const ask = await openApp(ring);

    expect((await ask('off')).status).toBe(404);
    expect((await ask('off', await hostFunctionKey(ring))).status).toBe(404);
    expect((await ask('off', await ring.masterKey())).status).toBe(200);
  });
});

describe('HTTP functions of a host without keys', () => {
  it('are open, but for those that are disabled', async () => {
    const ask = await openApp(undefined);

    const answers = await Promise.all(LEVELS.map(async (level) => (await ask(level)).status));

    expect(answers).toEqual([200, 200, 200, 200, 200]);
    expect((await ask('off')).status).toBe(404);
  });
});
