/** Puts a message to a queue, which is made when it is missing. Mirrors QueueClientExtensions.AddMessageAndCreateIfNotExistsAsync. */
import type { QueueClient } from '@azure/storage-queue';
import { codeOf, storageCall } from '../azure-storage/storage-error.ts';

/** @throws {BackendUnavailableError} when storage refuses the message, or does not answer. */
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
