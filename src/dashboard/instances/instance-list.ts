/**
 * The instances that are loaded: page after page as the user goes down, and the first page again and again while the list is live.
 * Payloads stay with the host.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import { ApiError, type InstanceStatus } from '../api.ts';
import { type InstanceFilter, isSearch } from './instance-filter.ts';
import { askPage, type InstancePage } from './instance-pages.ts';

const PAGE_SIZE = 200;
/** A page may be empty and have others behind it: so many are asked for in one go. */
const MAX_EMPTY_PAGES = 20;

export class InstanceList {
  readonly #filter: InstanceFilter;
  readonly #rows = signal<readonly InstanceStatus[]>([]);
  readonly #state = signal<'loading' | 'ready'>('loading');
  readonly #error = signal<string | undefined>(undefined);
  readonly #hasMore = signal(false);
  readonly #isOrdered = signal(true);
  readonly #seen = signal(0);
  readonly #closing = new AbortController();
  #token: string | undefined;
  readonly #isAsking = signal(false);
  #wantsMore = false;
  #wantsRefresh = false;

  /** Whether the host looks at instances one by one: then it does so only when it is told to. */
  readonly isSearch: boolean;

  constructor(filter: InstanceFilter) {
    this.#filter = filter;
    this.isSearch = isSearch(filter);
  }

  /** How many a search has looked at. */
  get seen(): ReadonlySignal<number> {
    return this.#seen;
  }

  /** Those that were created last come first. */
  get rows(): ReadonlySignal<readonly InstanceStatus[]> {
    return this.#rows;
  }

  get state(): ReadonlySignal<'loading' | 'ready'> {
    return this.#state;
  }

  get error(): ReadonlySignal<string | undefined> {
    return this.#error;
  }

  get hasMore(): ReadonlySignal<boolean> {
    return this.#hasMore;
  }

  /** Whether the host is asked now. */
  get isAsking(): ReadonlySignal<boolean> {
    return this.#isAsking;
  }

  /** False where the storage lists by id: later pages may bring what belongs between the rows that are there. */
  get isOrdered(): ReadonlySignal<boolean> {
    return this.#isOrdered;
  }

  /** Nothing is asked for any more. */
  close(): void {
    this.#closing.abort();
  }

  /** The first page. What is loaded of the others stays, but for what is told anew; a search begins anew. */
  async refresh(): Promise<void> {
    // What is on its way may be older than what was done meanwhile.
    this.#wantsRefresh = this.#isAsking.value;
    await this.#ask(async () => {
      const page = await this.#page(undefined);
      const isWhole = this.#token === undefined || this.#rows.value.length <= PAGE_SIZE;
      this.#seen.value = page.seen;
      if (isWhole || this.isSearch) {
        this.#token = page.token;
        this.#show(page.rows);
      } else {
        this.#show([...page.rows, ...this.#rows.value]);
      }
    });
  }

  async more(): Promise<void> {
    if (this.#token === undefined) return;
    // Nobody asks twice for the same rows: it is not forgotten while the first page is on its way.
    this.#wantsMore = this.#isAsking.value;
    await this.#ask(async () => {
      const page = await this.#page(this.#token);
      this.#token = page.token;
      this.#seen.value += page.seen;
      this.#show([...this.#rows.value, ...page.rows]);
    });
  }

  /** @param rows what comes first counts. */
  #show(rows: readonly InstanceStatus[]): void {
    const byId = new Map<string, InstanceStatus>();
    for (const row of rows) if (!byId.has(row.instanceId)) byId.set(row.instanceId, row);
    const all = [...byId.values()];
    this.#isOrdered.value = this.#token === undefined || isSorted(all);
    this.#rows.value = all.sort(byCreated);
    this.#hasMore.value = this.#token !== undefined;
  }

  async #page(token: string | undefined): Promise<InstancePage> {
    let continuationToken = token;
    for (let pages = 1; ; pages++) {
      const page = await askPage(this.#filter, {
        top: PAGE_SIZE,
        nowMs: Date.now(),
        continuationToken,
        signal: this.#closing.signal,
      });
      continuationToken = page.token;
      const isEnough = this.isSearch || page.rows.length > 0 || pages === MAX_EMPTY_PAGES;
      if (isEnough || continuationToken === undefined) return page;
    }
  }

  async #ask(work: () => Promise<void>): Promise<void> {
    if (this.#isAsking.value) return;
    this.#isAsking.value = true;
    try {
      await work();
      this.#error.value = undefined;
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      this.#error.value = error.message;
    } finally {
      this.#isAsking.value = false;
      this.#state.value = 'ready';
    }
    if (this.#wantsMore) {
      this.#wantsMore = false;
      await this.more();
    } else if (this.#wantsRefresh) {
      this.#wantsRefresh = false;
      await this.refresh();
    }
  }
}

function byCreated(a: InstanceStatus, b: InstanceStatus): number {
  return a.createdTime < b.createdTime ? 1 : a.createdTime > b.createdTime ? -1 : 0;
}

function isSorted(rows: readonly InstanceStatus[]): boolean {
  return rows.every((row, n) => n === 0 || row.createdTime <= (rows[n - 1]?.createdTime ?? ''));
}
