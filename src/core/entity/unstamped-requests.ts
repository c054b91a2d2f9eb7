/**
 * The latest requests without stamps, those of clients and those that were sent for later: they would run again when their
 * messages come again. Of a process that dies, those of its last work item do, each at its own time and between others; they
 * are kept for as long as the reorder window from when another process finds them.
 */
import { isRecord, optionalText } from '../../base/json-record.ts';
import { formatTicks, parseTicks, ticksOfMs, type Ticks } from './tick-time.ts';

/** The "sender" whose execution is a list of ids, the newest last. The .NET extension lets it expire. */
const KEY = '#unstamped';
/** Those of the latest work item are kept whatever their number. */
const MAX_LATEST = 32;
/** Lists left by processes that died, or gave the entity away. */
const MAX_LEFT = 8;

interface LeftList {
  readonly ids: ReadonlySet<string>;
  /** When this process found it; 0 until it looks at a clock. */
  foundAt: Ticks;
}

export class UnstampedRequests {
  readonly #window: Ticks;
  readonly #writer: string;
  /** Oldest first. */
  #latest: Set<string>;
  /** How many of them came in the delivery under way. */
  #now = 0;
  /** Newest first. */
  #left: LeftList[];

  /**
   * @param stored the entries by which `isEntry` knows them.
   * @param writer stands for the process: what another one stored may still come again.
   */
  constructor(stored: Readonly<Record<string, unknown>>, window: Ticks, writer: string) {
    this.#window = window;
    this.#writer = writer;
    const { [KEY]: latest, ...left } = stored;
    const ids = readIds(latest);
    const isOurs = isRecord(latest) && (optionalText(latest['Writer']) ?? '') === writer;
    this.#latest = isOurs ? ids : new Set();
    this.#left = Object.values(left).map((list) => ({
      ids: readIds(list),
      foundAt: isOurs && isRecord(list) ? parseTicks(optionalText(list['Last'])) : 0n,
    }));
    if (!isOurs && ids.size > 0) this.#left.unshift({ ids, foundAt: 0n });
  }

  static isEntry(key: string): boolean {
    return key === KEY || key.startsWith(`${KEY}#`);
  }

  /** @returns false when the request came before. */
  receive(requestId: string): boolean {
    const id = requestId.replaceAll('-', '');
    // Programs that write to queues themselves may leave it out, or take what would break the list.
    if (!/^\w+$/.test(id)) return true;
    if (this.#latest.has(id) || this.#left.some(({ ids }) => ids.has(id))) return false;
    this.#latest.add(id);
    this.#now++;
    return true;
  }

  /** All messages of a work item were received, and those of the one before are deleted: they are forgotten. */
  endDelivery(nowMs: number): void {
    const surplus = this.#latest.size - Math.max(MAX_LATEST, this.#now);
    if (surplus > 0) this.#latest = new Set([...this.#latest].slice(surplus));
    this.#now = 0;
    const now = ticksOfMs(nowMs);
    for (const list of this.#left) if (list.foundAt === 0n) list.foundAt = now;
    this.#left = this.#left
      .filter(({ foundAt }) => foundAt + this.#window >= now)
      .slice(0, MAX_LEFT);
  }

  toJson(): Record<string, unknown> {
    if (this.#latest.size === 0 && this.#left.length === 0) return {};
    const writer = this.#writer === '' ? {} : { Writer: this.#writer };
    const left = this.#left.map(({ ids, foundAt }, index) => {
      const last = foundAt === 0n ? {} : { Last: formatTicks(foundAt) };
      return [`${KEY}#${index}`, { ...last, ExecutionId: [...ids].join(' ') }] as const;
    });
    return {
      [KEY]: { ExecutionId: [...this.#latest].join(' '), ...writer },
      ...Object.fromEntries(left),
    };
  }
}

function readIds(list: unknown): Set<string> {
  const text = isRecord(list) ? optionalText(list['ExecutionId']) : undefined;
  return new Set(text?.split(' ').filter((id) => id !== ''));
}
