/**
 * The History table: one partition per instance, one row per event, and the sentinel whose ETag guards every write.
 * Mirrors AzureTableTrackingStore.GetHistoryEventsAsync and UpdateStateAsync.
 */
import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { OrchestrationCommit } from '../../core/commit.ts';
import { SessionLostError } from '../../core/errors.ts';
import type { HistoryEvent } from '../../core/history-event.ts';
import { type InstanceId, toExecutionId } from '../../core/ids.ts';
import type {
  HistoryRewrite,
  HistoryToken,
  LoadedHistory,
  ReadOptions,
} from '../../engine/backend.ts';
import {
  columnBlobs,
  hasLargeColumns,
  inflateLargeColumns,
  offloadLargeColumns,
} from '../blobs/large-columns.ts';
import { type LargePayloads, MAX_PARALLEL_PAYLOADS } from '../blobs/large-payloads.ts';
import { atMost } from '../../base/at-most.ts';
import { isSameInstant } from '../../base/instant.ts';
import type { TableRows } from '../requests/table-rows.ts';
import type { RowAction } from '../requests/transaction-text.ts';
import { codeOf, statusOf, storageCall } from '../storage-error.ts';
import { MAX_BATCH_ROWS, toBatches } from './history-batches.ts';
import {
  fromHistoryRow,
  historyRowKey,
  SENTINEL_ROW_KEY,
  sentinelRow,
  toHistoryRow,
} from './history-codec.ts';
import { escapeKey } from '../key-escape.ts';
import { type Row, type StoredRow, textColumn, toRow } from './row.ts';
import { partitionFilter } from './status-query.ts';
import {
  findUnfinished,
  isUnfinished,
  openingCount,
  type UnfinishedCheckpoint,
  unfinishedColumns,
} from './unfinished-checkpoint.ts';

const MAX_DELETE_ROWS = 100;
const MAX_PARALLEL_DELETES = 10;
/** By them a rewind is known that has not come to the row yet. */
const REWIND_COLUMNS = ['EventType', 'Reason', 'ExecutionId'];
/** What a rewind leaves in the place of a failed end, here and in .NET. */
const REWOUND_END = 'Rewound: ExecutionCompleted';

export interface HistoryTableOptions {
  readonly table: TableClient;
  /** Of the same table. */
  readonly rows: TableRows;
  readonly payloads: LargePayloads;
  readonly storeInputs: boolean;
  readonly now: () => number;
  readonly newId: () => string;
}

export interface StoredHistory extends LoadedHistory {
  /** Blobs that hold long columns of these events. */
  readonly blobNames: readonly string[];
}

export interface DeleteOptions {
  /** Asked when the history was read, before anything is deleted: false leaves it. @default it is meant */
  readonly isMeant?: () => Promise<boolean>;
  /** Whether the history of an instance stays whose end was taken back by a rewind, and that has not ended again. @default false */
  readonly sparesRewound?: boolean;
  /** Whether it goes, whoever writes it at the same time. @default false */
  readonly isForced?: boolean;
}

export interface AppendedHistory {
  readonly token: HistoryToken;
  /** As written, long columns offloaded. */
  readonly rows: readonly Row[];
}

type WriteOutcome =
  | { readonly kind: 'written'; readonly token: HistoryToken }
  /** History does not hold it, and cannot come to hold it. */
  | { readonly kind: 'never' }
  | { readonly kind: 'unknown' };

export class HistoryTable {
  readonly #options: HistoryTableOptions;

  constructor(options: HistoryTableOptions) {
    this.#options = options;
  }

  /** The current execution as far as it was committed: the sentinel names it, and the first row of another one ends it. */
  async load(instanceId: InstanceId, options: ReadOptions = {}): Promise<StoredHistory> {
    const { sentinel, rows, unfinished } = await this.#read(instanceId);
    const events = unfinished === undefined ? rows : rows.slice(0, unfinished.firstRow);
    return await this.#toHistory(sentinel, events, options);
  }

  /**
   * The same for the worker: what a commit left behind that did not write all of its rows is taken back.
   * @throws {SessionLostError} somebody else wrote meanwhile.
   */
  async recover(instanceId: InstanceId): Promise<StoredHistory> {
    const { sentinel, rows, unfinished } = await this.#read(instanceId);
    if (sentinel === undefined || unfinished === undefined) {
      return await this.#toHistory(sentinel, rows);
    }
    const token = await this.#takeBack(instanceId, { sentinel, rows, unfinished });
    const history = await this.#toHistory(sentinel, rows.slice(0, unfinished.firstRow));
    return { ...history, token };
  }

  /**
   * Appends the events of a commit, in as many transactions as it takes. A write whose answer is lost counts as written when it
   * is found in history.
   * @param token of the last read or write; undefined to begin a history.
   * @param never called before it throws, when it is certain that history does not hold the commit, and never will.
   * @throws {SessionLostError} somebody else wrote since, or the history was purged.
   */
  async append(
    commit: OrchestrationCommit,
    token: HistoryToken | undefined,
    never: () => void = () => undefined,
  ): Promise<AppendedHistory> {
    let rows: readonly Row[];
    try {
      rows = await this.#toRows(commit);
    } catch (error) {
      never();
      throw error;
    }
    const batches = toBatches(rows);
    const firstRow = openingCount(commit.firstEventIndex, commit.newEvents);
    const completedAt = new Date(this.#options.now()).toISOString();
    let etag: string | undefined = token;
    let endRow = commit.firstEventIndex;
    for (const batch of batches) {
      endRow += batch.length;
      const isComplete = batch === batches.at(-1);
      const unfinished = isComplete ? undefined : { firstRow: Math.min(firstRow, endRow), endRow };
      const columns = batches.length === 1 ? {} : unfinishedColumns(unfinished);
      try {
        etag = await this.#write(commit, batch, { etag, isComplete, completedAt, columns });
      } catch (error) {
        const found = await this.#outcomeOf(commit, rows, { etag, completedAt, error });
        if (found.kind === 'written') return { token: found.token, rows };
        if (found.kind === 'never') never();
        throw error;
      }
    }
    return { token: etag as HistoryToken, rows };
  }

  /** What became of a write that failed: it may have been done, or be under way still. */
  async #outcomeOf(
    { instanceId, executionId }: OrchestrationCommit,
    rows: readonly Row[],
    {
      etag,
      completedAt,
      error,
    }: {
      readonly etag: string | undefined;
      readonly completedAt: string;
      readonly error: unknown;
    },
  ): Promise<WriteOutcome> {
    try {
      const isRefused = error instanceof SessionLostError;
      if (!isRefused && etag !== undefined && (await this.#fence(instanceId, etag))) {
        return { kind: 'never' };
      }
      const last = rows.at(-1);
      if (last === undefined) return { kind: 'unknown' };
      const stored = await this.#rowsOf(instanceId, { fromKey: last.rowKey });
      const sentinel = stored.find((row) => row['rowKey'] === SENTINEL_ROW_KEY);
      // Purged, unless it was to begin the history: that may still be under way.
      if (sentinel === undefined) {
        return { kind: isRefused || etag !== undefined ? 'never' : 'unknown' };
      }
      if (executionIdOf(sentinel) !== executionId) return { kind: 'unknown' };
      const [first, next] = stored.filter(
        (row) => row !== sentinel && executionIdOf(row) === executionId,
      );
      if (first === undefined || !isSameRow(first, last)) return { kind: 'never' };
      // The same time may be that of another commit: then nothing is certain.
      const isOwn = isSameTime(textColumn(sentinel, 'CheckpointCompletedTimestamp'), completedAt);
      return isOwn && next === undefined
        ? { kind: 'written', token: String(sentinel['etag']) as HistoryToken }
        : { kind: 'unknown' };
    } catch {
      // What is thrown is why the write failed.
      return { kind: 'unknown' };
    }
  }

  /**
   * Sees to it that a write that is still under way comes to nothing: the token that it has is used up.
   * @returns false when it was used already, be it by that write.
   */
  async #fence(instanceId: InstanceId, etag: string): Promise<boolean> {
    const sentinel = { partitionKey: escapeKey(instanceId), rowKey: SENTINEL_ROW_KEY };
    try {
      await this.#submit(instanceId, [['update', sentinel, 'Merge', { etag }]]);
      return true;
    } catch (error) {
      if (error instanceof SessionLostError) return false;
      throw error;
    }
  }

  /** Whether there still is what an append wrote: false when it was purged, or when somebody else wrote since. */
  async isCurrent(instanceId: InstanceId, token: HistoryToken): Promise<boolean> {
    const { table } = this.#options;
    try {
      const { etag } = await storageCall(`read the sentinel of '${instanceId}'`, () =>
        table.getEntity(escapeKey(instanceId), SENTINEL_ROW_KEY),
      );
      return etag === token;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw error;
    }
  }

  /**
   * Replaces event type and reason of single rows, each guarded by its ETag, all by the sentinel's.
   * @throws {SessionLostError} somebody else wrote since, or the history was purged.
   */
  async rewrite(instanceId: InstanceId, { token, edits }: HistoryRewrite): Promise<void> {
    const stored = new Map((await this.#rowsOf(instanceId)).map((row) => [row['rowKey'], row]));
    const edited = edits.map(({ index, event, reason }): Row => {
      const row = stored.get(historyRowKey(index));
      if (row === undefined) throw new SessionLostError(instanceId);
      return { ...toRow(row), EventType: event.EventType, Reason: reason };
    });
    const sentinel = { partitionKey: escapeKey(instanceId), rowKey: SENTINEL_ROW_KEY };
    let etag: string = token;
    for (const batch of toBatches(edited)) {
      const actions = batch.map((row): TransactionAction => {
        const rowEtag = String(stored.get(row.rowKey)?.['etag']);
        return ['update', row, 'Replace', { etag: rowEtag }];
      });
      etag = await this.#submit(instanceId, [...actions, ['update', sentinel, 'Merge', { etag }]]);
    }
  }

  /**
   * Deletes all rows of an instance, of whatever execution: the sentinel and the beginning first, under the ETags that were read, so that
   * of this and whoever writes at the same time one wins; who rewinds or starts the instance anew finds no history then, or this does nothing.
   * @returns their number; undefined when they stay.
   * @throws {SessionLostError} somebody wrote the history since it was read: it stays.
   */
  async deleteRows(
    instanceId: InstanceId,
    { isMeant, sparesRewound = false, isForced = false }: DeleteOptions = {},
  ): Promise<number | undefined> {
    const select = ['partitionKey', 'rowKey', ...(sparesRewound ? REWIND_COLUMNS : [])];
    const stored = await this.#rowsOf(instanceId, { select });
    if (sparesRewound && isBeingRewound(stored)) return undefined;
    if (isMeant !== undefined && !(await isMeant())) return undefined;
    const rows = isForced ? stored.map((row) => ({ ...row, etag: '*' })) : stored;
    const [first, ...others] = chunksOf(sentinelFirst(rows));
    if (first === undefined) return 0;
    await this.#deleteFirst(instanceId, first);
    await atMost(MAX_PARALLEL_DELETES, others, (chunk) => this.#deleteChunk(chunk));
    return stored.length;
  }

  async #read(instanceId: InstanceId): Promise<{
    readonly sentinel: StoredRow | undefined;
    readonly rows: readonly StoredRow[];
    readonly unfinished: UnfinishedCheckpoint | undefined;
  }> {
    const stored = await this.#rowsOf(instanceId);
    const sentinel = stored.findLast((row) => row['rowKey'] === SENTINEL_ROW_KEY);
    const all = stored.filter((row) => row['rowKey'] !== SENTINEL_ROW_KEY);
    const executionId = executionIdOf(sentinel ?? all[0]);
    const end = all.findIndex((row) => textColumn(row, 'ExecutionId') !== executionId);
    const rows = end < 0 ? all : all.slice(0, end);
    return { sentinel, rows, unfinished: findUnfinished(sentinel, rows.length) };
  }

  async #toHistory(
    sentinel: StoredRow | undefined,
    rows: readonly StoredRow[],
    options: ReadOptions = {},
  ): Promise<StoredHistory> {
    const executionId = executionIdOf(sentinel ?? rows[0]);
    return {
      executionId: executionId === undefined ? undefined : toExecutionId(executionId),
      events: await this.#eventsOf(rows, options),
      token: sentinel?.['etag'] as HistoryToken | undefined,
      blobNames: rows.flatMap(columnBlobs),
      ...(isUnfinished(sentinel) ? { isUnfinished: true } : {}),
    };
  }

  /** Deletes the rows from the last one on, so that a crash in between leaves the beginning of them. */
  async #takeBack(
    instanceId: InstanceId,
    {
      sentinel,
      rows,
      unfinished: { firstRow, endRow },
    }: {
      readonly sentinel: StoredRow;
      readonly rows: readonly StoredRow[];
      readonly unfinished: UnfinishedCheckpoint;
    },
  ): Promise<HistoryToken> {
    let etag = String(sentinel['etag']);
    for (let end = endRow; end > firstRow; end -= MAX_BATCH_ROWS) {
      const first = Math.max(firstRow, end - MAX_BATCH_ROWS);
      const rest = {
        ...keyOf(sentinel),
        ...unfinishedColumns({ firstRow, endRow: first }),
      };
      etag = await this.#submit(instanceId, [
        ...rows.slice(first, end).map((row): TransactionAction => ['delete', { ...keyOf(row) }]),
        ['update', rest, 'Merge', { etag }],
      ]);
    }
    const orphans = rows.slice(firstRow).flatMap(columnBlobs);
    await atMost(MAX_PARALLEL_PAYLOADS, orphans, async (name) => {
      await this.#options.payloads.delete(name);
    });
    return etag as HistoryToken;
  }

  /** @param of.fromKey only rows from this key on, the sentinel included. */
  async #rowsOf(
    instanceId: InstanceId,
    { select, fromKey }: { readonly select?: string[]; readonly fromKey?: string } = {},
  ): Promise<StoredRow[]> {
    const { table } = this.#options;
    const ofInstance = partitionFilter(instanceId);
    const filter = fromKey === undefined ? ofInstance : `${ofInstance} and RowKey ge '${fromKey}'`;
    const rows: StoredRow[] = [];
    await storageCall(`read the history of '${instanceId}' from '${table.tableName}'`, async () => {
      const entities = table.listEntities({
        queryOptions: { filter, ...(select === undefined ? {} : { select }) },
        disableTypeConversion: true,
      });
      for await (const page of entities.byPage()) rows.push(...page);
    });
    return rows;
  }

  async #eventsOf(
    rows: readonly StoredRow[],
    options: ReadOptions,
  ): Promise<readonly HistoryEvent[]> {
    const whole = [...rows];
    const large = rows.flatMap((row, index) => (columnBlobs(row).length > 0 ? [index] : []));
    await atMost(MAX_PARALLEL_PAYLOADS, large, async (index) => {
      const row = whole[index];
      if (row !== undefined) whole[index] = await this.#inflated(row, options);
    });
    return whole.map((row) => fromHistoryRow(row).event);
  }

  #inflated(row: StoredRow, { namesLost = false }: ReadOptions): Promise<StoredRow> {
    const { payloads } = this.#options;
    return inflateLargeColumns(row, (blobName) =>
      storageCall(`download large payload '${blobName}'`, () =>
        namesLost ? payloads.downloadOrName(blobName) : payloads.download(blobName),
      ),
    );
  }

  async #toRows(commit: OrchestrationCommit): Promise<readonly Row[]> {
    const { payloads, newId, storeInputs } = this.#options;
    const { instanceId, executionId, firstEventIndex } = commit;
    const upload = (blobName: string, text: string): Promise<void> =>
      storageCall(`upload large payload '${blobName}'`, () => payloads.upload(blobName, text));
    const rows = commit.newEvents.map((event, offset) =>
      toHistoryRow(event, {
        instanceId,
        executionId,
        index: firstEventIndex + offset,
        storeInputs,
      }),
    );
    if (!rows.some(hasLargeColumns)) return rows;
    return await atMost(MAX_PARALLEL_PAYLOADS, rows, (row) =>
      offloadLargeColumns(row, { upload, newId }),
    );
  }

  async #write(
    { instanceId, executionId }: OrchestrationCommit,
    batch: readonly Row[],
    {
      etag,
      isComplete,
      completedAt,
      columns,
    }: {
      readonly etag: string | undefined;
      readonly isComplete: boolean;
      readonly completedAt: string;
      readonly columns: Readonly<Record<string, string>>;
    },
  ): Promise<string> {
    const sentinel: Row = {
      ...sentinelRow({ instanceId, executionId, isComplete, completedAt }),
      ...columns,
    };
    const actions: TransactionAction[] = [
      ...batch.map((row): TransactionAction => ['upsert', row, 'Replace']),
      etag === undefined ? ['create', sentinel] : ['update', sentinel, 'Merge', { etag }],
    ];
    return await this.#submit(instanceId, actions);
  }

  /** @param actions the sentinel's last. @returns the sentinel's new ETag. */
  async #submit(instanceId: InstanceId, actions: TransactionAction[]): Promise<string> {
    const { table, rows } = this.#options;
    try {
      const { lastEtag } = await storageCall(
        `write the history of '${instanceId}' to '${table.tableName}'`,
        () => rows.submit(actions),
      );
      if (lastEtag !== undefined) return lastEtag;
    } catch (error) {
      if (isConflict(error)) throw new SessionLostError(instanceId, { cause: error });
      throw error;
    }
    // Nothing wrong with the commit, but the next one needs a token: it reloads.
    throw new SessionLostError(instanceId);
  }

  async #deleteFirst(instanceId: InstanceId, rows: readonly StoredRow[]): Promise<void> {
    try {
      await this.#deleteTogether(rows);
    } catch (error) {
      if (statusOf(error) === 412) throw new SessionLostError(instanceId, { cause: error });
      if (statusOf(error) !== 404) throw error;
      // Somebody else deletes too, and was faster.
      await this.#deleteOneByOne(rows);
    }
  }

  async #deleteChunk(rows: readonly StoredRow[]): Promise<void> {
    try {
      await this.#deleteTogether(rows);
    } catch (error) {
      if (!isGone(error)) throw error;
      await this.#deleteOneByOne(rows);
    }
  }

  async #deleteTogether(rows: readonly StoredRow[]): Promise<void> {
    const { table, rows: requests } = this.#options;
    const actions = rows.map((row): RowAction => {
      return ['delete', keyOf(row), { etag: etagOf(row) }];
    });
    await storageCall(`delete rows of '${table.tableName}'`, () => requests.submit(actions));
  }

  /** Those that are there as they were read. */
  async #deleteOneByOne(rows: readonly StoredRow[]): Promise<void> {
    const { table } = this.#options;
    await atMost(MAX_PARALLEL_DELETES, rows, async (row) => {
      const { partitionKey, rowKey } = keyOf(row);
      try {
        await storageCall(`delete a row of '${table.tableName}'`, () =>
          table.deleteEntity(partitionKey, rowKey, { etag: etagOf(row) }),
        );
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    });
  }
}

function chunksOf(rows: readonly StoredRow[]): readonly (readonly StoredRow[])[] {
  return Array.from({ length: Math.ceil(rows.length / MAX_DELETE_ROWS) }, (_, index) =>
    rows.slice(index * MAX_DELETE_ROWS, (index + 1) * MAX_DELETE_ROWS),
  );
}

function sentinelFirst(rows: readonly StoredRow[]): readonly StoredRow[] {
  const isSentinel = (row: StoredRow): boolean => row['rowKey'] === SENTINEL_ROW_KEY;
  return [...rows.filter(isSentinel), ...rows.filter((row) => !isSentinel(row))];
}

/** Whether the end of the current execution was taken back, and it has not ended again. */
function isBeingRewound(rows: readonly StoredRow[]): boolean {
  const sentinel = rows.find((row) => row['rowKey'] === SENTINEL_ROW_KEY);
  const current = rows.filter((row) => executionIdOf(row) === executionIdOf(sentinel));
  const end = current.findLast(
    (row) =>
      textColumn(row, 'EventType') === 'ExecutionCompleted' ||
      textColumn(row, 'Reason') === REWOUND_END,
  );
  return end !== undefined && textColumn(end, 'EventType') !== 'ExecutionCompleted';
}

function etagOf(row: StoredRow): string {
  return String(row['etag']);
}

/** Of a row: somebody else has deleted it, or put another in its place. */
function isGone(error: unknown): boolean {
  const status = statusOf(error);
  return status === 404 || status === 412;
}

function isSameRow(stored: StoredRow, written: Row): boolean {
  return (
    stored['rowKey'] === written.rowKey &&
    textColumn(stored, 'EventType') === textColumn(written, 'EventType') &&
    isSameTime(textColumn(stored, '_Timestamp'), textColumn(written, '_Timestamp'))
  );
}

function isSameTime(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && isSameInstant(one, other);
}

function executionIdOf(row: StoredRow | undefined): string | undefined {
  return row === undefined ? undefined : (textColumn(row, 'ExecutionId') ?? '');
}

interface RowKey {
  readonly partitionKey: string;
  readonly rowKey: string;
}

function keyOf(row: StoredRow): RowKey {
  return { partitionKey: String(row['partitionKey']), rowKey: String(row['rowKey']) };
}

/** 409: the sentinel exists already. 412: it changed. 404 of a row: the instance was purged. */
function isConflict(error: unknown): boolean {
  const status = statusOf(error);
  if (status === 409 || status === 412) return true;
  return status === 404 && codeOf(error) !== 'TableNotFound';
}
