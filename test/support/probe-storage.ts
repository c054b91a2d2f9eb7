/** What the hub of a probe holds, read past its host: from the tables and blobs of the emulator, or from the database of a folder. */
import path from 'node:path';
import { TableClient } from '@azure/data-tables';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { toInstanceId } from '../../src/core/ids.ts';
import { readEvents } from '../../src/local/histories.ts';
import { HubDatabase } from '../../src/local/hub-database.ts';
import { HubHealth } from '../../src/local/hub-health.ts';
import type { HubTables } from '../../src/local/hub-tables.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { azureOptions } from '../azure-storage/azure-options.ts';
import { hubsOf, IS_LOCAL, type ProbeHost } from './probe-host.ts';

export type Row = Readonly<Record<string, unknown>>;
type Hub = Pick<ProbeHost, 'hub' | 'folder' | 'storage'>;

/** How many things there are of an instance. */
export interface StoredOfInstance {
  readonly instances: number;
  readonly history: number;
  /** Payloads that lie beside rows, being long. */
  readonly payloads: number;
}

/** The history of the current execution. */
export async function eventsOf(hub: Hub, id: string): Promise<readonly HistoryEvent[]> {
  if (IS_LOCAL) return await inFolder(hub, (tables) => readEvents(tables, toInstanceId(id)));
  const options = azureOptions({ account: hub.storage, taskHub: hub.hub });
  return await createAzureStorageBackend(options).readHistory(toInstanceId(id));
}

/** @param id needs no escaping. */
export async function storedOf(hub: Hub, id: string): Promise<StoredOfInstance> {
  if (IS_LOCAL) {
    return await inFolder(hub, (tables) => ({
      instances: tables.instances.doesExist(id) ? 1 : 0,
      history: readEvents(tables, toInstanceId(id)).length,
      payloads: tables.payloads.getKeysCount({ start: [id, ''], end: [id, '\uffff'] }),
    }));
  }
  const [instances, history, blobs] = await Promise.all([
    rowsOf(hub, 'Instances', id),
    rowsOf(hub, 'History', id),
    blobNames(hub, id),
  ]);
  return { instances: instances.length, history: history.length, payloads: blobs.length };
}

/** As the official client reads them. @param eventType all when absent. */
export async function rowsOf(
  { hub, storage }: Hub,
  table: 'History' | 'Instances',
  id: string,
  eventType?: string,
): Promise<Row[]> {
  const client = TableClient.fromConnectionString(storage, `${hub}${table}`, {
    allowInsecureConnection: true,
  });
  const ofInstance = `PartitionKey eq '${id}'`;
  const filter =
    eventType === undefined ? ofInstance : `${ofInstance} and EventType eq '${eventType}'`;
  const rows: Row[] = [];
  for await (const row of client.listEntities({ queryOptions: { filter } })) rows.push(row);
  return rows;
}

/** Names of the blobs that hold what is too long for a message or a row. */
export async function blobNames(hub: Hub, id: string): Promise<string[]> {
  const names: string[] = [];
  const found = largeMessages(hub).listBlobsFlat({ prefix: `${id}/` });
  for await (const { name } of found) names.push(name);
  return names;
}

export function largeMessages({ hub, storage }: Hub): ContainerClient {
  const account = BlobServiceClient.fromConnectionString(storage);
  return account.getContainerClient(`${hub.toLowerCase()}-largemessages`);
}

async function inFolder<Result>(
  { hub: taskHub, folder }: Hub,
  look: (tables: HubTables) => Result,
): Promise<Result> {
  const database = new HubDatabase({
    taskHub,
    folder: path.join(hubsOf(folder), taskHub),
    health: new HubHealth(taskHub, silentLogger),
  });
  try {
    return database.read(look);
  } finally {
    await database.close();
  }
}
