/** A function with a blob trigger, with what its binding says and the account that its blobs are in. */
import type { StorageClients } from '../../azure-storage/clients/storage-clients.ts';
import { InvalidInputError } from '../../core/errors.ts';
import type { LoadedFunction } from '../../function-app/function-declaration.ts';
import { NO_SDK_BINDING, usesSdkBinding } from '../blob-binding.ts';
import { textProperty } from '../binding-properties.ts';
import type { StorageAccounts } from '../storage-account.ts';
import { functionIdOf } from './blob-message.ts';
import { type BlobPattern, parseBlobPattern } from './blob-pattern.ts';

export interface BlobFunction {
  readonly fn: LoadedFunction;
  readonly functionId: string;
  readonly pattern: BlobPattern;
  /** Blobs and queues of the account. */
  readonly blobs: StorageClients;
  readonly queues: StorageClients;
}

/** Beside its own account it needs that of the host. @throws {DurableError} whose message completes "The binding 'x': ". */
export function blobFunction(fn: LoadedFunction, accounts: StorageAccounts): BlobFunction {
  const { trigger } = fn;
  if (/^eventgrid$/i.test(textProperty(trigger, 'source') ?? '')) {
    throw new InvalidInputError(
      `its 'source' is 'EventGrid', and this host has no way to be told by Event Grid. Leave 'source' out: the container is then scanned for new blobs.`,
    );
  }
  if (usesSdkBinding(trigger)) throw new InvalidInputError(NO_SDK_BINDING);
  accounts.hostClients('queue');
  accounts.hostClients('blob');
  return {
    fn,
    functionId: functionIdOf(fn.name),
    pattern: parseBlobPattern(textProperty(trigger, 'path')),
    blobs: accounts.clientsOf(trigger, 'blob'),
    queues: accounts.clientsOf(trigger, 'queue'),
  };
}
