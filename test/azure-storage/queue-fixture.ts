/** A queue of its own on the shared Azurite, and a count of the requests to it. */
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { MessageQueue } from '../../src/azure-storage/queues/message-queue.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';

export interface QueueFixture {
  readonly queue: MessageQueue;
  /** Names of the requests so far: `put`, `get`, `update`, … */
  readonly requests: string[];
}

export async function freshQueue(): Promise<QueueFixture> {
  const requests: string[] = [];
  const storage = openStorage(azuriteConnectionString(), (_, operation) => {
    requests.push(operation);
  });
  const name = freshHubName('queue').toLowerCase();
  const queue = new MessageQueue(storage.queue(name), storage.messages(name), Date.now);
  await queue.create();
  return { queue, requests };
}
