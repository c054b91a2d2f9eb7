/** All instances that a filter finds, page after page, up to a bound: for what is to be done with all of them. */
import { signal, type ReadonlySignal } from '@preact/signals';
import { ApiError, callApi, type InstanceStatus } from '../api.ts';
import { apiQueryOf, type InstanceFilter } from './instance-filter.ts';

const PAGE_SIZE = 1_000;
const MAX_MATCHING = 10_000;

export class MatchingInstances {
  readonly #filter: InstanceFilter;
  readonly #found = signal<readonly InstanceStatus[]>([]);
  readonly #state = signal<'looking' | 'complete' | 'bounded'>('looking');
  readonly #error = signal<string | undefined>(undefined);
  readonly #closing = new AbortController();

  constructor(filter: InstanceFilter) {
    this.#filter = filter;
  }

  get found(): ReadonlySignal<readonly InstanceStatus[]> {
    return this.#found;
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
    const asked = apiQueryOf(this.#filter, Date.now());
    const query = { createdTimeTo: new Date().toISOString(), ...withoutEmpty(asked), ...LEAN };
    const found = new Map<string, InstanceStatus>();
    let continuationToken: string | undefined;
    try {
      do {
        const { signal: abort } = this.#closing;
        const page = await callApi(['instances'], { query, continuationToken, signal: abort });
        for (const each of page.body as unknown as readonly InstanceStatus[]) {
          if (found.size < MAX_MATCHING) found.set(each.instanceId, each);
        }
        this.#found.value = [...found.values()];
        ({ continuationToken } = page);
      } while (continuationToken !== undefined && found.size < MAX_MATCHING);
      this.#state.value = continuationToken === undefined ? 'complete' : 'bounded';
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      this.#error.value = error.message;
    }
  }
}

const LEAN = {
  top: PAGE_SIZE,
  showInput: false,
  showOutput: false,
  excludeEntities: true,
  newestFirst: true,
};

function withoutEmpty(query: Readonly<Record<string, string | undefined>>) {
  return Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined && value !== ''),
  );
}
