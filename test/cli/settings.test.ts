import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { func } from '../support/func-command.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

let app: ScratchApp | undefined;
afterEach(() => app?.remove());

async function appWith(localSettings: unknown): Promise<void> {
  app = await createScratchApp({
    files: localSettings === undefined ? {} : { 'local.settings.json': localSettings },
  });
}

function settings(...args: string[]): ReturnType<typeof func> {
  return func('settings', ...args, '--script-root', app?.folder ?? '');
}

async function content(): Promise<unknown> {
  const file = path.join(app?.folder ?? '', 'local.settings.json');
  return JSON.parse(await readFile(file, 'utf8'));
}

const SETTINGS = {
  IsEncrypted: false,
  Values: { FUNCTIONS_WORKER_RUNTIME: 'node', Secret: 'swordfish' },
  Host: { LocalHttpPort: 7072, CORS: '*' },
  ConnectionStrings: { Db: { ConnectionString: 'Server=x', ProviderName: 'p' } },
};

describe('func settings', () => {
  it('lists names and hides values', async () => {
    await appWith(SETTINGS);

    const { code, out } = await settings('list');

    expect(code).toBe(0);
    expect(out).toContain(
      'App Settings:\n   -> Name: FUNCTIONS_WORKER_RUNTIME\n      Value: *****',
    );
    expect(out).toContain('Connection Strings:\n   -> Name: Db');
    expect(out).not.toMatch(/swordfish|Server=x/);
  });

  it.each([['--showValue'], ['--showvalue'], ['-a'], ['-showValue']])(
    'shows values with %s',
    async (option) => {
      await appWith(SETTINGS);

      const { out } = await settings('list', option);

      expect(out).toContain('Value: swordfish');
      expect(out).toContain('Value: Server=x');
    },
  );

  it('adds and changes a setting, and keeps the rest', async () => {
    await appWith(SETTINGS);

    expect((await settings('add', 'Queue', 'orders')).code).toBe(0);
    expect((await settings('add', 'secret', 'trout')).code).toBe(0);

    expect(await content()).toEqual({
      ...SETTINGS,
      Values: { ...SETTINGS.Values, Secret: 'trout', Queue: 'orders' },
    });
  });

  it('adds a connection string', async () => {
    await appWith(undefined);

    await settings('add', 'Sql', 'Server=y', '--connectionString');

    expect(await content()).toEqual({
      IsEncrypted: false,
      Values: {},
      ConnectionStrings: {
        Sql: { ConnectionString: 'Server=y', ProviderName: 'System.Data.SqlClient' },
      },
    });
  });

  it('deletes a setting, and names the nearest when there is none', async () => {
    await appWith(SETTINGS);

    expect((await settings('delete', 'SECRET')).code).toBe(0);
    const missing = await settings('delete', 'FUNCTION_WORKER_RUNTIME');

    expect(await content()).toHaveProperty('Values', { FUNCTIONS_WORKER_RUNTIME: 'node' });
    expect(missing.code).toBe(1);
    expect(missing.err).toContain("Did you mean 'FUNCTIONS_WORKER_RUNTIME'?");
  });

  it('says that it loses comments', async () => {
    await appWith('{ "IsEncrypted": false, /* mine */ "Values": { "A": "http://x" } }');

    const { err } = await settings('add', 'B', '1');

    expect(err).toContain('comments');
    expect(await content()).toHaveProperty('Values', { A: 'http://x', B: '1' });
  });

  it.each([
    [{ IsEncrypted: true, Values: { A: 'xyz' } }, 'are encrypted'],
    ['{ "Values": ', 'line 1'],
    [{ Values: 'none' }, "'Values' must be an object"],
  ])('refuses %j', async (localSettings, reason) => {
    await appWith(localSettings);

    const { code, err } = await settings('add', 'B', '1');

    expect(code).toBe(1);
    expect(err).toContain(reason);
  });

  it.each(['encrypt', 'decrypt'])('says what it knows of %s', async (name) => {
    const { code, err } = await settings(name);

    expect(code).toBe(1);
    expect(err).toContain('plain text');
  });

  it('says where there is no app', async () => {
    const { code, err } = await func('settings', 'list', '--script-root', '/');

    expect(code).toBe(1);
    expect(err).toContain('There is no function app in /');
  });
});
