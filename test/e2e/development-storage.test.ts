import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { developmentPortsAreTaken, listeningPorts } from '../support/development-ports.ts';
import { eventually } from '../support/eventually.ts';
import { runCommand } from '../support/func-command.ts';
import { startFunc } from '../support/func-process.ts';
import { run } from '../support/instances.ts';
import { LONG } from '../support/patience.ts';
import { createScratchApp } from '../support/scratch-app.ts';

const isTaken = await developmentPortsAreTaken();

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

/** A function that needs a storage account, wherever the hub is. */
const QUEUE = `
app.storageQueue('listen', { queueName: 'orders', connection: '', handler() {} });
`;

const env = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' };

function createApp(code = APP) {
  return createScratchApp({
    files: { 'package.json': { main: 'app.js' }, 'app.js': code },
    packages: {
      'durable-functions': 'durable-functions',
      '@azure/functions': '@azure/functions',
    },
  });
}

describe.skipIf(isTaken)('UseDevelopmentStorage=true with nothing running', () => {
  it('starts Azurite, keeps its data, and ends it with the host', LONG, async () => {
    const app = await createApp(APP + QUEUE);
    const first = await startFunc({ cwd: app.folder, env });
    const { instanceId } = await run(`${first.url}/api/start`);
    first.signal('SIGKILL');
    await eventually(async () => !(await listeningPorts()).some(Boolean));

    const second = await startFunc({ cwd: app.folder, env });
    const path = `runtime/webhooks/durabletask/instances/${instanceId}`;
    const kept = await fetch(`${second.url}/${path}`);
    await second.stop();
    const status = ['durable', 'get-runtime-status', '--task-hub-name', 'TestHubName', '--id'];
    const looked = await runCommand([...status, instanceId], { cwd: app.folder, env });

    expect(looked.stdout).toContain('"OrchestrationStatus": 1');
    expect(first.output()).toContain('starting Azurite, data in');
    expect(await kept.json()).toMatchObject({ runtimeStatus: 'Completed', output: 'hello' });
    expect(await listeningPorts()).toEqual([false, false, false]);
    await app.remove();
  });

  it('keeps Azurite running while the app restarts', LONG, async () => {
    const app = await createApp(APP + QUEUE);
    const func = await startFunc({ cwd: app.folder, env });

    const changed = (APP + QUEUE).replace("return 'hello'", "return 'again'");
    await writeFile(join(app.folder, 'app.js'), changed);
    const starts = (): number => func.output().split('For detailed output').length - 1;
    await eventually(() => starts() === 2, { timeoutMs: 40_000 });
    const { output } = await run(`${func.url}/api/start`);
    await func.stop();
    await app.remove();

    expect(output).toBe('again');
    expect(func.output().match(/starting Azurite/g)).toHaveLength(1);
    expect(await listeningPorts()).toEqual([false, false, false]);
  });

  it('creates nothing for commands that only look', async () => {
    const app = await createApp();
    const { code, stdout, stderr } = await runCommand(['durable', 'get-instances', '--json'], {
      cwd: app.folder,
      env,
    });

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ instances: [] });
    expect(stderr).toContain("The task hub 'TestHubName' does not exist in the folder");
    expect(await readdir(app.folder)).not.toContain('.durable');
    await app.remove();
  });
});

describe.skipIf(isTaken)('UseDevelopmentStorage=true for an app that needs no account', () => {
  it('has its hub in a folder, where func durable finds it', LONG, async () => {
    const app = await createApp();
    const func = await startFunc({ cwd: app.folder, env });
    const { instanceId } = await run(`${func.url}/api/start`);
    const status = ['durable', 'get-runtime-status', '--id', instanceId];
    const beside = await runCommand(status, { cwd: app.folder, env });
    const isListening = await listeningPorts();
    await func.stop();
    const afterwards = await runCommand(status, { cwd: app.folder, env });
    await app.remove();

    expect(func.output()).toContain('Nothing answers for UseDevelopmentStorage=true: the task hub');
    expect(isListening).toEqual([false, false, false]);
    expect(beside.stdout).toContain('"OrchestrationStatus": 1');
    expect(afterwards.stdout).toBe(beside.stdout);
  });

  it(
    'stays in the folder when a function that needs the emulator comes, which is started',
    LONG,
    async () => {
      const app = await createApp();
      const first = await startFunc({ cwd: app.folder, env });
      const { instanceId } = await run(`${first.url}/api/start`);
      await first.stop();

      await writeFile(join(app.folder, 'app.js'), APP + QUEUE);
      const second = await startFunc({ cwd: app.folder, env });
      const path = `runtime/webhooks/durabletask/instances/${instanceId}`;
      const kept = await fetch(`${second.url}/${path}`);
      const isListening = await listeningPorts();
      await second.stop();
      const looked = await runCommand(['durable', 'get-runtime-status', '--id', instanceId], {
        cwd: app.folder,
        env,
      });
      await app.remove();

      expect(await kept.json()).toMatchObject({ runtimeStatus: 'Completed', output: 'hello' });
      expect(isListening).toEqual([true, true, true]);
      expect(second.output()).toContain('starting Azurite, data in');
      expect(looked.stdout).toContain('"OrchestrationStatus": 1');
      expect(looked.stderr).toContain('stays in');
    },
  );
});

describe('no AzureWebJobsStorage at all', () => {
  it('has its hub in a folder', LONG, async () => {
    const app = await createApp();
    const none = { AzureWebJobsStorage: undefined };
    const func = await startFunc({ cwd: app.folder, env: none });
    const { instanceId, output } = await run(`${func.url}/api/start`);
    await func.stop();
    const looked = await runCommand(['durable', 'get-runtime-status', '--id', instanceId], {
      cwd: app.folder,
    });
    await app.remove();

    expect(output).toBe('hello');
    expect(func.output()).toContain('AzureWebJobsStorage is not set: the task hub is in');
    expect(looked.stdout).toContain('"OrchestrationStatus": 1');
  });
});
