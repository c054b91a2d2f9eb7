/** How long an orchestration waited for a worker, as its history tells: from its creation, or from when it was due, to its first step. Pure. */
import type { HistoryEvent } from './history-event.ts';

/** In ms; undefined before the first step. Of an eternal orchestration: of its latest execution. */
export function firstStepWait(history: readonly HistoryEvent[]): number | undefined {
  const step = history.find(({ EventType }) => EventType === 'OrchestratorStarted');
  const started = history.find((event) => event.EventType === 'ExecutionStarted');
  if (step === undefined || started === undefined) return undefined;
  const dueMs = Date.parse(started.ScheduledStartTime ?? '');
  const createdMs = Date.parse(started.Timestamp);
  const sinceMs = Number.isNaN(dueMs) ? createdMs : Math.max(createdMs, dueMs);
  // Clocks of workers differ.
  return Math.max(0, Date.parse(step.Timestamp) - sinceMs);
}
