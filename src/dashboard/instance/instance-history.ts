/** The history of an instance: all events, with payloads cut to what is shown of them. Asked again, the host says when nothing is new. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { HistoryEvent } from '../../core/history-event.ts';
import { ApiError, callApi } from '../api.ts';
import { oneAtATime } from '../parts/one-at-a-time.ts';

const EVENTS_AT_ONCE = 5_000;
/** Enough to find the id in the request to an entity, and to show what a row is about. */
const MAX_PAYLOAD_LENGTH = 300;

interface HistoryPart {
  readonly executionId: string | null;
  readonly total: number;
  readonly events: readonly HistoryEvent[];
}

export class InstanceHistory {
  readonly #instanceId: string;
  readonly #maxEvents: number;
  readonly #events = signal<readonly HistoryEvent[]>([]);
  readonly #total = signal<number | undefined>(undefined);
  readonly #error = signal<string | undefined>(undefined);
  readonly #closing = new AbortController();
  #etag: string | undefined;

  /** @param how.maxEvents of a longer one the first so many are loaded. @default all */
  constructor(instanceId: string, how: { readonly maxEvents?: number } = {}) {
    this.#instanceId = instanceId;
    this.#maxEvents = how.maxEvents ?? Infinity;
  }

  get events(): ReadonlySignal<readonly HistoryEvent[]> {
    return this.#events;
  }

  /** How many events there are, loaded or not; undefined until it is known. */
  get total(): ReadonlySignal<number | undefined> {
    return this.#total;
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
      const first = await this.#part(0, this.#etag);
      if (first !== undefined) {
        const events = [...first.body.events];
        while (events.length < Math.min(this.#maxEvents, first.body.total)) {
          const next = await this.#part(events.length, undefined);
          // It was purged, or started anew, meanwhile: the next look shows what there is.
          if (next === undefined || next.body.events.length === 0) break;
          if (next.body.executionId !== first.body.executionId) break;
          events.push(...next.body.events);
        }
        this.#etag = first.etag;
        this.#events.value = events;
        this.#total.value = first.body.total;
      }
      this.#error.value = undefined;
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      this.#error.value = error.message;
    }
  }

  /** With its payloads as they are. @throws {ApiError} */
  async readWhole(index: number): Promise<HistoryEvent | undefined> {
    const path = ['instances', this.#instanceId, 'history'];
    const { body } = await callApi(path, { query: { from: index, top: 1 } });
    return (body as unknown as HistoryPart).events[0];
  }

  async #part(
    from: number,
    etag: string | undefined,
  ): Promise<{ readonly body: HistoryPart; readonly etag: string | undefined } | undefined> {
    const answer = await callApi(['instances', this.#instanceId, 'history'], {
      query: {
        from,
        top: Math.min(EVENTS_AT_ONCE, this.#maxEvents),
        maxPayloadLength: MAX_PAYLOAD_LENGTH,
      },
      etag,
      signal: this.#closing.signal,
    });
    if (answer.status === 304) return undefined;
    return { body: answer.body as unknown as HistoryPart, etag: answer.etag };
  }
}
