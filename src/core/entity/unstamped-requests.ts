/**
 * The requests without stamps that came lately, those of clients and those that were sent for later: they would run again when
 * their messages come again. That happens when a message was put and the answer to that was lost, so that its sender put it once
 * more; when it was not deleted, as storage failed or the process died; and then there may be any number of others in between.
 *
 * Known are those of the reorder window, MAX_KNOWN at most. Of its own a process stores only the newest, so that the state stays
 * small: MAX_STORED, which take 9 KB, or all of the latest work item, whose messages may not be deleted yet. What another process
 * stored is kept apart, for a window of its own: the messages of its last work item come again at any time, between any others.
 */
import { isRecord, optionalText } from '../../base/json.ts';
import { stableId } from '../stable-id.ts';
import { formatTicks, parseTicks, ticksOfMs, type Ticks } from './tick-time.ts';

const MAX_KNOWN = 8192;
const MAX_STORED = 512;
/** Times are kept to this, so that requests of about one time share it. */
const SLICE: Ticks = ticksOfMs(60_000);
/** Enough of a hash that two requests hardly ever have the same: 64 bits. */
const DIGITS = 16;

type Times = Map<string, Ticks>;

export class UnstampedRequests {
  readonly #window: Ticks;
  readonly #writer: string;
  /** When each came; the oldest first. */
  readonly #own: Times;
  /** What other processes stored, and when this one, or one before it, found it. */
  readonly #found: Times;
  /** Of the delivery under way, or else of the latest one. */
  #latest: string[] = [];
  #isDelivering = false;

  /**
   * @param stored what `toJson` gave.
   * @param writer stands for the process: what another one stored may still come again.
   */
  constructor(stored: unknown, window: Ticks, writer: string) {
    this.#window = window;
    this.#writer = writer;
    const json = isRecord(stored) ? stored : {};
    const isOurs = (optionalText(json['Writer']) ?? '') === writer;
    const own = readSlices(json['Received']);
    const found = [...readOldForm(json), ...readSlices(json['Found'])];
    this.#own = new Map(isOurs ? own : []);
    this.#found = new Map(isOurs ? found : [...found, ...own].map(([id]) => [id, 0n]));
  }

  /** @returns false when the request came before. */
  receive(requestId: string): boolean {
    // Programs that write to queues themselves may leave it out, or take one that is no id.
    if (!/^[\w-]+$/.test(requestId)) return true;
    this.#beginDelivery();
    const id = digest(requestId);
    if (this.#own.has(id) || this.#found.has(id)) return false;
    this.#latest.push(id);
    this.#own.set(id, 0n);
    return true;
  }

  /** All messages of a work item were received: what came long ago is forgotten. */
  endDelivery(nowMs: number): void {
    this.#beginDelivery();
    this.#isDelivering = false;
    const now = ticksOfMs(nowMs);
    const slice = now - (now % SLICE);
    for (const id of this.#latest) this.#own.set(id, slice);
    for (const [id, time] of this.#found) if (time === 0n) this.#found.set(id, slice);
    for (const [known, most] of [
      [this.#own, Math.max(MAX_KNOWN, this.#latest.length)],
      [this.#found, MAX_KNOWN],
    ] as const) {
      for (const [id, time] of known) {
        if (known.size <= most && time + this.#window >= now) break;
        known.delete(id);
      }
    }
  }

  /** Characters that it takes in memory, about. */
  get length(): number {
    return (this.#own.size + this.#found.size) * DIGITS;
  }

  toJson(): Record<string, unknown> {
    const storedCount = Math.max(MAX_STORED, this.#latest.length);
    const received = slicesOf(this.#own, this.#own.size - storedCount);
    const found = slicesOf(this.#found, 0);
    if (received.length === 0 && found.length === 0) return {};
    return {
      ...(this.#writer === '' ? {} : { Writer: this.#writer }),
      ...(received.length === 0 ? {} : { Received: received }),
      ...(found.length === 0 ? {} : { Found: found }),
    };
  }

  /** The messages of the delivery before are deleted by now. */
  #beginDelivery(): void {
    if (!this.#isDelivering) this.#latest = [];
    this.#isDelivering = true;
  }
}

function slicesOf(known: Times, skippedCount: number): Record<string, string>[] {
  const slices = new Map<Ticks, string[]>();
  let place = 0;
  for (const [id, time] of known) {
    if (place++ < skippedCount) continue;
    const slice = slices.get(time);
    if (slice) slice.push(id);
    else slices.set(time, [id]);
  }
  return [...slices].map(([time, ids]) => ({ At: formatTicks(time), Ids: ids.join(' ') }));
}

type Timed = readonly [id: string, time: Ticks];

function readSlices(json: unknown): Timed[] {
  return recordsIn(json).flatMap((slice) => {
    const time = parseTicks(optionalText(slice['At']));
    return readIds(slice['Ids']).map((id): Timed => [id, time]);
  });
}

/** Earlier versions stored whole ids: what they had found, the newest list first, and their own without a time. */
function readOldForm(json: Readonly<Record<string, unknown>>): Timed[] {
  const lists = [{ Ids: json['Ids'] }, ...recordsIn(json['Inherited'])].reverse();
  return lists.flatMap((list: Readonly<Record<string, unknown>>) => {
    const time = parseTicks(optionalText(list['Found']));
    return readIds(list['Ids']).map((id): Timed => [digest(id), time]);
  });
}

function recordsIn(list: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

function readIds(text: unknown): string[] {
  return (optionalText(text) ?? '').split(' ').filter((id) => id !== '');
}

/** With and without dashes an id is the same. */
function digest(requestId: string): string {
  return stableId(requestId.replaceAll('-', '')).slice(0, DIGITS);
}
