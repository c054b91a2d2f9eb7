import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { runCommand } from '../support/func-command.ts';
import { startFunc } from '../support/func-process.ts';
import { run } from '../support/instances.ts';
import { LONG } from '../support/patience.ts';
import { createScratchApp } from '../support/scratch-app.ts';

const PORTS = [10000, 10001, 10002];
const isTaken = (await Promise.all(PORTS.map(isListening))).some(Boolean);
if (isTaken) {
  process.stderr.write('SKIPPED: the ports of UseDevelopmentStorage=true are taken.\n');
}

const APP = `
const { app } = require('@azure/functions');
const df = require('durable-functions');
df.app.orchestration('hello', function* () { return 'hello'; });
app.http('start', {
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    return client.createCheckStatusResponse(request, await client.startNew('hello'));
  },
});
`;

const env = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' };

function createApp() {
  return createScratchApp({
    files: { 'package.json': { main: 'app.js' }, 'app.js': APP },
    packages: {
      'durable-functions': 'durable-functions',
      '@azure/functions': '@azure/functions',
    },
  });
}

describe.skipIf(isTaken)('UseDevelopmentStorage=true with nothing running', () => {
  it('starts Azurite, keeps its data, and ends it with the host', LONG, async () => {
    const app = await createApp();
    const first = await startFunc({ cwd: app.folder, env });
    const { instanceId } = await run(`${first.url}/api/start`);
    first.signal('SIGKILL');
    await eventually(async () => !(await Promise.all(PORTS.map(isListening))).some(Boolean));

    const second = await startFunc({ cwd: app.folder, env });
    const path = `runtime/webhooks/durabletask/instances/${instanceId}`;
    const kept = await fetch(`${second.url}/${path}`);
    await second.stop();
    const status = ['durable', 'get-runtime-status', '--task-hub-name', 'TestHubName', '--id'];
    const looked = await runCommand([...status, instanceId], { cwd: app.folder, env });

    expect(looked.stdout).toContain('"OrchestrationStatus": 1');
    expect(first.output()).toContain('starting Azurite, data in');
    expect(await kept.json()).toMatchObject({ runtimeStatus: 'Completed', output: 'hello' });
    expect(await Promise.all(PORTS.map(isListening))).toEqual([false, false, false]);
    await app.remove();
  });

  it('keeps Azurite running while the app restarts', LONG, async () => {
    const app = await createApp();
    const func = await startFunc({ cwd: app.folder, env });

    await writeFile(join(app.folder, 'app.js'), APP.replace("return 'hello'", "return 'again'"));
    const starts = (): number => func.output().split('For detailed output').length - 1;
    await eventually(() => starts() === 2, { timeoutMs: 40_000 });
    const { output } = await run(`${func.url}/api/start`);
    await func.stop();
    await app.remove();

    expect(output).toBe('again');
    expect(func.output().match(/starting Azurite/g)).toHaveLength(1);
    expect(await Promise.all(PORTS.map(isListening))).toEqual([false, false, false]);
  });

  it('is an error for commands that only look, where no data ever were', async () => {
    const app = await createScratchApp({});
    const env = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' };
    const { code, stderr } = await runCommand(['durable', 'get-instances'], {
      cwd: app.folder,
      env,
    });

    expect(code).toBe(1);
    expect(stderr).toContain('Nothing answers for UseDevelopmentStorage=true.');
    await app.remove();
  });
});

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
