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

  /** An event arrives at `index`. Of several waiters the newest gets it (SDK 2.x and 3.x), or the oldest (1.x). */
  raise(event: EventRaisedEvent, index: number, served: 'newest' | 'oldest'): void {
    const key = event.Name.toLowerCase();
    const waiters = this.#waiters.get(key);
    const waiter = served === 'newest' ? waiters?.pop() : waiters?.shift();
    if (waiters?.length === 0) this.#waiters.delete(key);
    if (waiter) {
      this.#deliver(index, { name: waiter.name, after: index });
      waiter.raised(event.Input);
    } else {
      append(this.#early, key, { event, index });
    }
  }

  /** The orchestrator waits, after the event at `index`; an event that came early is taken at once, the oldest first. */
  wait(name: string, index: number, raised: (input: string | null) => void): void {
    const key = name.toLowerCase();
    const events = this.#early.get(key);
    const early = events?.shift();
    if (events?.length === 0) this.#early.delete(key);
    if (early) {
      this.#deliver(early.index, { name, after: index });
      raised(early.event.Input);
    } else {
      if (this.#waiters.has(key)) this.#contested.add(name);
      append(this.#waiters, key, { name, raised });
    }
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
