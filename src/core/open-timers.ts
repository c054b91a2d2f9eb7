import type { HistoryEvent, TimerCreatedEvent } from './history-event.ts';

/** The timers of an execution that have not fired, due or not, those included that it gave up: they fire, and nobody waits for them. */
export function openTimersOf(history: readonly HistoryEvent[]): readonly TimerCreatedEvent[] {
  const fired = new Set(
    history.flatMap((event) => (event.EventType === 'TimerFired' ? [event.TimerId] : [])),
  );
  return history.filter(
    (event): event is TimerCreatedEvent =>
      event.EventType === 'TimerCreated' && !fired.has(event.EventId),
  );
}
