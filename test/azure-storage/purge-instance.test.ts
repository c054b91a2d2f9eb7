import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { LargePayloads } from '../../src/azure-storage/blobs/large-payloads.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import { purgeInstance } from '../../src/azure-storage/purge-instance.ts';
import { InstancesTable } from '../../src/azure-storage/tables/instances-table.ts';
import { HistoryTable } from '../../src/azure-storage/tables/history-table.ts';
import { SessionLostError } from '../../src/core/errors.ts';
import {
  executionCompleted,
  firstCommit,
  id,
  nextCommit,
  orchestratorStarted,
  start,
} from '../contract/sample-messages.ts';
import { azureOptions } from './azure-options.ts';

const options = azureOptions();
const names = hubNames(options.taskHub, options.partitionCount);
const storage = openStorage(options.account, undefined);
const backend = createAzureStorageBackend(options);
const payloads = new LargePayloads(storage.container(names.largeMessageContainer));
const instances = new InstancesTable({
  taskHub: options.taskHub,
  table: storage.table(names.instancesTable),
  rows: storage.rows(names.instancesTable),
  payloads,
  now: Date.now,
  newId: () => 'new',
});

beforeEach(() => backend.createHub());
afterEach(() => backend.deleteHub());

const history = new HistoryTable({
  table: storage.table(names.historyTable),
  rows: storage.rows(names.historyTable),
  payloads,
  storeInputs: false,
  now: Date.now,
  newId: () => 'new',
});

/** A finished instance; `count` events more than its beginning. */
async function finished(
  name: string,
  { count = 0, status = 'Failed' }: { count?: number; status?: 'Failed' | 'Completed' } = {},
) {
  const started = start(id(name));
  const { instanceId, executionId } = started.target;
  await backend.createInstance(started, undefined);
  const more = Array.from({ length: count }, () => orchestratorStarted());
  const end = { ...executionCompleted('"done"'), OrchestrationStatus: status };
  const begun = firstCommit(started);
  const newEvents = [...begun.newEvents, ...more, end];
  const { token } = await history.append({ ...begun, newEvents }, undefined);
  const instance = { executionId: executionId ?? '', runtimeStatus: status, customStatus: null };
  await backend.repairInstance({
    instanceId,
    instance: { ...instance, lastUpdatedTime: new Date().toISOString() },
  });
  const record = await backend.findInstance(instanceId);
  if (record === undefined) throw new Error('There is no row.');
  return { instanceId, record, token, endIndex: newEvents.length - 1, started };
}

/** The first part of a rewind: the history. The row comes later. */
async function rewindHistory({ instanceId, token, endIndex: index }: Finished): Promise<void> {
  const event = { ...orchestratorStarted(), EventType: 'GenericEvent', Data: null } as const;
  const edits = [{ index, event, reason: 'Rewound: ExecutionCompleted' }];
  await backend.rewriteHistory(instanceId, { token, edits });
}
type Finished = Awaited<ReturnType<typeof finished>>;

/** What is done while a purge is between reading the history and deleting it. */
function meanwhile(act: () => Promise<unknown>): Pick<InstancesTable, 'find' | 'deleteRow'> {
  let isDone = false;
  return {
    find: async (...args) => {
      const found = await instances.find(...args);
      if (!isDone) await act();
      isDone = true;
      return found;
    },
    deleteRow: (...args) => instances.deleteRow(...args),
  };
}

describe('a purge of what a filter has found, and a rewind at the same time', () => {
  it('leaves what was rewound before it read the history, though the row says nothing of it yet', async () => {
    const found = await finished('order-1');
    await rewindHistory(found);

    expect(await backend.purgeInstance(found.instanceId, found.record)).toBeUndefined();

    await backend.reviveInstance(found.record, new Date().toISOString());
    expect(await backend.findInstance(found.instanceId)).toMatchObject({
      runtimeStatus: 'Pending',
    });
    expect(await backend.readHistory(found.instanceId)).not.toEqual([]);
  });

  it('leaves what is rewound after it looked at the row', async () => {
    const found = await finished('order-1');
    const parts = { history, payloads, instances: meanwhile(() => rewindHistory(found)) };

    expect(await purgeInstance(parts, found.instanceId, found.record)).toBeUndefined();

    expect(await backend.readHistory(found.instanceId)).toHaveLength(found.endIndex + 1);
    expect(await backend.findInstance(found.instanceId)).toBeDefined();
  });

  it('purges what has failed again since it was rewound', async () => {
    const found = await finished('order-1');
    await rewindHistory(found);
    const { token } = await backend.loadHistory(found.instanceId);
    const again = nextCommit(found.started, found.endIndex + 1, {
      newEvents: [executionCompleted('"again"')],
    });
    await history.append(again, token);

    expect(await backend.purgeInstance(found.instanceId, found.record)).toBeDefined();

    expect(await backend.findInstance(found.instanceId)).toBeUndefined();
  });

  it('has the rewind find nothing when it was faster, however long the history is', async () => {
    const found = await finished('order-1', { count: 250 });

    expect(await backend.purgeInstance(found.instanceId, found.record)).toEqual({
      recordsDeleted: found.endIndex + 2,
    });

    await expect(rewindHistory(found)).rejects.toThrow(SessionLostError);
    expect(await backend.readHistory(found.instanceId)).toEqual([]);
  });
});

describe('a purge of one instance, whatever it is', () => {
  it('leaves no row when a rewind comes between its steps', async () => {
    const found = await finished('order-1');
    const late = {
      deleteRows: async (...args: Parameters<HistoryTable['deleteRows']>) => {
        const deleted = await history.deleteRows(...args);
        await backend.reviveInstance(found.record, new Date().toISOString());
        return deleted;
      },
    };

    await purgeInstance({ history: late, instances, payloads }, found.instanceId);

    expect(await backend.findInstance(found.instanceId)).toBeUndefined();
  });
});

describe('a purge', () => {
  it('leaves the row of an instance that is started anew meanwhile', async () => {
    await backend.createInstance(start(id('order-1'), { Input: '"old"' }), undefined);
    const existing = await backend.findInstance(id('order-1'));
    const slow = {
      deleteRows: async () => {
        await backend.createInstance(start(id('order-1'), { Input: '"new"' }), existing);
        return 3;
      },
    };

    const purged = await purgeInstance({ history: slow, instances, payloads }, id('order-1'));

    expect(purged).toEqual({ recordsDeleted: 3 });
    const row = await backend.findInstance(id('order-1'), { input: true });
    expect(row?.input).toBe('"new"');
  });
});
