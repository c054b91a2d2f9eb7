/**
 * The `blob` binding: the content of a blob as a function's input, a function's output as the content of one. Mirrors
 * BlobsExtensionConfigProvider of the WebJobs storage extension under the Functions host's FunctionBinding.BindStreamAsync.
 */
import type { ContainerClient } from '@azure/storage-blob';
import { codeOf, statusOf, storageCall } from '../azure-storage/storage-error.ts';
import { InvalidInputError } from '../core/errors.ts';
import type { BindingExtension } from '../function-app/binding-extension.ts';
import type { BindingInfo } from '../function-app/function-declaration.ts';
import { type RpcTypedData, toJsonText } from '../function-app/rpc-typed-data.ts';
import { type BindingUse, resolveBindingExpression } from './binding-expression.ts';
import { problemOfProperties, textProperty } from './binding-properties.ts';
import { type BlobPath, checkContainerName, parseBlobPath } from './blob-path.ts';
import type { StorageAccounts } from './storage-account.ts';
import { StorageWatcher } from './storage-watcher.ts';

export const NO_SDK_BINDING =
  "this host hands blobs over by their content, not as clients of the storage SDK. Leave 'sdkBinding' out, or make the client yourself with @azure/storage-blob.";

/** Above it, several requests share the work; the content still appears at once, when the last is done. */
const UPLOAD = { maxSingleShotSize: 8 * 1024 * 1024 };

/** @param watcher is told of the blobs that are written. */
export function blobBinding(
  accounts: StorageAccounts,
  watcher = new StorageWatcher(),
): BindingExtension {
  const container = ({ binding }: BindingUse, path: BlobPath): ContainerClient =>
    accounts.clientsOf(binding, 'blob').container(path.container);
  return {
    types: ['blob'],
    supports: (binding) => problemOf(binding) ?? accounts.problemOf(binding, 'blob'),
    async read(binding, fn, triggerMetadata) {
      const use = { binding, fn, triggerMetadata };
      const path = pathOf(use);
      const content = await readBlob(container(use, path), path);
      return content && toTypedData(content, binding.dataType);
    },
    async write(binding, value, fn, triggerMetadata) {
      const use = { binding, fn, triggerMetadata };
      const path = pathOf(use);
      const written = container(use, path);
      await writeBlob(written, path, toContent(value, binding.name));
      watcher.notify(written.url);
    },
  };
}

/** A path may be left empty by functions that never give the output a value; official samples do. */
function problemOf(binding: BindingInfo): string | undefined {
  if (binding.direction === 'inout') {
    return "blobs are read with the direction 'in' and written with 'out'. For both declare two bindings.";
  }
  if (usesSdkBinding(binding)) return NO_SDK_BINDING;
  return problemOfProperties(binding, [], ['path']) ?? problemOfContainer(binding);
}

/** A name with expressions is complete only when the function runs. */
function problemOfContainer(binding: BindingInfo): string | undefined {
  const path = textProperty(binding, 'path');
  if (path === undefined || /^[^/]*[{}]/.test(path)) return undefined;
  try {
    checkContainerName(path);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidInputError) return error.message;
    throw error;
  }
}

/** Whether it asks for a client of the storage SDK in place of the content. */
export function usesSdkBinding(binding: BindingInfo): boolean {
  const { properties } = binding as { readonly properties?: unknown };
  return (
    typeof properties === 'object' &&
    properties !== null &&
    'supportsDeferredBinding' in properties &&
    properties.supportsDeferredBinding === 'true'
  );
}

/** @throws {InvalidInputError} */
function pathOf(use: BindingUse): BlobPath {
  const path = resolveBindingExpression(textProperty(use.binding, 'path') ?? '', use);
  try {
    return parseBlobPath(path);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new InvalidInputError(
      `The binding '${use.binding.name}' of function '${use.fn.name}': ${error.message}`,
      { cause: error },
    );
  }
}

/** undefined when there is no such blob. */
async function readBlob(
  container: ContainerClient,
  { container: containerName, blob }: BlobPath,
): Promise<Buffer | undefined> {
  try {
    return await storageCall(`read blob '${containerName}/${blob}'`, async () => {
      // One request: the content is that of one version, even if the blob is written meanwhile.
      const { readableStreamBody } = await container.getBlobClient(blob).download();
      const chunks: Buffer[] = [];
      for await (const chunk of readableStreamBody ?? []) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks);
    });
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

async function writeBlob(
  container: ContainerClient,
  { container: containerName, blob }: BlobPath,
  content: Buffer,
): Promise<void> {
  const client = container.getBlockBlobClient(blob);
  await storageCall(`write blob '${containerName}/${blob}'`, async () => {
    try {
      await client.uploadData(content, UPLOAD);
    } catch (error) {
      if (codeOf(error) !== 'ContainerNotFound') throw error;
      await container.createIfNotExists();
      await client.uploadData(content, UPLOAD);
    }
  });
}

/** Text unless the binding says otherwise: the function libraries parse what is JSON. */
function toTypedData(content: Buffer, dataType = 'string'): RpcTypedData {
  return dataType.toLowerCase() === 'string'
    ? { string: new TextDecoder().decode(content) }
    : { bytes: content };
}

/** Unlike under the .NET host, numbers are written as text, not as four bytes. */
function toContent(value: RpcTypedData, bindingName: string): Buffer {
  const bytes = value.bytes ?? value.stream;
  if (bytes !== undefined) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = value.string ?? toJsonText(value);
  if (text !== null) return Buffer.from(text);
  throw new InvalidInputError(
    `The output binding '${bindingName}' takes a text, a Buffer, or a value that can be JSON.`,
  );
}
