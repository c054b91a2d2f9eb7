/** An instance as the host has it, asked for again and again while somebody looks. */
import { signal, type ReadonlySignal } from '@preact/signals';
import { ApiError, callApi, type InstanceStatus } from '../api.ts';
import { oneAtATime } from '../parts/one-at-a-time.ts';

export class WatchedInstance {
  readonly #instanceId: string;
  readonly #status = signal<InstanceStatus | undefined>(undefined);
  readonly #error = signal<string | undefined>(undefined);
  readonly #closing = new AbortController();

  constructor(instanceId: string) {
    this.#instanceId = instanceId;
  }

  /** What was told last; undefined until it was. */
  get status(): ReadonlySignal<InstanceStatus | undefined> {
    return this.#status;
  }

  get error(): ReadonlySignal<string | undefined> {
    return this.#error;
  }

  close(): void {
    this.#closing.abort();
  }

  readonly refresh = oneAtATime(() => this.#ask());

  async #ask(): Promise<void> {
    try {
      const { body } = await callApi(['instances', this.#instanceId], {
        signal: this.#closing.signal,
      });
      this.#status.value = body as unknown as InstanceStatus;
      this.#error.value = undefined;
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      this.#error.value = error.message;
    }
  }
}
