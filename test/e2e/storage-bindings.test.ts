/**
 * Apps with blob, table and Cosmos DB bindings and manual triggers, as the official samples and the documentation write them,
 * under `func start`. The samples lie beside the repository; without them their tests are skipped, loudly. Scenarios B-18, OP-48.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createHttpServer } from '@vercel/cosmosdb-server';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { REPOSITORY, startFunc, type FuncProcess } from '../support/func-process.ts';
import { post, run } from '../support/instances.ts';
import { createScratchApp, isInstalled } from '../support/scratch-app.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';

const APPS = path.join(REPOSITORY, '..', 'shared', 'apps');
const hasSamples = existsSync(APPS) && isInstalled('readdirp');
if (!hasSamples) {
  process.stderr.write('SKIPPED: the official samples are not beside the repository.\n');
}

type AppOptions = Parameters<typeof createScratchApp>[0];

async function startApp(
  options: AppOptions,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly folder: string; readonly func: FuncProcess }> {
  const scratch = await createScratchApp(options);
  onTestFinished(() => scratch.remove());
  const { folder } = scratch;
  const func = await startFunc({
    cwd: folder,
    env: {
      AzureWebJobsStorage: azuriteConnectionString(),
      FUNCTIONS_WORKER_RUNTIME: 'node',
      AzureFunctionsJobHost__extensions__durableTask__hubName: freshHubName('Bindings'),
      ...env,
    },
  });
  onTestFinished(async () => {
    await func.stop();
  });
  return { folder, func };
}

async function runByHand({ url }: FuncProcess, name: string, input: unknown): Promise<void> {
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  const response = await post(`${url}/admin/functions/${name}`, { input: text });
  expect(response.status).toBe(202);
}

async function blobText(container: string, blob: string): Promise<string | undefined> {
  const client = openStorage(azuriteConnectionString(), undefined)
    .container(container)
    .getBlobClient(blob);
  return (await client.exists()) ? String(await client.downloadToBuffer()) : undefined;
}

const POLLING = { timeoutMs: 15_000, intervalMs: 50 };

const inOurModules = (name: string) => JSON.stringify(path.join(REPOSITORY, 'node_modules', name));

/** Packages that the samples ask for in versions of long ago, made of today's. */
const OLD_PACKAGES = {
  readdirp3: `module.exports = require(${inOurModules('readdirp/index.js')}).readdirp;`,
  readdirp2: `const { readdirp } = require(${inOurModules('readdirp/index.js')});
    module.exports = ({ root }, onEntry, onEnd) => readdirp(root, { type: 'all', alwaysStat: true })
      .on('data', (entry) => onEntry({ ...entry, stat: entry.stats })).on('end', () => onEnd(null));`,
  azureStorage: `const { BlobServiceClient } = require(${inOurModules('@azure/storage-blob')});
    const client = BlobServiceClient.fromConnectionString(process.env.AzureWebJobsStorage);
    exports.createBlobService = () => ({
      createContainerIfNotExists: (name, done) =>
        client.getContainerClient(name).createIfNotExists().then(() => done(null), done),
      createBlockBlobFromStream: (container, blob, stream, size, done) =>
        client.getContainerClient(container).getBlockBlobClient(blob).uploadStream(stream).then(() => done(null), done),
    });`,
};

/** Some files of known sizes in the folder of an app. */
async function makeSite(folder: string): Promise<{ readonly site: string; readonly mark: string }> {
  const mark = freshHubName('mark');
  const site = path.join(folder, 'site');
  await mkdir(path.join(site, mark), { recursive: true });
  await writeFile(path.join(site, mark, 'index.html'), '<h1>é</h1>');
  await writeFile(path.join(site, mark, 'data.json'), '{ "a" : 1 }');
  await writeFile(path.join(site, mark, 'empty'), '');
  for (let i = 0; i < 27; i++)
    await writeFile(path.join(site, mark, `${i}.bin`), Buffer.alloc(100));
  return { site, mark };
}

describe.skipIf(!hasSamples)('the official samples', () => {
  it('backupSiteContent of v4 copies a folder into blobs by an output binding', async () => {
    const { func, folder } = await startApp(
      {
        copyOf: path.join(APPS, 'v4-samples-js'),
        packages: {
          'durable-functions': 'durable-functions',
          '@azure/functions': '@azure/functions',
        },
        files: { 'node_modules/readdirp/index.js': OLD_PACKAGES.readdirp3 },
      },
      { StorageConnString: azuriteConnectionString() },
    );
    const { site, mark } = await makeSite(folder);

    const status = await run(`${func.url}/api/orchestrators/backupSiteContent`, site);

    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: 2722 });
    expect(await blobText('backups', `${mark}/index.html`)).toBe('<h1>é</h1>');
    expect(await blobText('backups', `${mark}/data.json`)).toBe('{ "a" : 1 }');
    expect(await blobText('backups', `${mark}/empty`)).toBe('');
  });

  it('E2_BackupSiteContent of 2.x does so by itself, beside an output without a path', async () => {
    const { func, folder } = await startApp({
      copyOf: path.join(APPS, 'classic-samples-v2.1.3'),
      packages: { 'durable-functions': 'durable-functions-v2' },
      files: {
        'node_modules/readdirp/index.js': OLD_PACKAGES.readdirp2,
        'node_modules/azure-storage/index.js': OLD_PACKAGES.azureStorage,
      },
    });
    const { site, mark } = await makeSite(folder);

    const status = await run(`${func.url}/orchestrators/E2_BackupSiteContent`, site);

    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: 2722 });
    const blob = path.join(site, mark, 'index.html').slice(1);
    expect(await blobText('backups', blob)).toBe('<h1>é</h1>');
  });
});

/** A classic app: SendInstanceInfo and the manual triggers of the documentation's page on managing instances. */
function classicApp(container: string): Record<string, unknown> {
  const client = { name: 'starter', type: 'durableClient', direction: 'in' };
  const manual = (name: string) => ({ name, type: 'manualTrigger', direction: 'in' });
  const json = (...bindings: object[]) => ({ bindings });
  return {
    'package.json': {},
    'Watched/function.json': json({ name: 'context', type: 'orchestrationTrigger' }),
    'Watched/index.js': `
      const df = require('durable-functions');
      module.exports = df.orchestrator(function* (context) {
        const instanceId = context.df.instanceId;
        yield context.df.callActivity('SendInstanceInfo', { instanceId });
        yield context.df.callActivity('Backup', { backupPath: instanceId + '/x.txt', text: 'a copy' });
        return instanceId;
      });`,
    'SendInstanceInfo/function.json': json(
      { name: 'ctx', type: 'activityTrigger', direction: 'in' },
      client,
      {
        name: 'document',
        type: 'documentDB',
        direction: 'out',
        databaseName: 'MonitorDB',
        collectionName: 'HttpManagementPayloads',
        connectionStringSetting: 'CosmosDBConnection',
        createIfNotExists: true,
      },
    ),
    'SendInstanceInfo/index.js': `
      const df = require("durable-functions");

      module.exports = async function(context, ctx) {
          const client = df.getClient(context);

          const payload = client.createHttpManagementPayload(ctx.instanceId);

          // send the payload to Cosmos DB
          context.bindings.document = JSON.stringify({
              id: ctx.instanceId,
              payload,
          });
      };`,
    'Backup/function.json': json(
      { name: 'item', type: 'activityTrigger' },
      { name: 'out', type: 'blob', path: '%CONTAINER%/{backupPath}', direction: 'out' },
      {
        name: 'row',
        type: 'table',
        tableName: container,
        partitionKey: 'backups',
        direction: 'out',
      },
    ),
    'Backup/index.js': `module.exports = async (context, item) => {
      context.bindings.out = item.text;
      context.bindings.row = { RowKey: item.backupPath.replace('/', '-'), size: item.text.length };
    };`,
    'Start/function.json': json(manual('instanceId'), client),
    'Start/index.js': `const df = require('durable-functions');
      module.exports = async (context, instanceId) => { await df.getClient(context).startNew('Watched', instanceId); };`,
    'Purge/function.json': json(
      manual('item'),
      client,
      { name: 'copy', type: 'blob', path: '%CONTAINER%/{id}/x.txt', direction: 'in' },
      {
        name: 'row',
        type: 'table',
        tableName: container,
        partitionKey: 'backups',
        rowKey: '{id}-x.txt',
        direction: 'in',
      },
      { name: '$return', type: 'blob', path: '%CONTAINER%/{id}/purged.json', direction: 'out' },
    ),
    'Purge/index.js': `const df = require('durable-functions');
      module.exports = async (context, item) => {
        const { instancesDeleted } = await df.getClient(context).purgeInstanceHistory(item.id);
        return { instancesDeleted, copy: context.bindings.copy, row: context.bindings.row };
      };`,
  };
}

describe('a classic app', () => {
  it('writes to Cosmos DB, blobs and tables, and is run by hand', async () => {
    const cosmos = createHttpServer();
    cosmos.listen(0, '127.0.0.1');
    await once(cosmos, 'listening');
    onTestFinished(() => {
      cosmos.close();
      cosmos.closeAllConnections();
    });
    const endpoint = `http://127.0.0.1:${(cosmos.address() as AddressInfo).port}`;
    const container = freshHubName('backup').toLowerCase();
    const { func } = await startApp(
      { files: classicApp(container), packages: { 'durable-functions': 'durable-functions-v2' } },
      {
        CosmosDBConnection: `AccountEndpoint=${endpoint}/;AccountKey=YQ==`,
        CONTAINER: container,
      },
    );
    const id = freshHubName('i').toLowerCase();

    await runByHand(func, 'Start', id);
    await eventually(async () => (await blobText(container, `${id}/x.txt`)) === 'a copy', POLLING);

    const documents = await fetch(`${endpoint}/dbs/MonitorDB/colls/HttpManagementPayloads/docs`);
    expect(await documents.json()).toMatchObject({
      Documents: [
        { id, payload: { id, statusQueryGetUri: expect.stringContaining(id) as unknown } },
      ],
    });

    await eventually(async () => {
      const response = await fetch(`${func.url}/runtime/webhooks/durabletask/instances/${id}`);
      return response.status === 200;
    }, POLLING);
    await runByHand(func, 'Purge', { id });
    const purged = await eventually(() => blobText(container, `${id}/purged.json`), POLLING);
    expect(JSON.parse(purged)).toEqual({
      instancesDeleted: 1,
      copy: 'a copy',
      row: { PartitionKey: 'backups', RowKey: `${id}-x.txt`, size: 6 },
    });
  });
});

describe('a v4 app', () => {
  it('starts an orchestration for each blob, whose outputs are written, and runs what it has no trigger for by hand', async () => {
    const container = freshHubName('blobs').toLowerCase();
    const { func } = await startApp({
      files: {
        'package.json': { main: 'index.js' },
        'index.js': `
          const { app, output } = require('@azure/functions');
          const df = require('durable-functions');
          const copy = output.storageBlob({ path: '${container}-out/{input.name}', connection: 'AzureWebJobsStorage' });
          app.storageBlob('Arrives', {
            path: '${container}/{name}', connection: 'AzureWebJobsStorage', extraInputs: [df.input.durableClient()],
            handler: (blob, context) => df.getClient(context).startNew('Copies', {
              input: { name: context.triggerMetadata.name, text: blob.toString() } }),
          });
          df.app.orchestration('Copies', { extraOutputs: [copy], handler: function* (context) {
            const { text } = context.df.getInput();
            context.extraOutputs.set(copy, yield context.df.callActivity('Upper', text));
          } });
          df.app.activity('Upper', { handler: (text) => text.toUpperCase() });
          app.serviceBusQueue('Bus', { queueName: 'q', connection: 'C', handler: (message, context) => {
            context.log('from the bus: ' + message.order);
          } });`,
      },
      packages: {
        'durable-functions': 'durable-functions',
        '@azure/functions': '@azure/functions',
      },
    });
    const inbox = openStorage(azuriteConnectionString(), undefined).container(container);
    await inbox.create();

    await inbox.getBlockBlobClient('a.txt').upload('hello', 5);
    await runByHand(func, 'Bus', { order: 7 });

    await eventually(
      async () => (await blobText(`${container}-out`, 'a.txt')) === 'HELLO',
      POLLING,
    );
    await eventually(() => func.output().includes('from the bus: 7'), POLLING);
    expect(func.output()).toContain("a trigger of the type 'serviceBusTrigger', which this host");
  });
});
