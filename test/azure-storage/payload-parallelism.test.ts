/** Many large payloads at once: storage is asked for several side by side, but never for all. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { LargePayloads } from '../../src/azure-storage/blobs/large-payloads.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import { HistoryTable } from '../../src/azure-storage/tables/history-table.ts';
import { InstancesTable } from '../../src/azure-storage/tables/instances-table.ts';
import { firstCommit, id, start, taskScheduled } from '../contract/sample-messages.ts';
import { azureOptions } from './azure-options.ts';

const LARGE = 'x'.repeat(31_000);
const options = azureOptions();
const names = hubNames(options.taskHub, options.partitionCount);
const storage = openStorage(options.account, undefined);
const backend = createAzureStorageBackend(options);
const common = { now: Date.now, newId: () => '0a1b2c3d' };

beforeAll(() => backend.createHub());
afterAll(() => backend.deleteHub());

/** Notes how many transfers were under way at once. */
class CountedPayloads extends LargePayloads {
  most = 0;
  #now = 0;

  constructor() {
    super(storage.container(names.largeMessageContainer));
  }

  override upload(name: string, text: string): Promise<void> {
    return this.#count(super.upload(name, text));
  }

  override download(name: string): Promise<string> {
    return this.#count(super.download(name));
  }

  async #count<Result>(transfer: Promise<Result>): Promise<Result> {
    this.most = Math.max(this.most, ++this.#now);
    try {
      return await transfer;
    } finally {
      this.#now--;
    }
  }
}

describe('large payloads of', () => {
  it('a commit are written 16 at a time, and its events keep their order', async () => {
    const payloads = new CountedPayloads();
    const table = storage.table(names.historyTable);
    const rows = storage.rows(names.historyTable);
    const history = new HistoryTable({ ...common, table, rows, payloads, storeInputs: true });
    const started = start(id('fan-out'));
    const newEvents = Array.from(
      { length: 40 },
      (_, n) => taskScheduled(started, n, { Input: n % 4 === 3 ? '1' : LARGE }).event,
    );

    await history.append(firstCommit(started, { newEvents }), undefined);

    expect(payloads.most).toBe(16);
    const { events } = await history.load(started.target.instanceId);
    expect(events.map(({ EventId }) => EventId)).toEqual(newEvents.map(({ EventId }) => EventId));
    expect(events).toMatchObject(newEvents.map(({ Input }) => ({ Input })));
  });

  it('a list of instances are read 16 at a time, and the instances keep their order', async () => {
    const payloads = new CountedPayloads();
    const table = storage.table(names.instancesTable);
    const instances = new InstancesTable({
      ...common,
      taskHub: options.taskHub,
      table,
      rows: storage.rows(names.instancesTable),
      payloads,
    });
    const ids = Array.from({ length: 40 }, (_, n) => `listed-${10 + n}`);
    for (const name of ids) {
      await instances.insertStart(start(id(name), { Input: LARGE }), undefined, undefined);
    }
    payloads.most = 0;

    const page = await instances.list({ pageSize: 100, includeInput: true, includeOutput: true });

    expect(payloads.most).toBe(16);
    expect(page.instances.map(({ instanceId }) => instanceId)).toEqual(ids);
    expect(page.instances.every(({ input }) => input === LARGE)).toBe(true);
  });
});
