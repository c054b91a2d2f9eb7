/**
 * A failed hub of the .NET extension, as recorded, rewound by ours: row by row what the .NET extension made of it, and the
 * instances go on.
 */
import { existsSync, readFileSync } from 'node:fs';
import { TableClient } from '@azure/data-tables';
import { afterEach, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { createTaskHubWorker } from '../../src/engine/task-hub-worker.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { type RecordedRow } from '../golden/recordings.ts';
import { eventually } from '../support/eventually.ts';
import { activity, answered } from '../support/history.ts';
import { ScriptedInvoker, sequence } from '../support/scripted-invoker.ts';
import { azuriteConnectionString } from '../support/azurite.ts';
import { azureOptions } from './azure-options.ts';

const recorded = new URL('../../../shared/golden/B/hub/', import.meta.url);
const isThere = existsSync(recorded);
if (!isThere) process.stderr.write('SKIPPED: the recordings of the .NET hub are not here.\n');

const INSTANCES = ['rewind-1', 'failchild-rewind-1'];
/** Of each instance, the events before the rewind; the others came after it. */
const EVENTS = 8;

function readRows(table: 'History' | 'Instances'): RecordedRow[] {
  const text = readFileSync(new URL(`${table}.json`, recorded), 'utf8');
  const rows = JSON.parse(text) as RecordedRow[];
  return rows.filter((row) => INSTANCES.includes(String(row['PartitionKey'])));
}

const isEvent = (row: RecordedRow): boolean =>
  row['RowKey'] === 'sentinel' || Number.parseInt(String(row['RowKey']), 16) < EVENTS;

function reasonOf({ Reason: reason }: RecordedRow): string {
  return typeof reason === 'string' ? reason : '';
}

/** As the row was before the rewind. */
function failedRow(row: RecordedRow): RecordedRow {
  const [, type] = /^Rewound: (\w+)$/.exec(reasonOf(row)) ?? [];
  if (type === undefined) return row;
  const { Reason: _reason, ...columns } = row;
  return { ...columns, EventType: type, ...(type.endsWith('Failed') ? { Reason: 'boom' } : {}) };
}

describe.runIf(isThere)('a rewind of instances that the .NET extension ran', () => {
  const opened: TaskHubBackend[] = [];
  afterEach(async () => {
    for (const backend of opened.splice(0)) {
      await backend.stop();
      await backend.deleteHub();
    }
  });

  async function failedHub() {
    const options = azureOptions();
    const backend = createAzureStorageBackend(options);
    opened.push(backend);
    await backend.createHub();
    const names = hubNames(options.taskHub, options.partitionCount);
    const table = (name: string): RawTable => new RawTable(azuriteConnectionString(), name);
    const history = table(names.historyTable);
    const instances = table(names.instancesTable);
    for (const row of readRows('History').filter(isEvent)) await history.insert(failedRow(row));
    for (const row of readRows('Instances')) await instances.insert(row);
    const ambient = { now: () => Date.now(), newId: () => crypto.randomUUID().replaceAll('-', '') };
    const client = new TaskHubClient({ backend, ambient, log: silentLogger, taskHub: 'Hub' });
    return { backend, client, history, instances, ambient };
  }

  it('leaves the rows that the .NET extension left', async () => {
    const { client, history, instances } = await failedHub();

    await client.rewind('rewind-1', 'again');

    for (const row of readRows('History').filter(isEvent)) {
      expect(await history.find(row)).toEqual(withoutService(row));
    }
    for (const row of readRows('Instances')) {
      const { Output: _output, CompletedTime: _time, ...kept } = withoutService(row);
      const { ['CompletedTime@odata.type']: _type, ...columns } = kept;
      expect(await instances.find(row)).toEqual({
        ...columns,
        RuntimeStatus: 'Pending',
        LastUpdatedTime: expect.any(String) as unknown,
      });
    }
  });

  it('lets them go on to their end', async () => {
    const { backend, client, ambient } = await failedHub();
    const child = { kind: 'callSubOrchestrator', functionName: 'Failing', version: null } as const;
    const call = { ...child, instanceId: 'failchild-rewind-1', input: 'x' };
    const invoker = new ScriptedInvoker({
      orchestrators: {
        FailOnceParent: ({ history }) => {
          const done = history.find((e) => e.EventType === 'SubOrchestrationInstanceCompleted');
          return answered([call], done ? { isDone: true, output: done.Result ?? 'null' } : {});
        },
        Failing: sequence([activity('Fail')]),
      },
      activities: { Fail: () => '"mended"' },
    });
    const settings = { taskHub: 'Hub', maxConcurrentActivities: 1, maxConcurrentOrchestrations: 4 };
    const worker = createTaskHubWorker({ backend, invoker, ambient, log: silentLogger, settings });
    await worker.start();

    await client.rewind('rewind-1', 'again');

    const record = await eventually(async () => {
      const found = await client.findStatus('rewind-1', { input: false });
      return found?.runtimeStatus === 'Completed' ? found : undefined;
    });
    expect(record.output).toBe('["mended"]');
    expect(invoker.activityRuns).toEqual(['Fail']);
    await worker.stop();
  });
});

/** A table without the conversions of the client library: rows go in and come out as OData. */
class RawTable {
  readonly #client: TableClient;
  #answer = '';

  constructor(connectionString: string, name: string) {
    this.#client = TableClient.fromConnectionString(connectionString, name, {
      allowInsecureConnection: true,
    });
    this.#client.pipeline.addPolicy({
      name: 'keepAnswer',
      sendRequest: async (request, next) => {
        const response = await next(request);
        this.#answer = response.bodyAsText ?? '';
        return response;
      },
    });
  }

  async insert(row: RecordedRow): Promise<void> {
    const typed = Object.entries(row).flatMap(([name, value]) => {
      if (name.includes('odata') || value === null || name === 'Timestamp') return [];
      if (name === 'PartitionKey') return [['partitionKey', value]];
      if (name === 'RowKey') return [['rowKey', value]];
      const type = row[`${name}@odata.type`];
      return [[name, typeof type === 'string' ? { type: type.slice(4), value } : value]];
    });
    const entity = Object.fromEntries(typed) as { partitionKey: string; rowKey: string };
    await this.#client.createEntity(entity);
  }

  async find(row: RecordedRow): Promise<RecordedRow> {
    await this.#client.getEntity(String(row['PartitionKey']), String(row['RowKey']));
    return withoutService(JSON.parse(this.#answer) as RecordedRow);
  }
}

function withoutService(row: RecordedRow): RecordedRow {
  const isOwn = ([name, value]: [string, unknown]): boolean =>
    !/^(odata\.|Timestamp)/.test(name) && value !== null;
  return Object.fromEntries(Object.entries(row).filter(isOwn));
}
