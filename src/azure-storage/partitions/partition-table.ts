/**
 * The table with a row per partition in which workers write down what they own. Read with one request, and written with one: all
 * rows have the same key, so that what a worker changes goes into one transaction, each row guarded by its ETag.
 * Mirrors TablePartitionLease and the storage calls of TablePartitionManager.
 */
import type { ListTableEntitiesOptions, TableClient, TransactionAction } from '@azure/data-tables';
import { BackendUnavailableError } from '../../core/errors.ts';
import { codeOf, statusOf, storageCall } from '../storage-error.ts';
import { dateTimeColumn, flagColumn, textColumn, type Row, type StoredRow } from '../tables/row.ts';
import { submitTransaction } from '../tables/table-transaction.ts';

export interface PartitionRow {
  readonly partition: number;
  readonly owner: string | undefined;
  readonly nextOwner: string | undefined;
  readonly isDraining: boolean;
  /** By the clock of whoever wrote them, in ms since the epoch. */
  readonly ownedSinceMs: number | undefined;
  readonly lastRenewalMs: number | undefined;
  readonly expiresAtMs: number | undefined;
}

export interface StoredPartitionRow extends PartitionRow {
  /** undefined while nobody has created the row. */
  readonly etag: string | undefined;
  /** When it was last written, by the clock of storage. */
  readonly writtenMs: number | undefined;
}

export interface PartitionTableView {
  /** One for each partition, in their order. */
  readonly rows: readonly StoredPartitionRow[];
  /** The time of storage at about the answer, and at most a second too early; undefined when it does not tell. */
  readonly storageTimeMs: number | undefined;
}

export interface PartitionTableOptions {
  readonly table: TableClient;
  /** By partition. Rows of other names are left alone. */
  readonly controlQueues: readonly string[];
  /** A request without an answer ends then. */
  readonly timeoutMs: number;
}

/** Who creates a hub has nothing to lose by waiting. */
const CREATION_TIMEOUT_MS = 30_000;

export class PartitionTable {
  readonly #options: PartitionTableOptions;

  constructor(options: PartitionTableOptions) {
    this.#options = options;
  }

  /** The table, and the rows: tools count them. What is there already stays as it is. */
  async create(): Promise<void> {
    const missing = (await this.#readOrCreate()).filter(({ etag }) => etag === undefined);
    if (missing.length === 0) return;
    try {
      await this.#write(missing, CREATION_TIMEOUT_MS);
    } catch (error) {
      // Another process was quicker.
      if (!isContested(error)) throw error;
    }
  }

  async read(timeoutMs = this.#options.timeoutMs): Promise<PartitionTableView> {
    const { table, controlQueues } = this.#options;
    const found = new Map<string, StoredRow>();
    let storageTimeMs: number | undefined;
    const options: ListTableEntitiesOptions = {
      disableTypeConversion: true,
      onResponse: ({ headers }) => {
        const timeMs = Date.parse(headers.get('date') ?? '');
        if (!Number.isNaN(timeMs)) storageTimeMs = timeMs;
      },
    };
    await this.#call('read', timeoutMs, async (abortSignal) => {
      for await (const row of table.listEntities({ ...options, abortSignal })) {
        found.set(String(row.rowKey), row);
      }
    });
    const rows = controlQueues.map((name, partition) => toPartitionRow(partition, found.get(name)));
    return { rows, storageTimeMs };
  }

  /**
   * Writes all rows or none.
   * @returns the new ETags, in the order of the rows.
   * @throws {BackendUnavailableError} `isContested` when somebody else changed one of them meanwhile.
   */
  async write(
    rows: readonly (PartitionRow & { readonly etag: string | undefined })[],
  ): Promise<readonly (string | undefined)[]> {
    return this.#write(rows, this.#options.timeoutMs);
  }

  async #write(
    rows: readonly (PartitionRow & { readonly etag: string | undefined })[],
    timeoutMs: number,
  ): Promise<readonly (string | undefined)[]> {
    const actions = rows.map(({ etag, ...row }): TransactionAction => {
      const entity = this.#toEntity(row);
      return etag === undefined ? ['create', entity] : ['update', entity, 'Replace', { etag }];
    });
    return this.#call('write', timeoutMs, async (abortSignal) => {
      return (await submitTransaction(this.#options.table, actions, { abortSignal })).etags;
    });
  }

  async #readOrCreate(): Promise<readonly StoredPartitionRow[]> {
    try {
      return (await this.read(CREATION_TIMEOUT_MS)).rows;
    } catch (error) {
      if (codeOf(error) !== 'TableNotFound') throw error;
      const { table } = this.#options;
      await storageCall(`create table '${table.tableName}'`, () => table.createTable());
      return this.#options.controlQueues.map((_, partition) => toPartitionRow(partition));
    }
  }

  #toEntity(row: PartitionRow): Row {
    const { owner, nextOwner, isDraining, ownedSinceMs, lastRenewalMs, expiresAtMs } = row;
    return {
      partitionKey: '',
      rowKey: this.#options.controlQueues[row.partition] ?? '',
      ...(owner !== undefined && { CurrentOwner: owner }),
      ...(nextOwner !== undefined && { NextOwner: nextOwner }),
      ...timeColumn('OwnedSince', ownedSinceMs),
      ...timeColumn('LastRenewal', lastRenewalMs),
      ...timeColumn('ExpiresAt', expiresAtMs),
      IsDraining: isDraining,
    };
  }

  async #call<Result>(
    what: string,
    timeoutMs: number,
    call: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { table } = this.#options;
    const signal = AbortSignal.timeout(timeoutMs);
    const task = `${what} table '${table.tableName}'`;
    try {
      return await storageCall(task, () => call(signal));
    } catch (error) {
      if (!signal.aborted) throw error;
      const message = `Could not ${task}: no answer within ${timeoutMs} ms`;
      throw new BackendUnavailableError(message, { cause: error });
    }
  }
}

/** Whether the table was not written because a row was not as it had been read. Normal with several workers. */
export function isContested(error: unknown): boolean {
  const status = statusOf(error);
  return status === 412 || status === 409 || codeOf(error) === 'ResourceNotFound';
}

function toPartitionRow(partition: number, row: StoredRow = {}): StoredPartitionRow {
  return {
    partition,
    owner: textColumn(row, 'CurrentOwner') || undefined,
    nextOwner: textColumn(row, 'NextOwner') || undefined,
    isDraining: flagColumn(row, 'IsDraining') ?? false,
    ownedSinceMs: timeOf(row, 'OwnedSince'),
    lastRenewalMs: timeOf(row, 'LastRenewal'),
    expiresAtMs: timeOf(row, 'ExpiresAt'),
    etag: textColumn(row, 'etag'),
    writtenMs: timeOf(row, 'timestamp'),
  };
}

function timeOf(row: StoredRow, column: string): number | undefined {
  const text = textColumn(row, column);
  return text === undefined ? undefined : Date.parse(text);
}

function timeColumn(name: string, timeMs: number | undefined): Pick<Row, string> {
  return timeMs === undefined ? {} : { [name]: dateTimeColumn(new Date(timeMs).toISOString()) };
}
