/** An entity as a test sees it: operations go in, and its state and their results come out. */
import { randomUUID } from 'node:crypto';
import { entityInstanceId } from '../core/entity/entity-id.ts';
import { CALL_ENTITY, type EntityAnswer } from './entity-call.ts';
import { jsonOf, valueOf } from './json-values.ts';
import { StartedOrchestration } from './started-orchestration.ts';
import type { TestHub } from './test-hub.ts';

/** Made by `DurableApp.entity`. */
export class TestedEntity {
  readonly #hub: TestHub;
  readonly #id: { readonly name: string; readonly key: string };

  constructor(hub: TestHub, id: { readonly name: string; readonly key: string }) {
    this.#hub = hub;
    this.#id = id;
  }

  /** Sends an operation that nobody waits for. */
  async signal(operation: string, input?: unknown): Promise<void> {
    const { name, key } = this.#id;
    await this.#hub.client.entities.signal(name, key, operation, jsonOf(input));
  }

  /** Calls an operation as an orchestrator does. @returns its result; rejects when it throws. */
  async call(operation: string, input?: unknown): Promise<unknown> {
    const entityId = entityInstanceId(this.#id);
    const instanceId = randomUUID().replaceAll('-', '');
    const call = JSON.stringify({ entityId, operation, input });
    await this.#hub.client.start({ name: CALL_ENTITY, instanceId, input: call });
    const run = new StartedOrchestration({ instanceId, name: CALL_ENTITY, hub: this.#hub });
    const { hasThrown, value } = (await run.output()) as EntityAnswer;
    if (!hasThrown) return value;
    const reason = typeof value === 'string' ? value : JSON.stringify(value);
    throw new Error(
      `The operation '${operation}' of the entity '${entityId}' threw${reason === '{}' ? ', and its SDK does not tell the message' : `: ${reason}`}.`,
    );
  }

  /** @returns undefined while the entity does not exist. */
  async state(): Promise<unknown> {
    await this.#hub.settle();
    const state = await this.#hub.client.entities.readState(this.#id.name, this.#id.key);
    return state === undefined ? undefined : valueOf(state);
  }
}
