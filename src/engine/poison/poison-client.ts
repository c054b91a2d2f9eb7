/**
 * What clients can do with the messages of a hub that were set aside: look at them, put them back, drop them. The other halves are
 * `TaskHubClient` and its clients of entities and trees.
 */
import { PoisonMessageNotFoundError } from '../../core/errors.ts';
import type { PoisonMessage } from '../../core/poison-message.ts';
import type { PoisonPage, TaskHubClientBackend } from '../backend.ts';

const PAGE_SIZE = 100;

export class PoisonClient {
  readonly #backend: TaskHubClientBackend;

  constructor(backend: TaskHubClientBackend) {
    this.#backend = backend;
  }

  /** @throws {InvalidContinuationTokenError} */
  async list(query: {
    readonly pageSize: number;
    readonly continuationToken?: string | undefined;
  }): Promise<PoisonPage> {
    return await this.#backend.listPoison(query);
  }

  /** All of them, page by page. */
  async *all(): AsyncGenerator<PoisonMessage> {
    let continuationToken: string | undefined;
    do {
      const page = await this.#backend.listPoison({ pageSize: PAGE_SIZE, continuationToken });
      yield* page.messages;
      ({ continuationToken } = page);
    } while (continuationToken !== undefined);
  }

  /** @throws {PoisonMessageNotFoundError} */
  async get(id: string): Promise<PoisonMessage> {
    const found = await this.#backend.findPoison(id);
    if (found === undefined) throw new PoisonMessageNotFoundError(id);
    return found;
  }

  /**
   * Puts the message back where it came from: it is tried again, as often as any other.
   * @throws {PoisonMessageNotFoundError}
   */
  async replay(id: string): Promise<void> {
    if (!(await this.#backend.replayPoison(id))) throw new PoisonMessageNotFoundError(id);
  }

  /** Deletes the message for good. @throws {PoisonMessageNotFoundError} */
  async drop(id: string): Promise<void> {
    if (!(await this.#backend.dropPoison(id))) throw new PoisonMessageNotFoundError(id);
  }
}
