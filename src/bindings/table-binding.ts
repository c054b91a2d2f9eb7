/**
 * The `table` binding: one entity, or those of a filter, as a function's input; entities to store as its output. Mirrors
 * TablesExtensionConfigProvider and TableEntityWriter of the WebJobs tables extension.
 */
import type { TableClient } from '@azure/data-tables';
import { codeOf, statusOf, storageCall } from '../azure-storage/storage-error.ts';
import { InvalidInputError } from '../core/errors.ts';
import type { BindingExtension } from '../function-app/binding-extension.ts';
import type { BindingInfo } from '../function-app/function-declaration.ts';
import type { RpcTypedData } from '../function-app/rpc-typed-data.ts';
import { type BindingUse, resolveBindingExpression } from './binding-expression.ts';
import { countProperty, problemOfProperties, textProperty } from './binding-properties.ts';
import { outputObjects } from './output-objects.ts';
import type { StorageAccounts } from './storage-account.ts';
import { entityJson, type EntityKeys, type EntityWrite, toEntityWrite } from './table-entity.ts';
import { equals, resolveTableFilter } from './table-filter.ts';

/** The most that the service takes in one transaction. */
const MAX_BATCH_SIZE = 100;
/** The most that the service answers at once. */
const MAX_PAGE_SIZE = 1_000;

export function tableBinding(accounts: StorageAccounts): BindingExtension {
  const tableOf = (use: BindingUse): TableClient =>
    accounts.clientsOf(use.binding, 'table').table(resolved(use, 'tableName') ?? '');
  return {
    types: ['table'],
    supports: (binding) => problemOf(binding) ?? accounts.problemOf(binding, 'table'),
    async read(binding, fn, triggerMetadata) {
      const use = { binding, fn, triggerMetadata };
      const partitionKey = resolved(use, 'partitionKey');
      const rowKey = resolved(use, 'rowKey');
      const table = tableOf(use);
      return partitionKey !== undefined && rowKey !== undefined
        ? readEntity(table, { partitionKey, rowKey })
        : readEntities(table, queryOf(use, partitionKey), countProperty(binding, 'take'));
    },
    async write(binding, value, fn, triggerMetadata) {
      const use = { binding, fn, triggerMetadata };
      const partitionKey = resolved(use, 'partitionKey');
      const rowKey = resolved(use, 'rowKey');
      const defaults = {
        ...(partitionKey !== undefined && { partitionKey }),
        ...(rowKey !== undefined && { rowKey }),
      };
      const writes = outputObjects(value, use).map((object) => toEntityWrite(object, defaults));
      const table = tableOf(use);
      for (const batch of batchesOf(writes)) await submit(table, batch);
    },
  };
}

function problemOf(binding: BindingInfo): string | undefined {
  if (binding.direction === 'inout') {
    return "tables are read with the direction 'in' and written with 'out'. For both declare two bindings.";
  }
  try {
    countProperty(binding, 'take');
  } catch (error) {
    if (error instanceof InvalidInputError) return error.message;
    throw error;
  }
  return problemOfProperties(binding, [['tableName']], ['partitionKey', 'rowKey', 'filter']);
}

function resolved(use: BindingUse, name: string): string | undefined {
  const template = textProperty(use.binding, name);
  return template === undefined ? undefined : resolveBindingExpression(template, use);
}

function queryOf(use: BindingUse, partitionKey: string | undefined): string | undefined {
  const template = textProperty(use.binding, 'filter');
  const filter = template === undefined ? undefined : resolveTableFilter(template, use);
  if (partitionKey === undefined) return filter;
  const inPartition = equals('PartitionKey', partitionKey);
  // In brackets: a filter with an 'or' would reach into other partitions.
  return filter === undefined ? inPartition : `${inPartition} and (${filter})`;
}

/** undefined when there is no such entity, or no such table. */
async function readEntity(
  table: TableClient,
  { partitionKey, rowKey }: EntityKeys,
): Promise<RpcTypedData | undefined> {
  try {
    const what = `read entity '${partitionKey}', '${rowKey}' of table '${table.tableName}'`;
    const entity = await storageCall(what, () =>
      table.getEntity(partitionKey, rowKey, { disableTypeConversion: true }),
    );
    return { json: entityJson(entity) };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

async function readEntities(
  table: TableClient,
  filter: string | undefined,
  take = Infinity,
): Promise<RpcTypedData> {
  const entities: string[] = [];
  await storageCall(`query table '${table.tableName}'`, async () => {
    const pages = table
      .listEntities({
        disableTypeConversion: true,
        queryOptions: { ...(filter !== undefined && { filter }) },
      })
      .byPage({ maxPageSize: Math.min(take, MAX_PAGE_SIZE) });
    for await (const page of pages) {
      entities.push(...page.slice(0, take - entities.length).map(entityJson));
      if (entities.length === take) break;
    }
  });
  return { json: `[${entities.join(',')}]` };
}

/** Each batch is of one partition and has no row twice, which is what the service asks for. */
function batchesOf(writes: readonly EntityWrite[]): readonly (readonly EntityWrite[])[] {
  const batches: EntityWrite[][] = [];
  const open = new Map<string, EntityWrite[]>();
  for (const write of writes) {
    const { partitionKey, rowKey } = write.keys;
    const batch = open.get(partitionKey);
    const isFull = batch === undefined || batch.length === MAX_BATCH_SIZE;
    if (!isFull && !batch.some(({ keys }) => keys.rowKey === rowKey)) {
      batch.push(write);
      continue;
    }
    const next = [write];
    open.set(partitionKey, next);
    batches.push(next);
  }
  return batches;
}

async function submit(table: TableClient, batch: readonly EntityWrite[]): Promise<void> {
  const actions = batch.map(({ action }) => action);
  const what = `write ${actions.length === 1 ? 'an entity' : `${actions.length} entities`} to table '${table.tableName}'`;
  await storageCall(what, async () => {
    try {
      await table.submitTransaction(actions);
    } catch (error) {
      if (codeOf(error) !== 'TableNotFound' && statusOf(error) !== 404) throw error;
      await table.createTable();
      await table.submitTransaction(actions);
    }
  });
}
