/** All instances that a filter finds, page after page, up to a bound: for what is to be done with all of them. */
import { signal, type ReadonlySignal } from '@preact/signals';
import { ApiError, type InstanceStatus } from '../api.ts';
import { type InstanceFilter, isSearch } from './instance-filter.ts';
import { askPage } from './instance-pages.ts';

const PAGE_SIZE = 1_000;
const MAX_MATCHING = 10_000;
/** Of what a search has to look at. */
const MAX_SEEN = 50_000;

export class MatchingInstances {
  readonly #filter: InstanceFilter;
  readonly #found = signal<readonly InstanceStatus[]>([]);
  readonly #state = signal<'looking' | 'complete' | 'bounded'>('looking');
  readonly #seen = signal(0);
  readonly #error = signal<string | undefined>(undefined);
  readonly #closing = new AbortController();

  constructor(filter: InstanceFilter) {
    this.#filter = filter;
  }

  get found(): ReadonlySignal<readonly InstanceStatus[]> {
    return this.#found;
  }

  /** How many were looked at. */
  get seen(): ReadonlySignal<number> {
    return this.#seen;
  }

  /** `bounded`: there are more than are looked for. */
  get state(): ReadonlySignal<'looking' | 'complete' | 'bounded'> {
    return this.#state;
  }

  get error(): ReadonlySignal<string | undefined> {
    return this.#error;
  }

  close(): void {
    this.#closing.abort();
  }

  /** Once. What is created from now on is not among them. */
  async look(): Promise<void> {
    const nowMs = Date.now();
    const maxSeen = isSearch(this.#filter) ? MAX_SEEN : Infinity;
    const found = new Map<string, InstanceStatus>();
    let continuationToken: string | undefined;
    try {
      do {
        const page = await askPage(this.#filter, {
          top: PAGE_SIZE,
          nowMs,
          createdTimeTo: new Date(nowMs).toISOString(),
          continuationToken,
          signal: this.#closing.signal,
        });
        for (const each of page.rows) {
          if (found.size < MAX_MATCHING) found.set(each.instanceId, each);
        }
        this.#found.value = [...found.values()];
        this.#seen.value += page.seen;
        continuationToken = page.token;
      } while (
        continuationToken !== undefined &&
        found.size < MAX_MATCHING &&
        this.#seen.value < maxSeen
      );
      this.#state.value = continuationToken === undefined ? 'complete' : 'bounded';
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      this.#error.value = error.message;
    }
  }
}
