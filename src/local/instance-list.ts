/**
 * Lists of instances, page by page. Each goes by the index that leaves out most: by status and creation time, by creation time, or
 * by id. A page goes on after the last key of the one before, so that the last one costs no more than the first. Within one index
 * the order is that of its keys: who asks for some statuses gets one after the other. Who wants the newest first gets them so, of
 * all statuses together, unless ids with a prefix are asked for.
 */
import { isEntityId, toInstanceId } from '../core/ids.ts';
import {
  type InstanceRecord,
  payloadsLength,
  type RuntimeStatus,
} from '../core/instance-status.ts';
import type { InstancePage, InstanceQuery } from '../engine/backend.ts';
import { decodeToken, encodeToken, type PageKey } from './continuation-token.ts';
import type { HubTables } from './hub-tables.ts';
import { createdMs, findRow, recordOf } from './instance-rows.ts';

/** So many rows that do not match end a page: those who ask get an answer, and go on. */
const MAX_LOOKED_AT = 5_000;

interface ListedKey {
  readonly key: PageKey;
  readonly instanceId: string;
}

interface ListOrder {
  /** Part of the tokens. */
  readonly index: string;
  readonly shape: PageKey;
  readonly keys: (after: PageKey | undefined) => Iterable<ListedKey>;
}

/** @throws {InvalidContinuationTokenError} */
export function listPage(tables: HubTables, query: InstanceQuery): InstancePage {
  const order = orderOf(tables, query);
  const { continuationToken: token } = query;
  const after = token === undefined ? undefined : decodeToken(token, order.index, order.shape);
  const instances: InstanceRecord[] = [];
  let length = 0;
  let lookedAt = 0;
  let last: PageKey | undefined;
  for (const { key, instanceId } of order.keys(after)) {
    const isPageFull =
      instances.length >= query.pageSize ||
      length >= (query.maxPageLength ?? Infinity) ||
      lookedAt >= MAX_LOOKED_AT;
    if (isPageFull && last !== undefined) {
      return { instances, continuationToken: encodeToken(order.index, last) };
    }
    last = key;
    lookedAt += 1;
    const row = findRow(tables, toInstanceId(instanceId));
    if (row === undefined || !matches(row.record, query)) continue;
    const { includeInput: input, includeOutput: output } = query;
    const record = recordOf(tables, row, { input, output });
    instances.push(record);
    length += payloadsLength(record);
    lookedAt = 0;
  }
  return { instances, continuationToken: undefined };
}

function orderOf(tables: HubTables, query: InstanceQuery): ListOrder {
  const { instanceIdPrefix = '', runtimeStatuses = [] } = query;
  const hasTime = query.createdTimeFrom !== undefined || query.createdTimeTo !== undefined;
  if (instanceIdPrefix !== '') return byId(tables, instanceIdPrefix);
  if (query.newestFirst === true) return byNewest(tables, query, runtimeStatuses);
  if (runtimeStatuses.length > 0) return byStatus(tables, query, runtimeStatuses);
  return hasTime ? byCreated(tables, query) : byId(tables, '');
}

function byId({ instances }: HubTables, prefix: string): ListOrder {
  // Ids are ordered by their bytes, where half of a pair is not the beginning of the whole.
  const start = prefix.replace(/[\ud800-\udbff]$/, '');
  return {
    index: 'id',
    shape: [''],
    *keys(after) {
      const [from] = after ?? [];
      const range =
        typeof from === 'string'
          ? { start: from, exclusiveStart: true }
          : start === ''
            ? {}
            : { start };
      for (const instanceId of instances.getKeys(range)) {
        if (!instanceId.startsWith(start)) return;
        yield { key: [instanceId], instanceId };
      }
    },
  };
}

function byCreated({ byCreated: index }: HubTables, query: InstanceQuery): ListOrder {
  const { fromMs, toMs } = timesOf(query);
  return {
    index: 'created',
    shape: [0, ''],
    *keys(after) {
      const range = after
        ? { start: after as [number, string], exclusiveStart: true }
        : { start: [fromMs, ''] as [number, string] };
      for (const key of index.getKeys(range)) {
        if (key[0] > toMs) return;
        yield { key, instanceId: key[1] };
      }
    },
  };
}

function byStatus(
  { byStatus: index }: HubTables,
  query: InstanceQuery,
  asked: readonly RuntimeStatus[],
): ListOrder {
  const { fromMs, toMs } = timesOf(query);
  const statuses = [...new Set(asked)].sort();
  return {
    index: 'status',
    shape: ['', 0, ''],
    *keys(after) {
      for (const status of statuses) {
        const [afterStatus = ''] = after ?? [];
        if (after !== undefined && status < String(afterStatus)) continue;
        const range =
          after !== undefined && status === afterStatus
            ? { start: after as [string, number, string], exclusiveStart: true }
            : { start: [status, fromMs, ''] as [string, number, string] };
        for (const key of index.getKeys(range)) {
          if (key[0] !== status || key[1] > toMs) break;
          yield { key, instanceId: key[2] };
        }
      }
    },
  };
}

/** The newest of each status, and of those the newest: the indexes are read backwards, side by side. */
function byNewest(
  { byStatus: ofStatus, byCreated: ofAll }: HubTables,
  query: InstanceQuery,
  asked: readonly RuntimeStatus[],
): ListOrder {
  const { fromMs, toMs } = timesOf(query);
  return {
    index: 'newest',
    shape: [0, ''],
    *keys(after) {
      const [beforeMs, beforeId] = (after ?? [toMs, LAST_ID]) as [number, string];
      const sources =
        asked.length === 0
          ? [backwards(ofAll.getKeys({ reverse: true, start: [beforeMs, beforeId] }))]
          : [...new Set(asked)].map((status) =>
              backwards(
                ofStatus.getKeys({ reverse: true, start: [status, beforeMs, beforeId] }),
                status,
              ),
            );
      const heads = sources.map((source) => source.next());
      for (;;) {
        let newest: number | undefined;
        for (const [n, head] of heads.entries()) {
          if (head.done === true) continue;
          const best = newest === undefined ? undefined : heads[newest]?.value;
          if (best === undefined || isNewer(head.value, best)) newest = n;
        }
        const head = newest === undefined ? undefined : heads[newest]?.value;
        if (newest === undefined || head === undefined || head[0] < fromMs) return;
        const isLastOfBefore = head[0] === beforeMs && head[1] === beforeId;
        if (!isLastOfBefore) yield { key: head, instanceId: head[1] };
        const source = sources[newest];
        if (source !== undefined) heads[newest] = source.next();
      }
    },
  };
}

type CreatedKey = [createdMs: number, instanceId: string];

/** Sorts behind every id. */
const LAST_ID = '\u{10ffff}';

/** @param status ends with the last key that has it. @default the keys have none */
function* backwards(
  keys: Iterable<CreatedKey | [string, number, string]>,
  status?: RuntimeStatus,
): Generator<CreatedKey, undefined> {
  for (const key of keys) {
    if (key.length === 2) yield key;
    else if (key[0] === status) yield [key[1], key[2]];
    else return undefined;
  }
  return undefined;
}

function isNewer([ms, id]: CreatedKey, [otherMs, otherId]: CreatedKey): boolean {
  return ms > otherMs || (ms === otherMs && id > otherId);
}

function timesOf({ createdTimeFrom, createdTimeTo }: InstanceQuery) {
  return {
    fromMs: createdTimeFrom?.getTime() ?? -Infinity,
    toMs: createdTimeTo?.getTime() ?? Infinity,
  };
}

function matches(record: InstanceRecord, query: InstanceQuery): boolean {
  const { runtimeStatuses, instanceIdPrefix, name } = query;
  if (name !== undefined && record.name !== name) return false;
  const { fromMs, toMs } = timesOf(query);
  const created = createdMs(record);
  if (created < fromMs || created > toMs) return false;
  const { lastUpdatedTo } = query;
  if (lastUpdatedTo !== undefined && Date.parse(record.lastUpdatedTime) > lastUpdatedTo.getTime()) {
    return false;
  }
  if (runtimeStatuses?.length && !runtimeStatuses.includes(record.runtimeStatus)) return false;
  if (instanceIdPrefix !== undefined && !record.instanceId.startsWith(instanceIdPrefix)) {
    return false;
  }
  return !(query.excludeEntities === true && isEntityId(record.instanceId));
}
