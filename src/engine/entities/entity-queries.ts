/** Entities as clients see them: instances whose id is `@name@key`. Mirrors the entity part of DurableClient. */
import { parseEntityId, type EntityId } from '../../core/entity/entity-id.ts';
import { decodeEntityStatus, decodeSchedulerState } from '../../core/entity/scheduler-state.ts';
import { CorruptMessageError } from '../../core/errors.ts';
import { isEntityId } from '../../core/ids.ts';
import type { InstanceRecord } from '../../core/instance-status.ts';
import type { Ambient } from '../ambient.ts';
import {
  DEFAULT_MAX_PAGE_LENGTH,
  type InstancePage,
  type InstanceQuery,
  type TaskHubClientBackend,
} from '../backend.ts';

export interface EntityQuery {
  /** Compared without case. @default every name */
  readonly entityName?: string;
  readonly lastOperationFrom?: Date;
  readonly lastOperationTo?: Date;
  /** @default false */
  readonly fetchState?: boolean;
  /** Also entities that were deleted, or never had a state, and whose instance is still there. @default false */
  readonly includeDeleted?: boolean;
  readonly pageSize: number;
  readonly continuationToken?: string;
}

export interface EntityRecord {
  readonly entityId: EntityId;
  readonly exists: boolean;
  /** ISO 8601: the end of its last batch. */
  readonly lastOperationTime: string;
  /** JSON text; null when there is none, it cannot be read, or it was not asked for. */
  readonly state: string | null;
}

export interface EntityPage {
  readonly entities: readonly EntityRecord[];
  /** undefined on the last page. A page may be short or empty and still have a token. */
  readonly continuationToken: string | undefined;
}

/** A page without entities is followed by the next one for so long. */
const LOOK_FURTHER_MS = 100;

/** @throws {InvalidContinuationTokenError} */
export async function listEntities(
  deps: { readonly backend: TaskHubClientBackend; readonly ambient: Ambient },
  query: EntityQuery,
): Promise<EntityPage> {
  const { backend, ambient } = deps;
  const startMs = ambient.now();
  let { continuationToken } = query;
  for (;;) {
    const page: InstancePage = await backend.listInstances(instanceQuery(query, continuationToken));
    const entities = page.instances.flatMap((record) => entityRecord(record, query) ?? []);
    ({ continuationToken } = page);
    const isOver = continuationToken === undefined || ambient.now() - startMs > LOOK_FURTHER_MS;
    if (entities.length > 0 || isOver) return { entities, continuationToken };
  }
}

function instanceQuery(query: EntityQuery, continuationToken: string | undefined): InstanceQuery {
  const { entityName, lastOperationFrom, lastOperationTo, pageSize } = query;
  return {
    // The row of an entity is as old as its last batch: each one continues as new.
    ...(lastOperationFrom && { createdTimeFrom: lastOperationFrom }),
    ...(lastOperationTo && { createdTimeTo: lastOperationTo }),
    ...(continuationToken !== undefined && { continuationToken }),
    instanceIdPrefix: entityName ? `@${entityName.toLowerCase()}@` : '@',
    pageSize,
    maxPageLength: DEFAULT_MAX_PAGE_LENGTH,
    includeInput: query.fetchState ?? false,
    includeOutput: false,
  };
}

/** undefined for what the query leaves out, orchestrations with an id that looks like an entity's among it. */
function entityRecord(record: InstanceRecord, query: EntityQuery): EntityRecord | undefined {
  const exists = decodeEntityStatus(record.customStatus)?.exists ?? false;
  if (!exists && !(query.includeDeleted && isEntityRow(record))) return undefined;
  return {
    entityId: parseEntityId(record.instanceId),
    exists,
    lastOperationTime: record.createdTime,
    state: query.fetchState ? readableState(record.input) : null,
  };
}

/** Entities are named like their instance; nobody can start an orchestration of such a name. */
export function isEntityRow({ instanceId, name }: InstanceRecord): boolean {
  return isEntityId(instanceId) && name === instanceId;
}

/** One entity that cannot be read must not hide the others; asked for by itself it is an error. */
function readableState(input: string | null): string | null {
  try {
    return decodeSchedulerState(input, 0).state;
  } catch (error) {
    if (error instanceof CorruptMessageError) return null;
    throw error;
  }
}
