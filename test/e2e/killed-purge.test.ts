/** A purge of a whole tree whose host is killed in the middle: the next host finishes it, and nobody has to ask again. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalBackend } from '../../src/local/local-backend.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { eventually } from '../support/eventually.ts';
import { type FuncProcess, startFunc } from '../support/func-process.ts';
import { run } from '../support/instances.ts';
import { LONG } from '../support/patience.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

const API = '/runtime/webhooks/durabletask';
const CHILDREN = 300;
const APP = `
const df = require('durable-functions');
df.app.orchestration('Child', function* () { return 'done'; });
df.app.orchestration('Parent', function* (context) {
  const ids = Array.from({ length: ${CHILDREN} }, (_, index) => context.df.instanceId + '.' + index);
  yield context.df.Task.all(ids.map((id) => context.df.callSubOrchestrator('Child', null, id)));
});
`;
const HUB = 'KilledPurge';

let app: ScratchApp;
let func: FuncProcess;

beforeEach(async () => {
  const durableTask = { hubName: HUB, storageProvider: { type: 'local' } };
  app = await createScratchApp({
    files: {
      'package.json': { main: 'app.js' },
      'app.js': APP,
      'host.json': { version: '2.0', extensions: { durableTask } },
    },
    packages: { '@azure/functions': '@azure/functions', 'durable-functions': 'durable-functions' },
  });
});
afterEach(async () => {
  await func.stop();
  await app.remove();
});

/** What is left of the tree, as it lies in the folder. */
async function left(root: string): Promise<number> {
  const backend = createLocalBackend({
    path: `${app.folder}/.durable`,
    taskHub: HUB,
    log: silentLogger,
  });
  const { instances } = await backend.listInstances({
    instanceIdPrefix: root,
    pageSize: 1000,
    includeInput: false,
    includeOutput: false,
  });
  await backend.stop();
  return instances.length;
}

async function startHost(): Promise<void> {
  func = await startFunc({ cwd: app.folder, args: ['--no-reload'] });
}

describe('a purge of a whole tree', LONG, () => {
  it('is finished by the next host when its own is killed', async () => {
    await startHost();
    for (let attempt = 0; attempt < 12; attempt++) {
      const root = `tree${attempt}`;
      await run(`${func.url}${API}/orchestrators/Parent/${root}`);
      const purge = fetch(`${func.url}${API}/instances/${root}?recursive=true`, {
        method: 'DELETE',
      }).catch(() => undefined);
      await delay(20 + 20 * attempt);
      func.signal('SIGKILL');
      await Promise.all([func.exited, purge]);
      const count = await left(root);
      await startHost();
      if (count === 0 || count > CHILDREN) continue;

      await eventually(async () => (await left(root)) === 0, {
        timeoutMs: 30_000,
        intervalMs: 200,
      });
      return;
    }
    expect.fail('The host was never killed in the middle of a purge.');
  });
});
