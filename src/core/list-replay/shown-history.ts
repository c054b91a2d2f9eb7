/**
 * The history as an SDK is to see it. What is stored stays as it is; only external events are shown where they reach the
 * orchestrator, under the name it waits for: SDKs before 3.5 hang on an event that comes before its wait, and all of them on
 * one whose name differs in case, because they compare exactly where the engine does not. SDK 1.x, which finds the events of a
 * call by its name and their order alone, is shown the attempts of each call in one piece, and what a rewind made anew in its
 * first place.
 */
import type { EventRaisedEvent, HistoryEvent } from '../history-event.ts';
import type { EventDelivery } from '../replay/event-waiters.ts';
import { isScheduledEvent } from '../replay/scheduled.ts';
import type { ListWalk } from './list-walk.ts';

export interface ShownHistory {
  readonly history: readonly HistoryEvent[];
  /** How many of `history` were shown before. */
  readonly playedCount: number;
  /** The external events that are shown, by their index in the stored history. */
  readonly shownEvents: ReadonlyMap<number, EventDelivery>;
}

export interface ViewRequest {
  readonly events: readonly HistoryEvent[];
  readonly playedCount: number;
  /** How many of `events` were walked. */
  readonly walkedCount: number;
  readonly walk: Pick<ListWalk, 'deliveries' | 'insertions' | 'waitedFor' | 'schema' | 'retries'>;
  /**
   * Whether some of the events that were not walked come from storage: nothing is known of their external events, so they are
   * shown where they came, until the walk finds out better.
   */
  readonly isStored: boolean;
}

export function viewHistory(request: ViewRequest): ShownHistory {
  const { events, playedCount, walk } = request;
  const deliveries = plannedDeliveries(request);
  const { insertions } = walk;
  const pieces = walk.schema === 'original' ? retriesInOnePiece(request) : NO_PIECES;
  // Before the first answer it is not known which SDK it is; for the others it makes no difference.
  const madeAnew = placesOfMadeAnew(events);
  const isMadeAnew = new Set(madeAnew.values());
  const lateAfter = new Map<number, EventRaisedEvent[]>();
  for (const [index, { name, after }] of deliveries) {
    const event = events[index];
    if (after === index || event?.EventType !== 'EventRaised') continue;
    const late = lateAfter.get(after) ?? [];
    late.push({ ...event, Name: name });
    lateAfter.set(after, late);
  }
  const pieceAt = (index: number): readonly number[] =>
    pieces.moved.has(index) ? [] : [index, ...(pieces.after.get(index) ?? [])];
  const history: HistoryEvent[] = [];
  let shownPlayedCount = 0;
  events.forEach((event, index) => {
    if (event.EventType !== 'EventRaised') {
      const shown = isMadeAnew.has(index) ? [] : pieceAt(madeAnew.get(index) ?? index);
      for (const place of shown) history.push(events[place] ?? event);
    } else {
      const delivery = deliveries.get(index);
      if (delivery?.after === index) history.push({ ...event, Name: delivery.name });
    }
    history.push(...(lateAfter.get(index) ?? []), ...(insertions.get(index) ?? []));
    if (index < playedCount) shownPlayedCount = history.length;
  });
  return {
    history,
    playedCount: shownPlayedCount,
    shownEvents: deliveries,
  };
}

/** Where each external event is to be shown; one without an entry is kept back. */
function plannedDeliveries(request: ViewRequest): Map<number, EventDelivery> {
  const { events, walkedCount, walk, isStored } = request;
  // In the order of delivery, which is the order in which late events of one moment are shown.
  const deliveries = new Map(walk.deliveries);
  const waitedFor = walk.waitedFor();
  for (let index = walkedCount; index < events.length; index++) {
    const event = events[index];
    if (event?.EventType !== 'EventRaised') continue;
    if (isStored && !isInherited(event.Name)) {
      deliveries.set(index, { name: event.Name, after: index });
      continue;
    }
    const name = waitedFor.get(event.Name.toLowerCase())?.pop();
    if (name !== undefined) deliveries.set(index, { name, after: index });
  }
  return deliveries;
}

/**
 * Whether every object has a member of this name, as `constructor` or `__proto__`. SDKs before 3.5 take that for a task of theirs
 * and fail, or change all objects of the process; so the event is shown only once it is known that something waits for it.
 */
function isInherited(eventName: string): boolean {
  return Reflect.has({}, eventName);
}

interface Pieces {
  /** Indexes of events that are shown elsewhere. */
  readonly moved: ReadonlySet<number>;
  /** By the index of an event, the indexes of those that are shown right after it. */
  readonly after: ReadonlyMap<number, readonly number[]>;
}

const NO_PIECES: Pieces = { moved: new Set(), after: new Map() };

/**
 * The events of each call that was tried more than once follow its first one. Only the latest answer stays where it is: its
 * place says when the call was over, and so which of several was first, and what time it was.
 */
function retriesInOnePiece({ events, walk }: ViewRequest): Pieces {
  const retried = walk.retries.filter(({ length }) => length > 1);
  if (retried.length === 0) return NO_PIECES;
  const callOf = new Map(retried.flatMap((ids) => ids.map((id) => [id, ids] as const)));
  const places = new Map<readonly number[], number[]>();
  events.forEach((event, index) => {
    const id = requestIdOf(event);
    const call = id === undefined ? undefined : callOf.get(id);
    if (!call) return;
    const known = places.get(call);
    if (known) known.push(index);
    else places.set(call, [index]);
  });
  const moved = new Set<number>();
  const after = new Map<number, readonly number[]>();
  for (const [first, ...others] of places.values()) {
    if (first === undefined) continue;
    const last = others.at(-1);
    const lastEvent = last === undefined ? undefined : events[last];
    const inPiece = lastEvent && !isScheduledEvent(lastEvent) ? others.slice(0, -1) : others;
    for (const index of inPiece) moved.add(index);
    after.set(first, inPiece);
  }
  return { moved, after };
}

/** By the index of what a rewind took back, the index of what took its place under the same id. */
function placesOfMadeAnew(events: readonly HistoryEvent[]): Map<number, number> {
  const takenBack = new Map<number, number>();
  const places = new Map<number, number>();
  events.forEach((event, index) => {
    if (event.EventType === 'GenericEvent' && event.EventId >= 0 && !takenBack.has(event.EventId)) {
      takenBack.set(event.EventId, index);
    } else if (isScheduledEvent(event)) {
      const place = takenBack.get(event.EventId);
      if (place !== undefined) places.set(place, index);
    }
  });
  return places;
}

/** The id of the task or timer that the event schedules or answers. */
function requestIdOf(event: HistoryEvent): number | undefined {
  switch (event.EventType) {
    case 'TaskCompleted':
    case 'TaskFailed':
    case 'SubOrchestrationInstanceCompleted':
    case 'SubOrchestrationInstanceFailed':
      return event.TaskScheduledId;
    case 'TimerFired':
      return event.TimerId;
    default:
      return isScheduledEvent(event) ? event.EventId : undefined;
  }
}
