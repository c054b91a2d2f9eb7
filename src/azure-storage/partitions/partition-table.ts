/**
 * The table with a row per partition in which workers write down what they own. Read with one request, and written with one: all
 * rows have the same key, so that what a worker changes goes into one transaction, each row guarded by its ETag.
 * Mirrors TablePartitionLease and the storage calls of TablePartitionManager.
 */
import type { ListTableEntitiesOptions, TableClient, TransactionAction } from '@azure/data-tables';
import { answerTimeMs } from '../answer-time.ts';
import { BackendUnavailableError } from '../../core/errors.ts';
import type { TableRows } from '../requests/table-rows.ts';
import { codeOf, statusOf, storageCall } from '../storage-error.ts';
import { dateTimeColumn, flagColumn, textColumn, type Row, type StoredRow } from '../tables/row.ts';
import type { DoorbellAddress } from '../wake-ups/doorbell.ts';

export interface PartitionRow {
  readonly partition: number;
  readonly owner: string | undefined;
  readonly nextOwner: string | undefined;
  readonly isDraining: boolean;
  /** By the clock of whoever wrote them, in ms since the epoch. */
  readonly ownedSinceMs: number | undefined;
  readonly lastRenewalMs: number | undefined;
  readonly expiresAtMs: number | undefined;
  /**
   * Where the owner is told of messages for it. The columns are ours: .NET workers pass over them, and leave them out of the rows
   * that they write, until the owner writes its row again.
   */
  readonly doorbell?: DoorbellAddress | undefined;
  /** What the owner runs: see `HubApps`. A column of ours, too. */
  readonly app?: string | undefined;
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
  /** Of the same table. */
  readonly rows: TableRows;
  /** By partition. Rows of other names are left alone. */
  readonly controlQueues: readonly string[];
  /** A request without an answer ends then. */
  readonly timeoutMs: number;
  /**
   * Where storage is slower than that, requests may take four times as long each time, and twice as long as what was answered lately,
   * up to this: what takes long is worth more than what is given up again and again. @default `timeoutMs`
   */
  readonly longestTimeoutMs?: number;
}

/** Who creates a hub has nothing to lose by waiting. */
const CREATION_TIMEOUT_MS = 30_000;

export class PartitionTable {
  readonly #options: PartitionTableOptions;
  /** As slow as storage has lately been. */
  #timeoutMs: number;

  constructor(options: PartitionTableOptions) {
    this.#options = options;
    this.#timeoutMs = options.timeoutMs;
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

  /** @param timeoutMs without an answer it ends then. @default as slow as storage has lately been */
  async read(timeoutMs = this.#timeoutMs): Promise<PartitionTableView> {
    const { table, controlQueues } = this.#options;
    const found = new Map<string, StoredRow>();
    let storageTimeMs: number | undefined;
    const options: ListTableEntitiesOptions = {
      disableTypeConversion: true,
      onResponse: ({ headers }) => {
        storageTimeMs = answerTimeMs(headers.get('date')) ?? storageTimeMs;
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
   * @param leastMs an answer is waited for so long at least: a write that was given up may have been done.
   * @returns the new ETags, in the order of the rows.
   * @throws {BackendUnavailableError} `isContested` when somebody else changed one of them meanwhile.
   */
  async write(
    rows: readonly (PartitionRow & { readonly etag: string | undefined })[],
    leastMs = 0,
  ): Promise<readonly (string | undefined)[]> {
    return this.#write(rows, Math.max(this.#timeoutMs, leastMs));
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
      return (await this.#options.rows.submit(actions, { abortSignal })).etags;
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
    const { doorbell, app } = row;
    return {
      partitionKey: '',
      rowKey: this.#options.controlQueues[row.partition] ?? '',
      ...(owner !== undefined && { CurrentOwner: owner }),
      ...(nextOwner !== undefined && { NextOwner: nextOwner }),
      ...timeColumn('OwnedSince', ownedSinceMs),
      ...timeColumn('LastRenewal', lastRenewalMs),
      ...timeColumn('ExpiresAt', expiresAtMs),
      IsDraining: isDraining,
      ...(doorbell !== undefined && { DoorbellUrl: doorbell.url, DoorbellKey: doorbell.key }),
      ...(app !== undefined && { App: app }),
    };
  }

  async #call<Result>(
    what: string,
    timeoutMs: number,
    call: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { table } = this.#options;
    const signal = AbortSignal.timeout(Math.ceil(timeoutMs));
    const task = `${what} table '${table.tableName}'`;
    const beganMs = performance.now();
    try {
      const result = await storageCall(task, () => call(signal));
      this.#noteSpeed(performance.now() - beganMs);
      return result;
    } catch (error) {
      if (statusOf(error) !== undefined) this.#noteSpeed(performance.now() - beganMs);
      if (!signal.aborted) throw error;
      this.#noteSpeed(Infinity);
      const message = `Could not ${task}: no answer within ${Math.ceil(timeoutMs)} ms`;
      throw new BackendUnavailableError(message, { cause: error });
    }
  }

  /** @param ms what a request took; Infinity for one that was given up. */
  #noteSpeed(ms: number): void {
    const { timeoutMs, longestTimeoutMs = timeoutMs } = this.#options;
    const neededMs = ms === Infinity ? this.#timeoutMs * 4 : ms * 2;
    if (neededMs < timeoutMs) this.#timeoutMs = timeoutMs;
    else this.#timeoutMs = Math.min(Math.max(this.#timeoutMs, neededMs), longestTimeoutMs);
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
    doorbell: doorbellOf(row),
    app: textColumn(row, 'App'),
    etag: textColumn(row, 'etag'),
    writtenMs: timeOf(row, 'timestamp'),
  };
}

/** One that is spelt wrong is none: others may write into the table. */
function doorbellOf(row: StoredRow): DoorbellAddress | undefined {
  const url = textColumn(row, 'DoorbellUrl') ?? '';
  const key = textColumn(row, 'DoorbellKey');
  const isUrl = /^https?:\/\//.test(url) && URL.canParse(url);
  return isUrl && key !== undefined ? { url, key } : undefined;
}

function timeOf(row: StoredRow, column: string): number | undefined {
  const text = textColumn(row, column);
  return text === undefined ? undefined : Date.parse(text);
}

function timeColumn(name: string, timeMs: number | undefined): Pick<Row, string> {
  return timeMs === undefined ? {} : { [name]: dateTimeColumn(new Date(timeMs).toISOString()) };
}
