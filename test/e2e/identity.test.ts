/** A task hub, its commands and bindings in an account that takes tokens only, by a managed identity. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshHubName } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { runCommand } from '../support/func-command.ts';
import { startFunc, type FuncProcess } from '../support/func-process.ts';
import {
  canHaveIdentityStorage,
  startIdentityStorage,
  type IdentityStorage,
} from '../support/identity-storage.ts';
import { ended, start } from '../support/instances.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

const canRun = canHaveIdentityStorage();
if (!canRun) process.stderr.write('SKIPPED: there is no openssl to make a certificate with.\n');

const hubName = freshHubName('Identity');
const FILES = {
  'host.json': { version: '2.0', extensions: { durableTask: { hubName } } },
  'package.json': { main: 'index.js' },
  'index.js': `
    const { app, output } = require('@azure/functions');
    const df = require('durable-functions');
    const greeted = output.storageQueue({ queueName: 'greeted', connection: 'OneService' });
    df.app.orchestration('Greets', function* (context) {
      return [yield context.df.callActivity('Greet', 'Tokyo'), yield context.df.callActivity('Greet', 'London')];
    });
    df.app.activity('Greet', {
      extraOutputs: [greeted],
      handler: (city, context) => {
        context.extraOutputs.set(greeted, city);
        return 'Hello ' + city;
      },
    });
    app.storageQueue('Hears', {
      queueName: 'greeted', connection: 'OneService', handler: (city, context) => context.log('heard of ' + city),
    });`,
};

describe.skipIf(!canRun)('an account that takes tokens only', () => {
  let storage: IdentityStorage;
  let env: Readonly<Record<string, string | undefined>>;
  let app: ScratchApp;
  let func: FuncProcess;

  beforeAll(async () => {
    storage = await startIdentityStorage();
    env = {
      ...storage.env,
      OneService__serviceUri: storage.env['AzureWebJobsStorage__queueServiceUri'],
      OneService__credential: 'managedidentity',
      OneService__clientId: 'the-identity-of-the-queue',
    };
    const packages = {
      '@azure/functions': '@azure/functions',
      'durable-functions': 'durable-functions',
    };
    app = await createScratchApp({ files: FILES, packages });
    func = await startFunc({ cwd: app.folder, env });
  });
  afterAll(async () => {
    await func.stop();
    await app.remove();
    await storage.stop();
  });

  it('holds a task hub', async () => {
    const urls = await start(`${func.url}/runtime/webhooks/durabletask/orchestrators/Greets`);

    expect((await ended(urls)).output).toEqual(['Hello Tokyo', 'Hello London']);
    expect(storage.askedFor).toContain('');
  });

  it('serves bindings, with an identity of their own', async () => {
    await eventually(() => func.output().includes('heard of London'));

    expect(storage.askedFor).toContain('the-identity-of-the-queue');
  });

  it('is reached by func durable', async () => {
    const { id } = await start(`${func.url}/runtime/webhooks/durabletask/orchestrators/Greets`);

    const args = ['durable', 'get-history', '--id', id];
    const { code, stdout, stderr } = await runCommand(args, { cwd: app.folder, env });

    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('"ExecutionStarted"');
  });
});
