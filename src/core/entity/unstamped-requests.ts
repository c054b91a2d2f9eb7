/**
 * The latest requests without stamps, those of clients and those that were sent for later: they would run again when their
 * messages come again. Of a process that dies, those of its last work item do, each at its own time and between others; they
 * are kept for as long as the reorder window from when another process finds them.
 */
import { isRecord, optionalText } from '../../base/json.ts';
import { formatTicks, parseTicks, ticksOfMs, type Ticks } from './tick-time.ts';

/** Those of the latest work item are kept whatever their number. */
const MAX_LATEST = 32;
const MAX_INHERITED = 8;

/** The requests of a process that died, or gave the entity away. */
interface InheritedList {
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
  #inherited: InheritedList[];

  /**
   * @param stored what `toJson` gave.
   * @param writer stands for the process: what another one stored may still come again.
   */
  constructor(stored: unknown, window: Ticks, writer: string) {
    this.#window = window;
    this.#writer = writer;
    const json = isRecord(stored) ? stored : {};
    const ids = readIds(json['Ids']);
    const isOurs = (optionalText(json['Writer']) ?? '') === writer;
    this.#latest = isOurs ? ids : new Set();
    const inherited = Array.isArray(json['Inherited']) ? json['Inherited'].filter(isRecord) : [];
    this.#inherited = inherited.map((list) => ({
      ids: readIds(list['Ids']),
      foundAt: isOurs ? parseTicks(optionalText(list['Found'])) : 0n,
    }));
    if (!isOurs && ids.size > 0) this.#inherited.unshift({ ids, foundAt: 0n });
  }

  /** @returns false when the request came before. */
  receive(requestId: string): boolean {
    const id = requestId.replaceAll('-', '');
    // Programs that write to queues themselves may leave it out, or take what would break the list.
    if (!/^\w+$/.test(id)) return true;
    if (this.#latest.has(id) || this.#inherited.some(({ ids }) => ids.has(id))) return false;
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
    for (const list of this.#inherited) if (list.foundAt === 0n) list.foundAt = now;
    this.#inherited = this.#inherited
      .filter(({ foundAt }) => foundAt + this.#window >= now)
      .slice(0, MAX_INHERITED);
  }

  toJson(): Record<string, unknown> {
    if (this.#latest.size === 0 && this.#inherited.length === 0) return {};
    const inherited = this.#inherited.map(({ ids, foundAt }) => ({
      ...(foundAt === 0n ? {} : { Found: formatTicks(foundAt) }),
      Ids: [...ids].join(' '),
    }));
    return {
      Ids: [...this.#latest].join(' '),
      ...(this.#writer === '' ? {} : { Writer: this.#writer }),
      ...(inherited.length === 0 ? {} : { Inherited: inherited }),
    };
  }
}

function readIds(text: unknown): Set<string> {
  return new Set(
    optionalText(text)
      ?.split(' ')
      .filter((id) => id !== ''),
  );
}
