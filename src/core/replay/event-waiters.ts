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

export class EventWaiters {
  readonly #waiters = new Map<string, Waiter[]>();
  readonly #early = new Map<string, EarlyEvent[]>();
  readonly #deliveries = new Map<number, EventDelivery>();
  readonly #contested = new Set<string>();
  readonly #delivered: (index: number, delivery: EventDelivery) => void;

  /** @param delivered is told each event that reaches the orchestrator, by its index in the history. */
  constructor(delivered: (index: number, delivery: EventDelivery) => void) {
    this.#delivered = delivered;
  }

  /** The external events that reached the orchestrator, by their index in the history. */
  get deliveries(): ReadonlyMap<number, EventDelivery> {
    return this.#deliveries;
  }

  get hasEarly(): boolean {
    return this.#early.size > 0;
  }

  get isEmpty(): boolean {
    return this.#waiters.size === 0;
  }

  /** An event arrives at `index`. */
  raise(event: EventRaisedEvent, index: number, served: ServedWaiter): void {
    const key = event.Name.toLowerCase();
    const waiter = takeFrom(this.#waiters, key, served);
    if (waiter) {
      this.#deliver(index, { name: waiter.name, after: index });
      waiter.raised(event.Input);
    } else {
      append(this.#early, key, { event, index });
    }
  }

  /** The orchestrator waits. An event that came early reaches it only by `deliverEarly`. */
  wait(name: string, raised: (input: string | null) => void): void {
    const key = name.toLowerCase();
    if (this.#waiters.has(key)) this.#contested.add(name);
    append(this.#waiters, key, { name, raised });
  }

  /**
   * Gives the oldest of the early events that something waits for to its waiter, after the event at `index`. Only when the
   * orchestrator can do no more without it: an SDK that is shown the event then gives it to the newest waiter of that moment.
   * @returns whether there was one.
   */
  deliverEarly(index: number, served: ServedWaiter): boolean {
    const [oldest] = [...this.#early]
      .filter(([key]) => this.#waiters.has(key))
      .flatMap(([key, [first]]) => (first ? [{ key, ...first }] : []))
      .sort((a, b) => a.index - b.index);
    if (!oldest) return false;
    takeFrom(this.#early, oldest.key, 'oldest');
    const waiter = takeFrom(this.#waiters, oldest.key, served);
    if (!waiter) return false;
    this.#deliver(oldest.index, { name: waiter.name, after: index });
    waiter.raised(oldest.event.Input);
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
    const unread = [...this.#early.values()].flat().map(({ event }) => event);
    this.#early.clear();
    return unread;
  }

  #deliver(index: number, delivery: EventDelivery): void {
    this.#deliveries.set(index, delivery);
    this.#delivered(index, delivery);
  }
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
