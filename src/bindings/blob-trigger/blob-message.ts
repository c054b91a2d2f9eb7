/**
 * A message about a blob that was found, in the queue that hands blobs out to the hosts of an app, and in the poison queue. Mirrors
 * BlobTriggerMessage of the WebJobs storage extension.
 */
import { isRecord, optionalText, parseJson } from '../../base/json.ts';
import type { FoundBlob } from './blob-receipts.ts';

export type BlobType = 'BlockBlob' | 'AppendBlob' | 'PageBlob';

export const POISON_QUEUE = 'webjobs-blobtrigger-poison';

export function blobQueueName(hostId: string): string {
  return `azure-webjobs-blobtrigger-${hostId}`;
}

/** As the .NET host calls a function of the app. */
export function functionIdOf(functionName: string): string {
  return `Host.Functions.${functionName}`;
}

export function blobMessage(
  { functionId, container, blob, etag }: FoundBlob,
  blobType: BlobType,
): string {
  return JSON.stringify({
    Type: 'BlobTrigger',
    FunctionId: functionId,
    BlobType: blobType,
    ContainerName: container,
    BlobName: blob,
    ETag: etag,
  });
}

/** undefined for what is no such message. */
export function parseBlobMessage(text: string): FoundBlob | undefined {
  const message = parseJson(text);
  if (!isRecord(message)) return undefined;
  const functionId = optionalText(message['FunctionId']);
  const container = optionalText(message['ContainerName']);
  const blob = optionalText(message['BlobName']);
  const etag = optionalText(message['ETag']);
  if (functionId === undefined || container === undefined || blob === undefined) return undefined;
  return { functionId, container, blob, etag: etag ?? '' };
}
