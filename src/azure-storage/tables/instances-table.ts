/**
 * The Instances table: one row per instance, for clients. Nothing in the engine depends on it but the checks at a start.
 * Mirrors AzureTableTrackingStore.SetNewExecutionAsync, UpdateStateAsync and GetStateAsync.
 */
import type { TableClient } from '@azure/data-tables';
import { atMost } from '../../base/at-most.ts';
import { CorruptMessageError } from '../../core/errors.ts';
import type { InstanceId } from '../../core/ids.ts';
import {
  type InstancePatch,
  type InstanceRecord,
  payloadsLength,
  type RuntimeStatus,
} from '../../core/instance-status.ts';
import type { StartMessage } from '../../core/task-message.ts';
import type { InstancePage, InstanceQuery, ReadOptions } from '../../engine/backend.ts';
import { inflateLargeColumns, offloadLargeColumns } from '../blobs/large-columns.ts';
import { type LargePayloads, MAX_PARALLEL_PAYLOADS } from '../blobs/large-payloads.ts';
import {
  historyReferences,
  referenceOwnBlobs,
  resolvePayload,
} from '../blobs/payload-reference.ts';
import type { TableRows } from '../requests/table-rows.ts';
import { codeOf, statusOf, storageCall } from '../storage-error.ts';
import { decodeContinuationToken, encodeContinuationToken } from './continuation-token.ts';
import { fromInstanceRow, instanceKey, toPatchRow, toStartRow } from './instance-codec.ts';
import { dateTimeColumn, toRow, type Row, type StoredRow } from './row.ts';
import { canMatch, instanceColumns, instanceFilter } from './status-query.ts';

/** The service returns no more rows at once. */
const MAX_PAGE_SIZE = 1_000;

export interface InstancesTableOptions {
  readonly taskHub: string;
  readonly table: TableClient;
  /** Of the same table. */
  readonly rows: TableRows;
  readonly payloads: LargePayloads;
  readonly now: () => number;
  readonly newId: () => string;
}

export class InstancesTable {
  readonly #options: InstancesTableOptions;

  constructor(options: InstancesTableOptions) {
    this.#options = options;
  }

  /**
   * Writes the row of a start: a new one, or in place of `existing`.
   * @param messageBlob where the start message went when it was too large for the queue.
   * @returns false when the row changed (or appeared) since `existing` was read: it was left alone.
   */
  async insertStart(
    start: StartMessage,
    existing: InstanceRecord | undefined,
    messageBlob: string | undefined,
  ): Promise<boolean> {
    const { rows, taskHub, now, payloads } = this.#options;
    const whole = toStartRow(start, taskHub, new Date(now()).toISOString());
    const row =
      messageBlob === undefined
        ? await this.#withoutLargeColumns(whole)
        : { ...whole, Input: payloads.urlOf(messageBlob) };
    try {
      await storageCall(`write the row of '${start.target.instanceId}'`, () =>
        existing === undefined ? rows.insert(row) : rows.replace(row, existing.etag),
      );
      return true;
    } catch (error) {
      // Purged meanwhile: then the id is free.
      if (existing !== undefined && isMissingRow(error)) {
        return this.insertStart(start, undefined, messageBlob);
      }
      if (statusOf(error) === 409 || statusOf(error) === 412) return false;
      throw error;
    }
  }

  /**
   * Merges what a commit changes; begins the row when there is none.
   * @param historyRows of the same commit, whose blobs the row may point at.
   */
  async merge(
    instanceId: InstanceId,
    patch: InstancePatch,
    historyRows: readonly Row[],
  ): Promise<void> {
    const { rows } = this.#options;
    const row = await this.#toPatchRow(instanceId, patch, historyRows);
    await storageCall(`write the row of '${instanceId}'`, () => rows.merge(row));
  }

  /**
   * The same for a row that should be there.
   * @param etag of the row that is meant; any when absent.
   * @returns false when it is not there, or changed: nothing was written.
   */
  async mergeExisting(
    instanceId: InstanceId,
    patch: InstancePatch,
    historyRows: readonly Row[],
    etag = '*',
  ): Promise<boolean> {
    const { rows } = this.#options;
    const row = await this.#toPatchRow(instanceId, patch, historyRows);
    try {
      await storageCall(`write the row of '${instanceId}'`, () => rows.merge(row, etag));
      return true;
    } catch (error) {
      if (statusOf(error) === 412 || isMissingRow(error)) return false;
      throw error;
    }
  }

  /**
   * Makes the row of a finished instance say `Pending`. The row is replaced, not merged: a result that is null would leave
   * the output of the failure in its place. Resolves without effect when the row changed since it was read.
   */
  async revive({ instanceId, etag }: InstanceRecord, lastUpdatedTime: string): Promise<void> {
    const { table, rows } = this.#options;
    const { partitionKey, rowKey } = instanceKey(instanceId);
    try {
      const stored = await storageCall(`read the row of '${instanceId}'`, () =>
        table.getEntity(partitionKey, rowKey, { disableTypeConversion: true }),
      );
      const {
        Output: _output,
        OutputBlobName: _blob,
        CompletedTime: _time,
        ...kept
      } = toRow(stored);
      const revived: Row = {
        ...kept,
        partitionKey,
        rowKey,
        RuntimeStatus: 'Pending' satisfies RuntimeStatus,
        LastUpdatedTime: dateTimeColumn(lastUpdatedTime),
      };
      await storageCall(`write the row of '${instanceId}'`, () => rows.replace(revived, etag));
    } catch (error) {
      if (statusOf(error) !== 412 && !isMissingRow(error)) throw error;
    }
  }

  async find(
    instanceId: InstanceId,
    include: ReadOptions & { readonly input: boolean; readonly output: boolean },
  ): Promise<InstanceRecord | undefined> {
    const { table } = this.#options;
    const { partitionKey, rowKey } = instanceKey(instanceId);
    const select = instanceColumns({ includeInput: include.input, includeOutput: include.output });
    try {
      const row = await storageCall(`read the row of '${instanceId}'`, () =>
        table.getEntity(partitionKey, rowKey, {
          disableTypeConversion: true,
          queryOptions: select === undefined ? {} : { select },
        }),
      );
      return await this.#toRecord(row, include);
    } catch (error) {
      if (isMissingRow(error)) return undefined;
      throw error;
    }
  }

  /** @throws {InvalidContinuationTokenError} */
  async list(query: InstanceQuery): Promise<InstancePage> {
    const { table, taskHub } = this.#options;
    if (!canMatch(query)) return { instances: [], continuationToken: undefined };
    const start =
      query.continuationToken === undefined
        ? undefined
        : decodeContinuationToken(query.continuationToken, taskHub);
    const filter = instanceFilter(query, start && 'after' in start ? start.after : undefined);
    const select = instanceColumns(query);
    const pages = table
      .listEntities({
        disableTypeConversion: true,
        queryOptions: {
          ...(filter === undefined ? {} : { filter }),
          ...(select === undefined ? {} : { select }),
        },
      })
      .byPage({
        maxPageSize: Math.min(query.pageSize, MAX_PAGE_SIZE),
        ...(start && 'next' in start ? { continuationToken: start.next } : {}),
      });
    const first = await storageCall(`query instances in '${table.tableName}'`, () => pages.next());
    if (first.done === true) return { instances: [], continuationToken: undefined };
    const page = first.value;
    const { instances, cutAfter } = await this.#readRows(page, query);
    const next =
      cutAfter === undefined
        ? page.continuationToken && { next: page.continuationToken }
        : { after: cutAfter };
    return { instances, continuationToken: next && encodeContinuationToken(next, taskHub) };
  }

  /**
   * Rows with their payloads, some at a time, until their payloads are long enough.
   * @returns the key of the last row, when there are others behind it.
   */
  async #readRows(
    rows: readonly StoredRow[],
    query: InstanceQuery,
  ): Promise<{
    readonly instances: readonly InstanceRecord[];
    readonly cutAfter: string | undefined;
  }> {
    const instances: InstanceRecord[] = [];
    let length = 0;
    for (let index = 0; index < rows.length; index += MAX_PARALLEL_PAYLOADS) {
      const some = rows.slice(index, index + MAX_PARALLEL_PAYLOADS);
      const listed = await atMost(MAX_PARALLEL_PAYLOADS, some, (row) => this.#toListed(row, query));
      for (const [offset, record] of listed.entries()) {
        if (record === undefined) continue;
        instances.push(record);
        length += payloadsLength(record);
        const isLast = index + offset === rows.length - 1;
        if (length >= (query.maxPageLength ?? Infinity) && !isLast) {
          return { instances, cutAfter: instanceKey(record.instanceId).partitionKey };
        }
      }
    }
    return { instances, cutAfter: undefined };
  }

  /** @param etag of the row that is meant; any when absent. @returns false when there is another, which stays. */
  async deleteRow(instanceId: InstanceId, etag = '*'): Promise<boolean> {
    const { partitionKey, rowKey } = instanceKey(instanceId);
    try {
      await storageCall(`delete the row of '${instanceId}'`, () =>
        this.#options.table.deleteEntity(partitionKey, rowKey, { etag }),
      );
      return true;
    } catch (error) {
      if (isMissingRow(error)) return true;
      if (statusOf(error) === 412) return false;
      throw error;
    }
  }

  /**
   * A purge that is under way, or broke off, deletes payloads before rows: a row that lost its payloads is shown with their
   * names in their place, so that the others can be seen. @returns undefined when the row is gone, too.
   */
  async #toListed(
    row: StoredRow,
    include: Pick<InstanceQuery, 'includeInput' | 'includeOutput'>,
  ): Promise<InstanceRecord | undefined> {
    try {
      return await this.#toRecord(row);
    } catch (error) {
      if (!(error instanceof CorruptMessageError)) throw error;
    }
    const { includeInput: input, includeOutput: output } = include;
    const { instanceId } = fromInstanceRow(row);
    return await this.find(instanceId, { input, output, namesLost: true });
  }

  async #toRecord(
    row: StoredRow,
    { namesLost = false }: ReadOptions = {},
  ): Promise<InstanceRecord> {
    const { payloads } = this.#options;
    const download = (blobName: string): Promise<string> =>
      storageCall(`download large payload '${blobName}'`, () =>
        namesLost ? payloads.downloadOrName(blobName) : payloads.download(blobName),
      );
    const record = fromInstanceRow(await inflateLargeColumns(row, download));
    const { instanceId } = record;
    const resolve = async (
      column: 'Input' | 'Output',
      text: string | null,
    ): Promise<string | null> => {
      try {
        return await storageCall(`download a large payload of '${instanceId}'`, () =>
          resolvePayload(text, { column, instanceId }, payloads),
        );
      } catch (error) {
        if (namesLost && error instanceof CorruptMessageError) return text;
        throw error;
      }
    };
    return {
      ...record,
      input: await resolve('Input', record.input),
      output: await resolve('Output', record.output),
    };
  }

  async #toPatchRow(
    instanceId: InstanceId,
    patch: InstancePatch,
    historyRows: readonly Row[],
  ): Promise<Row> {
    const { taskHub, payloads } = this.#options;
    const whole = toPatchRow(instanceId, patch, taskHub);
    const references = historyReferences(whole, historyRows, (name) => payloads.urlOf(name));
    const own = Object.entries(whole).filter(([column]) => !Object.hasOwn(references, column));
    return { ...(await this.#withoutLargeColumns(Object.fromEntries(own) as Row)), ...references };
  }

  async #withoutLargeColumns(row: Row): Promise<Row> {
    const { payloads, newId } = this.#options;
    const upload = (blobName: string, text: string): Promise<void> =>
      storageCall(`upload large payload '${blobName}'`, () => payloads.upload(blobName, text));
    const isUnsafe = (column: string, text: string): boolean =>
      (column === 'Input' || column === 'Output') && payloads.mayBeTakenForUrl(text);
    const offloaded = await offloadLargeColumns(row, { upload, newId, isUnsafe });
    return referenceOwnBlobs(offloaded, (blobName) => payloads.urlOf(blobName));
  }
}

function isMissingRow(error: unknown): boolean {
  return statusOf(error) === 404 && codeOf(error) !== 'TableNotFound';
}
