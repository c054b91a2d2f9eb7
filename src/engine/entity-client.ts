/**
 * What clients can do with the entities of a task hub: signal, look, list, clean up. The other half is `TaskHubClient`, which
 * is about orchestrations. Mirrors the entity methods of DurableClient.
 */
import { toGuid } from '../base/guid.ts';
import { checkEntityId, entityInstanceId } from '../core/entity/entity-id.ts';
import { decodeSchedulerState } from '../core/entity/scheduler-state.ts';
import { InvalidInputError } from '../core/errors.ts';
import { signalEntityMessage } from '../core/lifecycle/signal-entity.ts';
import type { Ambient } from './ambient.ts';
import type { TaskHubClientBackend } from './backend.ts';
import {
  cleanEntityStorage,
  type CleanEntityStorageOptions,
  type CleanEntityStorageResult,
} from './clean-entity-storage.ts';
import { listEntities, type EntityPage, type EntityQuery } from './entity-queries.ts';

export type {
  CleanEntityStorageOptions,
  CleanEntityStorageResult,
} from './clean-entity-storage.ts';
export type { EntityPage, EntityQuery, EntityRecord } from './entity-queries.ts';

export interface EntityClientOptions {
  readonly backend: TaskHubClientBackend;
  readonly ambient: Ambient;
  /** As the workers of the hub have it. */
  readonly reorderWindowMs: number;
}

export class EntityClient {
  readonly #options: EntityClientOptions;

  constructor(options: EntityClientOptions) {
    this.#options = options;
  }

  /**
   * Sends a one-way request to an entity, which comes to be with the first one.
   * @param input JSON text; null for none.
   * @throws {InvalidInputError} when there can be no such entity.
   *
   * @example
   * await client.entities.signal('Counter', 'clicks', 'add', '1');
   */
  async signal(
    name: string,
    key: string,
    operation: string,
    input: string | null,
    options: { readonly scheduledTime?: Date } = {},
  ): Promise<void> {
    const { backend, ambient } = this.#options;
    checkEntityId({ name, key }, backend.limits);
    const { scheduledTime } = options;
    if (Number.isNaN(scheduledTime?.getTime())) {
      throw new InvalidInputError('The time that the signal is scheduled for is not a valid date.');
    }
    const requestId = toGuid(ambient.newId());
    const request = { operation, input, requestId, scheduledTime };
    await backend.sendMessage(signalEntityMessage({ name, key }, request, ambient.now()));
  }

  /** The state of an entity as JSON text; undefined when it does not exist. */
  async readState(name: string, key: string): Promise<string | undefined> {
    const record = await this.#options.backend.findInstance(entityInstanceId({ name, key }), {
      input: true,
    });
    const { exists, state } = decodeSchedulerState(record?.input ?? null, 0);
    return exists ? (state ?? 'null') : undefined;
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
