// How much a hub holds, read past the engine: what is left when everything has ended, and when everything is purged.
import path from 'node:path';
import { TableClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { HubDatabase } from '../../dist/local/hub-database.js';

/** @returns {Promise<{ messages: number, instances: number, histories: number, payloads: number }>} rows, and payloads beside them. */
export function countStored(storage, hub) {
  return storage.folder === undefined
    ? countInAzure(storage.connection, hub)
    : countInFolder(storage.folder, hub);
}

async function countInFolder(parent, taskHub) {
  const health = { failed: () => undefined, worked: () => undefined };
  const database = new HubDatabase({ taskHub, folder: path.join(parent, taskHub), health });
  try {
    return database.read((tables) => {
      const count = (...of) => of.reduce((sum, table) => sum + table.getKeysCount(), 0);
      const { control, workItems } = tables;
      return {
        messages: count(control.ready, control.due, workItems.ready, workItems.due),
        instances: count(tables.instances),
        histories: count(tables.histories, tables.events),
        payloads: count(tables.payloads),
      };
    });
  } finally {
    await database.close();
  }
}

async function countInAzure(connection, hub) {
  const prefix = hub.toLowerCase();
  const queues = QueueServiceClient.fromConnectionString(connection);
  let messages = 0;
  for await (const { name } of queues.listQueues({ prefix })) {
    const { approximateMessagesCount = 0 } = await queues.getQueueClient(name).getProperties();
    messages += approximateMessagesCount;
  }
  const container = BlobServiceClient.fromConnectionString(connection).getContainerClient(
    `${prefix}-largemessages`,
  );
  return {
    messages,
    instances: await countOf(rows(connection, `${hub}Instances`)),
    histories: await countOf(rows(connection, `${hub}History`)),
    payloads: (await container.exists()) ? await countOf(container.listBlobsFlat()) : 0,
  };
}

function rows(connection, table) {
  const client = TableClient.fromConnectionString(connection, table, {
    allowInsecureConnection: true,
  });
  return client.listEntities({ queryOptions: { select: ['PartitionKey'] } });
}

async function countOf(items) {
  let count = 0;
  for await (const _ of items) count++;
  return count;
}
