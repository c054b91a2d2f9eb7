/**
 * Who waits for which external event, and which events came before anybody waited. Names compare without case, as in the
 * engine; what is remembered is how the orchestrator spells them. Mirrors the event buffers of DurableOrchestrationContext.
 */
import type { EventRaisedEvent } from '../history-event.ts';

/** Where an external event reached the orchestrator: by which name, and after which event of the history. */
export interface EventDelivery {
  readonly name: string;
  /** The event's own index when something waited for it already; a later one when it came early. */
  readonly after: number;
}

/** Which of several waiters for one name gets an event: the newest with SDK 2.x and 3.x, the oldest with 1.x. */
export type ServedWaiter = 'newest' | 'oldest';

interface Waiter {
  /** As the orchestrator spells it. */
  readonly name: string;
  readonly raised: (input: string | null) => void;
}

interface EarlyEvent {
  readonly event: EventRaisedEvent;
  readonly index: number;
}

type Delivered = (event: EventRaisedEvent, index: number, delivery: EventDelivery) => void;

export class EventWaiters {
  readonly #waiters = new Map<string, Waiter[]>();
  readonly #early = new Map<string, EarlyEvent[]>();
  /** Names for which there are both. */
  readonly #ready = new Set<string>();
  readonly #contested = new Set<string>();
  readonly #delivered: Delivered;

  /** @param delivered is told each event that reaches the orchestrator, with its index in the history. */
  constructor(delivered: Delivered) {
    this.#delivered = delivered;
  }

  get hasEarly(): boolean {
    return this.#early.size > 0;
  }

  get isEmpty(): boolean {
    return this.#waiters.size === 0;
  }

  /** An event arrives at `index`. */
  raise(event: EventRaisedEvent, index: number, served: ServedWaiter): void {
    const key = keyOf(event.Name);
    const waiter = takeFrom(this.#waiters, key, served);
    if (!this.#waiters.has(key)) this.#ready.delete(key);
    if (waiter) this.#deliver(waiter, { event, index }, index);
    else this.keep(event, index);
  }

  /** An event arrives at `index` that reaches nobody now. */
  keep(event: EventRaisedEvent, index: number): void {
    const key = keyOf(event.Name);
    append(this.#early, key, { event, index });
    if (this.#waiters.has(key)) this.#ready.add(key);
  }

  /** The orchestrator waits. An event that came early reaches it only by `deliverEarly`. */
  wait(name: string, raised: (input: string | null) => void): void {
    const key = keyOf(name);
    if (this.#waiters.has(key)) this.#contested.add(name);
    append(this.#waiters, key, { name, raised });
    if (this.#early.has(key)) this.#ready.add(key);
  }

  /**
   * Gives the oldest of the early events that something waits for to its waiter, after the event at `index`. Only when the
   * orchestrator can do no more without it: an SDK that is shown the event then gives it to the newest waiter of that moment.
   * @returns whether there was one.
   */
  deliverEarly(index: number, served: ServedWaiter): boolean {
    let oldest: string | undefined;
    for (const key of this.#ready) {
      if (oldest === undefined || this.#firstIndex(key) < this.#firstIndex(oldest)) oldest = key;
    }
    if (oldest === undefined) return false;
    const early = takeFrom(this.#early, oldest, 'oldest');
    const waiter = takeFrom(this.#waiters, oldest, served);
    if (!this.#early.has(oldest) || !this.#waiters.has(oldest)) this.#ready.delete(oldest);
    if (!early || !waiter) return false;
    this.#deliver(waiter, early, index);
    return true;
  }

  /** The names of the events waited for now, each as often as it is waited for, by their lower case. */
  names(): Map<string, string[]> {
    return new Map(
      [...this.#waiters].map(([key, waiters]) => [key, waiters.map(({ name }) => name)]),
    );
  }

  /** Takes out the names that were waited for while another wait for them was open: which of the two an event ends surprises. */
  takeContested(): string[] {
    const names = [...this.#contested];
    this.#contested.clear();
    return names;
  }

  /** Takes out the events that nothing waited for, in the order of their names' first event. */
  takeUnread(): EventRaisedEvent[] {
    const unread: EventRaisedEvent[] = [];
    // Not `flat`: an instance with a backlog carries all of it from generation to generation.
    for (const list of this.#early.values()) for (const { event } of list) unread.push(event);
    this.#early.clear();
    this.#ready.clear();
    return unread;
  }

  #firstIndex(key: string): number {
    return this.#early.get(key)?.[0]?.index ?? Infinity;
  }

  #deliver(waiter: Waiter, { event, index }: EarlyEvent, after: number): void {
    this.#delivered(event, index, { name: waiter.name, after });
    waiter.raised(event.Input);
  }
}

function keyOf(name: string): string {
  return name.toLowerCase();
}

function append<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

function takeFrom<Value>(
  lists: Map<string, Value[]>,
  key: string,
  end: ServedWaiter,
): Value | undefined {
  const list = lists.get(key);
  const value = end === 'newest' ? list?.pop() : list?.shift();
  if (list?.length === 0) lists.delete(key);
  return value;
}
