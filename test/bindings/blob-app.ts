/** Real function apps with blob triggers, on the shared Azurite. */
import { blobBinding } from '../../src/bindings/blob-binding.ts';
import { createBlobTriggers } from '../../src/bindings/blob-trigger/blob-triggers.ts';
import { azuriteConnectionString } from '../support/azurite.ts';
import { storage } from './bound-app.ts';
import { triggeredApp } from './triggered-app.ts';

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
  return triggeredApp(files, azuriteConnectionString(), {
    binding: blobBinding,
    triggers: (parts) =>
      createBlobTriggers({
        ...parts,
        hostId,
        settings: { maxDegreeOfParallelism: 8, poisonBlobThreshold: 5, maxPollingIntervalMs: 100 },
      }),
  });
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
