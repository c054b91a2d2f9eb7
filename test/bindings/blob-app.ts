/** Real function apps with blob triggers, on the shared Azurite. */
import { onTestFinished } from 'vitest';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { blobBinding } from '../../src/bindings/blob-binding.ts';
import { createBlobTriggers } from '../../src/bindings/blob-trigger/blob-triggers.ts';
import { StorageAccounts } from '../../src/bindings/storage-account.ts';
import { StorageWatcher } from '../../src/bindings/storage-watcher.ts';
import type { InvocationResult } from '../../src/function-app/function-app.ts';
import { loadFunctionApp } from '../../src/function-app/load-function-app.ts';
import { azuriteConnectionString } from '../support/azurite.ts';
import { createScratchApp } from '../support/scratch-app.ts';
import { recordingLog } from '../triggers/app-values.ts';
import { storage } from './bound-app.ts';

/** A classic function `F` that is triggered by blobs; `code` sees `context` and `blob`. */
export function classicBlobFunction(
  path: string,
  code: string,
  more: { readonly trigger?: object; readonly bindings?: readonly object[] } = {},
): Record<string, unknown> {
  const trigger = { type: 'blobTrigger', direction: 'in', name: 'blob', path };
  return {
    'F/function.json': { bindings: [{ ...trigger, ...more.trigger }, ...(more.bindings ?? [])] },
    'F/index.js': `module.exports = async function (context, blob) { ${code} };`,
  };
}

/** The same in the v4 model. */
export function v4BlobFunction(path: string, code: string): Record<string, unknown> {
  return {
    'package.json': { main: 'index.js' },
    'index.js': `
      const { app } = require('@azure/functions');
      app.storageBlob('F', {
        path: ${JSON.stringify(path)},
        connection: 'AzureWebJobsStorage',
        handler: async (blob, context) => { ${code} },
      });`,
  };
}

export async function blobApp(files: Readonly<Record<string, unknown>>, hostId: string) {
  const scratch = await createScratchApp({
    files,
    packages: { '@azure/functions': '@azure/functions' },
  });
  onTestFinished(() => scratch.remove());
  const log = recordingLog();
  const accounts = new StorageAccounts(() => openStorage(azuriteConnectionString(), undefined));
  const watcher = new StorageWatcher();
  const app = await loadFunctionApp({
    scriptRoot: scratch.folder,
    environment: {},
    log,
    bindings: [blobBinding(accounts, watcher)],
    resolveSetting: (text) => text,
  });
  onTestFinished(() => app.dispose());
  const results: InvocationResult[] = [];
  const invoke: typeof app.invoke = async (...args) => {
    const result = await app.invoke(...args);
    results.push(result);
    return result;
  };
  const triggers = createBlobTriggers({
    app: { functions: app.functions, invoke },
    settings: { maxDegreeOfParallelism: 8, poisonBlobThreshold: 5, maxPollingIntervalMs: 100 },
    ...{ accounts, hostId, watcher, log },
  });
  const stop = (abort: AbortSignal = new AbortController().signal) => triggers.stop(abort);
  onTestFinished(() => stop(AbortSignal.abort()));
  return {
    ...{ app, results, log, stop, triggers },
    /** What the runs that succeeded returned. */
    returned: () =>
      results.map((result) => {
        if (result.kind !== 'succeeded') return result.message;
        return result.returnValue?.string ?? result.returnValue?.json;
      }),
    problems: [...app.problems, ...triggers.problems],
    start: () => {
      triggers.start();
    },
  };
}

export async function putBlob(
  container: string,
  name: string,
  content: string | Buffer,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const client = storage().container(container);
  await client.createIfNotExists();
  await client.getBlockBlobClient(name).uploadData(Buffer.from(content as string), {
    metadata: { ...metadata },
    blobHTTPHeaders: { blobContentType: 'text/plain' },
  });
}
