/** `func start --enable-auth` from outside: keys in files, what they open, how they are rotated, and that no log tells them. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startFunc, type FuncOptions, type FuncProcess } from '../support/func-process.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

const APP = {
  'package.json': { main: 'index.js' },
  'index.js': `
    const { app } = require('@azure/functions'); const df = require('durable-functions');
    app.http('Start', { authLevel: 'function', extraInputs: [df.input.durableClient()],
      handler: async (request, context) => {
        const client = df.getClient(context);
        const id = await client.startNew('Wait');
        context.log('called', request.url, request.headers.get('x-functions-key') ?? '');
        console.log(JSON.stringify(client.createHttpManagementPayload(id)));
        return client.createCheckStatusResponse(request, id);
      } });
    df.app.orchestration('Wait', function* (context) { return yield context.df.waitForExternalEvent('go'); });`,
};
const SETTINGS = 'AzureFunctionsJobHost__extensions__durableTask';

const apps: ScratchApp[] = [];
const hosts: FuncProcess[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
  await Promise.all(apps.splice(0).map((app) => app.remove()));
});

async function scratchApp(): Promise<string> {
  const app = await createScratchApp({
    files: APP,
    packages: { '@azure/functions': '@azure/functions', 'durable-functions': 'durable-functions' },
  });
  apps.push(app);
  return app.folder;
}

async function start(cwd: string, args: readonly string[], env: FuncOptions['env'] = {}) {
  const host = await startFunc({ cwd, args: ['--storage', 'memory', ...args], env });
  hosts.push(host);
  return host;
}

interface Keys {
  readonly master: string;
  readonly function: string;
  readonly system: string;
}

async function keysOf(folder: string): Promise<Keys> {
  const file = path.join(folder, 'data/Functions/secrets/host.json');
  const secrets = JSON.parse(await readFile(file, 'utf8')) as {
    masterKey: { value: string };
    functionKeys: { value: string }[];
    systemKeys: { value: string }[];
  };
  const { masterKey, functionKeys, systemKeys } = secrets;
  return {
    master: masterKey.value,
    function: functionKeys[0]?.value ?? '',
    system: systemKeys[0]?.value ?? '',
  };
}

async function ask(url: string, method = 'GET', key?: string) {
  const headers = { ...(key !== undefined && { 'x-functions-key': key }) };
  const answer = await fetch(url, { method, headers });
  const text = await answer.text();
  const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, string>) : {};
  return { status: answer.status, body };
}

describe('a host with keys', () => {
  it('opens for its keys, keeps them over a restart, and logs none', async () => {
    const folder = await scratchApp();
    const first = await start(folder, ['--enable-auth']);
    const keys = await keysOf(folder);

    expect((await ask(`${first.url}/api/Start`)).status).toBe(401);
    expect((await ask(`${first.url}/runtime/webhooks/durabletask/instances`)).status).toBe(401);
    expect((await ask(`${first.url}/admin/functions`)).status).toBe(401);
    const started = await ask(`${first.url}/api/Start?code=${keys.function}`);
    expect(started.status).toBe(202);
    expect((await ask(started.body['statusQueryGetUri'] ?? '')).status).toBe(202);
    const output = (await first.stop()).stdout;
    expect(output).toContain(`Keys are required; they are in ${folder}/data/Functions/secrets`);
    expect(output).toContain('code=[redacted]');

    const second = await start(folder, ['--enableAuth']);
    expect(await keysOf(folder)).toEqual(keys);
    expect((await ask(`${second.url}/api/Start`, 'GET', keys.function)).status).toBe(202);
    const all = output + second.output();
    for (const key of Object.values(keys) as string[]) expect(all).not.toContain(key);
  });

  it('takes new keys through its admin API, and the old ones no longer', async () => {
    const folder = await scratchApp();
    const { url } = await start(folder, ['--enable-auth']);
    const old = await keysOf(folder);
    const list = `${url}/runtime/webhooks/durabletask/instances`;
    const rotate = (kind: string, name: string, key: string) =>
      ask(`${url}/admin/host/${kind}/${name}`, 'POST', key);

    const system = await rotate('systemkeys', 'durabletask_extension', old.master);
    const own = await ask(`${url}/admin/functions/Start/keys/ci`, 'POST', old.master);
    const master = await rotate('keys', '_master', old.master);

    expect((await ask(list, 'GET', old.system)).status).toBe(401);
    expect((await ask(list, 'GET', system.body['value'])).status).toBe(200);
    const started = await ask(`${url}/api/Start`, 'GET', own.body['value']);
    expect(started.body['statusQueryGetUri']).toContain(
      `code=${encodeURIComponent(system.body['value'] ?? '')}`,
    );
    expect((await rotate('keys', 'x', old.master)).status).toBe(401);
    expect((await rotate('keys', 'x', master.body['value'] ?? '')).status).toBe(201);
    expect((await keysOf(folder)).master).toBe(master.body['value']);
  });

  it('gives links that open one operation, when links are signed', async () => {
    const folder = await scratchApp();
    const { url } = await start(folder, ['--enable-auth'], {
      [`${SETTINGS}__signedLinks__lifetime`]: '01:00:00',
    });
    const { function: key } = await keysOf(folder);

    const { body } = await ask(`${url}/api/Start`, 'GET', key);

    expect(JSON.stringify(body)).not.toContain('code=');
    expect((await ask(body['statusQueryGetUri'] ?? '')).status).toBe(202);
    expect((await ask(body['statusQueryGetUri'] ?? '', 'DELETE')).status).toBe(401);
    const terminate = (body['terminatePostUri'] ?? '').replace('{text}', 'x');
    expect((await ask(terminate, 'POST')).status).toBe(202);
  });

  it('is what others than this machine meet, who may also find the management API gone', async () => {
    const folder = await scratchApp();
    const host = await start(folder, ['--address', '0.0.0.0'], {
      [`${SETTINGS}__managementApi`]: 'off',
    });
    const { master } = await keysOf(folder);

    expect(host.output()).toContain('as others than this machine can call 0.0.0.0');
    const started = await ask(`${host.url}/api/Start`, 'GET', master);
    expect(started.status).toBe(202);
    expect(started.body['statusQueryGetUri']).not.toContain('code=');
    expect((await ask(started.body['statusQueryGetUri'] ?? '', 'GET', master)).status).toBe(404);
  });
});
