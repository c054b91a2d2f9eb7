/** A function that ends the process each time: after some times it is not run, and what asked for it waits among the poison. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { runCommand } from '../support/func-command.ts';
import { type FuncProcess, startFunc } from '../support/func-process.ts';
import { LONG_MS } from '../support/patience.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

const API = '/runtime/webhooks/durabletask';
const APP = `
const { execFileSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const path = require('node:path');
const df = require('durable-functions');
df.app.entity('Basket', (context) => {
  if (!existsSync(path.join(__dirname, '.mended'))) execFileSync('kill', ['-9', String(process.pid)]);
  context.df.setState((context.df.getState(() => 0) ?? 0) + context.df.getInput());
});
`;
const HOST = {
  version: '2.0',
  extensions: { durableTask: { poisonMessageThreshold: 3, storageProvider: { type: 'local' } } },
};
const PATIENCE = { timeoutMs: 60_000, intervalMs: 100 };

let app: ScratchApp;
let func: FuncProcess;

beforeEach(async () => {
  app = await createScratchApp({
    files: { 'package.json': { main: 'app.js' }, 'app.js': APP, 'host.json': HOST },
    packages: { '@azure/functions': '@azure/functions', 'durable-functions': 'durable-functions' },
  });
  func = await startFunc({ cwd: app.folder });
});

afterEach(async () => {
  await func.stop();
  await app.remove();
});

async function poison(): Promise<readonly { readonly id: string; readonly reason: string }[]> {
  const response = await fetch(`${func.url}${API}/poison`);
  return response.ok ? ((await response.json()) as []) : [];
}

describe('a signal whose operation ends the process each time', () => {
  it(
    'is set aside when it has done so as often as host.json says, and takes effect once the app is mended',
    async () => {
      const entity = `${func.url}${API}/entities/Basket/one`;
      // The host may end before it answers.
      await fetch(`${entity}?op=add`, {
        method: 'POST',
        body: '5',
        headers: { 'content-type': 'application/json' },
      }).catch(() => undefined);

      const [message] = await eventually(async () => {
        // The host is away most of the time.
        const messages = await poison().catch(() => []);
        return messages.length === 1 ? messages : undefined;
      }, PATIENCE);

      expect(func.output().match(/ended unexpectedly \(SIGKILL\)/g)).toHaveLength(3);
      expect(message).toMatchObject({
        instanceId: '@basket@one',
        reason: expect.stringContaining('ended the process of the host 3 times') as string,
      });
      const list = await runCommand(['durable', 'poison', 'list'], { cwd: app.folder });
      expect(list.stdout).toContain('@basket@one');
      await writeFile(path.join(app.folder, '.mended'), '');

      const id = message?.id ?? '';
      const replay = await runCommand(['durable', 'poison', 'replay', '--id', id], {
        cwd: app.folder,
      });

      expect(replay.code).toBe(0);
      await eventually(async () => {
        const response = await fetch(entity);
        return response.ok && (await response.text()) === '5';
      }, PATIENCE);
      expect(await poison()).toEqual([]);
    },
    LONG_MS,
  );
});
