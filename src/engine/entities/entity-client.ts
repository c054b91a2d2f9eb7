/**
 * What clients can do with the entities of a task hub: signal, look, list, clean up. The other half is `TaskHubClient`, which
 * is about orchestrations. Mirrors the entity methods of DurableClient.
 */
import { toGuid } from '../../base/guid.ts';
import type { W3cTrace } from '../../base/w3c-trace.ts';
import {
  checkEntityId,
  type EntityId,
  entityInstanceId,
  parseEntityId,
} from '../../core/entity/entity-id.ts';
import { decodeSchedulerState } from '../../core/entity/scheduler-state.ts';
import type { EntityRequest } from '../../core/entity/request-message.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { signalEntityMessage } from '../../core/lifecycle/signal-entity.ts';
import { checkPayload } from '../../core/payload-size.ts';
import { entityRequestSpan } from '../../telemetry/durable-spans.ts';
import type { Tracing } from '../../telemetry/tracing.ts';
import type { Ambient } from '../ambient.ts';
import type { TaskHubClientBackend } from '../backend.ts';
import { sendInSpan } from '../client/client-spans.ts';
import {
  cleanEntityStorage,
  type CleanEntityStorageOptions,
  type CleanEntityStorageResult,
} from './clean-entity-storage.ts';
import { isEntityRow, listEntities, type EntityPage, type EntityQuery } from './entity-queries.ts';

export type {
  CleanEntityStorageOptions,
  CleanEntityStorageResult,
} from './clean-entity-storage.ts';
export type { EntityPage, EntityQuery, EntityRecord } from './entity-queries.ts';

export interface EntityClientOptions {
  readonly backend: TaskHubClientBackend;
  readonly ambient: Ambient;
  readonly tracing: Tracing;
  /** As the workers of the hub have it. */
  readonly reorderWindowMs: number;
}

/** An entity, with what it does not tell those who ask for its state. */
export interface EntityDetails {
  readonly entityId: EntityId;
  /** False for one that was deleted, or never had a state, and has something to do with somebody all the same. */
  readonly exists: boolean;
  /** JSON text; null when there is none. */
  readonly state: string | null;
  /** ISO 8601: the end of its last batch. */
  readonly lastOperationTime: string;
  /** The orchestration that has it to itself, or is to get it. */
  readonly lockedBy: string | null;
  /** What it has taken and not run yet: for whoever has the lock, as a rule. Messages that are on their way are not seen. */
  readonly queue: readonly EntityRequest[];
}

export class EntityClient {
  readonly #options: EntityClientOptions;

  constructor(options: EntityClientOptions) {
    this.#options = options;
  }

  /**
   * Sends a one-way request to an entity, which comes to be with the first one.
   * @param input JSON text; null for none.
   * @param options.trace where the request stands in its trace. @default where the caller runs, if it wants spans
   * @throws {InvalidInputError} when there can be no such entity, or the input is too long to be stored.
   *
   * @example
   * await client.entities.signal('Counter', 'clicks', 'add', '1');
   */
  async signal(
    name: string,
    key: string,
    operation: string,
    input: string | null,
    options: { readonly scheduledTime?: Date; readonly trace?: W3cTrace | undefined } = {},
  ): Promise<void> {
    const { backend, ambient, tracing } = this.#options;
    checkEntityId({ name, key }, backend.limits);
    checkPayload(backend.limits, input, () => `The input of operation '${operation}'`);
    const { scheduledTime } = options;
    if (Number.isNaN(scheduledTime?.getTime())) {
      throw new InvalidInputError('The time that the signal is scheduled for is not a valid date.');
    }
    const requestId = toGuid(ambient.newId());
    const request = { operation, input, requestId, scheduledTime };
    const entityId = entityInstanceId({ name, key });
    const subject = () => entityRequestSpan({ entityId, operation, isSignal: true });
    await sendInSpan(tracing, subject, options.trace, (trace) =>
      backend.sendMessage(signalEntityMessage({ name, key }, { ...request, trace }, ambient.now())),
    );
  }

  /** The state of an entity as JSON text; undefined when it does not exist. */
  async readState(name: string, key: string): Promise<string | undefined> {
    const record = await this.#options.backend.findInstance(entityInstanceId({ name, key }), {
      input: true,
    });
    const { exists, state } = decodeSchedulerState(record?.input ?? null, 0);
    return exists ? (state ?? 'null') : undefined;
  }

  /** @returns undefined when the hub has no such row. @throws {CorruptMessageError} what it keeps cannot be read. */
  async readStatus(name: string, key: string): Promise<EntityDetails | undefined> {
    const record = await this.#options.backend.findInstance(entityInstanceId({ name, key }), {
      input: true,
    });
    if (record === undefined || !isEntityRow(record)) return undefined;
    const { exists, state, lockedBy, queue } = decodeSchedulerState(record.input, 0);
    const entityId = parseEntityId(record.instanceId);
    const { createdTime: lastOperationTime } = record;
    return { entityId, exists, state, lastOperationTime, lockedBy, queue };
  }

  /** @throws {InvalidContinuationTokenError} */
  async list(query: EntityQuery): Promise<EntityPage> {
    return await listEntities(this.#options, query);
  }

  /** Releases locks that nobody will, and purges entities that hold nothing. Call again while there is a token. */
  async cleanStorage(options: CleanEntityStorageOptions): Promise<CleanEntityStorageResult> {
    return await cleanEntityStorage(this.#options, options);
  }
}
