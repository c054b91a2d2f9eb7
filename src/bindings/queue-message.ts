/**
 * How a message is written in a queue, by `messageEncoding` of host.json, and how it gets there. Mirrors QueueMessageEncoding of
 * the storage clients and QueueClientExtensions.AddMessageAndCreateIfNotExistsAsync.
 */
import type { QueueClient } from '@azure/storage-queue';
import { codeOf, storageCall } from '../azure-storage/storage-error.ts';

export type QueueEncoding = 'base64' | 'none';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function encodeBody(body: string | Uint8Array, encoding: QueueEncoding): string {
  const bytes = Buffer.from(body as string);
  return bytes.toString(encoding === 'base64' ? 'base64' : 'utf8');
}

/** undefined when the text is not in the encoding. */
export function decodeBody(text: string, encoding: QueueEncoding): Buffer | undefined {
  if (encoding === 'none') return Buffer.from(text, 'utf8');
  const compact = text.replaceAll(/\s/g, '');
  return BASE64.test(compact) ? Buffer.from(compact, 'base64') : undefined;
}

/**
 * Makes the queue when it is missing.
 * @throws {BackendUnavailableError} when storage refuses the message, or does not answer.
 */
export async function putMessage(queue: QueueClient, text: string): Promise<void> {
  const put = () =>
    storageCall(`put a message to queue '${queue.name}'`, () => queue.sendMessage(text));
  try {
    await put();
  } catch (error) {
    if (codeOf(error) !== 'QueueNotFound') throw error;
    await storageCall(`create queue '${queue.name}'`, () => queue.createIfNotExists());
    await put();
  }
}
