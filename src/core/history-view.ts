/**
 * The history as an SDK is to see it. What is stored stays as it is; only external events are shown where they reach the
 * orchestrator, under the name it waits for: SDKs before 3.5 hang on an event that comes before its wait, and all of them on
 * one whose name differs in case, because they compare exactly where the engine does not.
 */
import type { EventRaisedEvent, HistoryEvent } from './history-event.ts';
import type { EventDelivery, OrchestrationReplay } from './replay-actions/replay.ts';

export interface HistoryView {
  readonly history: readonly HistoryEvent[];
  /** How many of `history` were delivered in earlier episodes. */
  readonly playedCount: number;
  /** Indexes, in the stored history, of the external events that are shown. */
  readonly shownEvents: ReadonlySet<number>;
  /** After which events of the stored history others were inserted. */
  readonly shownInsertions: ReadonlySet<number>;
}

export interface ViewRequest {
  readonly events: readonly HistoryEvent[];
  readonly playedCount: number;
  /** How many of `events` the replay has walked. */
  readonly replayedCount: number;
  readonly replay: Pick<OrchestrationReplay, 'deliveries' | 'insertions' | 'waitedFor'>;
  /** Of a history read from storage that was not walked yet: what else the SDK has to be shown. */
  readonly foundInsertions: ReadonlyMap<number, readonly HistoryEvent[]> | undefined;
  /** For a history read from storage that was not walked yet: what is known of its early events. */
  readonly foundDeliveries: ReadonlyMap<number, EventDelivery> | undefined;
}

export function viewHistory(request: ViewRequest): HistoryView {
  const { events, playedCount } = request;
  const deliveries = plannedDeliveries(request);
  const insertions = request.foundInsertions ?? request.replay.insertions;
  if (deliveries.size === 0 && insertions.size === 0 && !hasExternalEvents(events)) {
    return { history: events, playedCount, shownEvents: new Set(), shownInsertions: new Set() };
  }
  const lateAfter = new Map<number, EventRaisedEvent[]>();
  for (const [index, { name, after }] of deliveries) {
    const event = events[index];
    if (after === index || event?.EventType !== 'EventRaised') continue;
    const late = lateAfter.get(after) ?? [];
    late.push({ ...event, Name: name });
    lateAfter.set(after, late);
  }
  const history: HistoryEvent[] = [];
  let shownPlayedCount = 0;
  events.forEach((event, index) => {
    if (event.EventType !== 'EventRaised') {
      history.push(event);
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
    shownEvents: new Set(deliveries.keys()),
    shownInsertions: new Set(insertions.keys()),
  };
}

/** Where each external event is to be shown; one without an entry is kept back. */
function plannedDeliveries(request: ViewRequest): Map<number, EventDelivery> {
  const { events, replayedCount, replay, foundDeliveries } = request;
  const deliveries = new Map<number, EventDelivery>(replay.deliveries);
  const waitedFor = replay.waitedFor();
  for (let index = replayedCount; index < events.length; index++) {
    const event = events[index];
    if (event?.EventType !== 'EventRaised') continue;
    if (foundDeliveries) {
      deliveries.set(index, foundDeliveries.get(index) ?? { name: event.Name, after: index });
      continue;
    }
    const name = waitedFor.get(event.Name.toLowerCase())?.pop();
    if (name !== undefined) deliveries.set(index, { name, after: index });
  }
  return deliveries;
}

function hasExternalEvents(events: readonly HistoryEvent[]): boolean {
  return events.some(({ EventType }) => EventType === 'EventRaised');
}
