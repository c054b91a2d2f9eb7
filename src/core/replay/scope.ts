/** What the files of this folder that start one kind of action may ask of the replay. */
import type { BackendLimits } from '../backend-limits.ts';
import type { HistoryEvent } from '../history-event.ts';
import type { SendStamp } from '../entity/send-stamps.ts';
import type { SdkAction } from './action.ts';
import type { DurableTask } from './durable-task.ts';
import type { Scheduled, ScheduledEvent } from './scheduled.ts';

/** The events that answer a scheduled request. */
export type CompletionEvent = Extract<
  HistoryEvent,
  {
    EventType:
      | 'TaskCompleted'
      | 'TaskFailed'
      | 'SubOrchestrationInstanceCompleted'
      | 'SubOrchestrationInstanceFailed'
      | 'TimerFired';
  }
>;

export interface ReplayScope {
  readonly instanceId: string;
  readonly executionId: string;
  readonly parentInstanceId: string | null;
  /** The orchestrator's clock: the latest OrchestratorStarted, in ms since the epoch. */
  readonly nowMs: number;
  /** Takes the next event id and asks for something under it. `recorded` is told the history event once there is one. */
  schedule(scheduled: Scheduled, recorded?: (event: ScheduledEvent) => void): number;
  /** Takes the next event id for something that is scheduled later, by `scheduleReserved`. */
  reserveId(): number;
  scheduleReserved(id: number, scheduled: Scheduled): void;
  /** What the storage of the hub cannot hold: ids, and timers that are long. */
  readonly limits: BackendLimits;
  /** How long to wait before a poll that no Retry-After times, in ms. */
  readonly defaultHttpPauseMs: number;
  /** Of sub-orchestrations that are given none. */
  readonly defaultVersion: string | null;
  /**
   * Shows the SDK events that are not in history, right after the one being applied: it counts attempts that the engine does
   * not make any more.
   */
  showToSdk(events: readonly HistoryEvent[]): void;
  /** The instance does not complete before the request is answered, or released. */
  awaitCompletion(id: number, completed: (event: CompletionEvent) => void): void;
  /** The instance may complete without the answer to this request; should it come all the same, `completed` is told. */
  release(id: number): void;
  /** Takes the next event id for something that only a history can hold, and that is not asked for any more. */
  expectRecord(scheduled: Scheduled): number;
  /** Begins a retried call: the list of its ids, in order, to which the caller adds. */
  newRetry(): number[];
  /** The id that is taken next. */
  readonly upcomingId: number;
  /** Takes the next event of this name (compared without case), buffered ones first. `raised` is told its input. */
  awaitEvent(name: string, raised: (input: string | null) => void): void;
  /** The id of a request to an entity that is made now. */
  newRequestId(): string;
  /** The times by which a receiving entity orders the requests of one sender, for one that is sent now. */
  stampRequest(targetInstanceId: string): SendStamp;
  /** Throws unless the app has such a function. */
  checkFunction(kind: 'orchestrator' | 'activity' | 'entity', name: string): void;
  /** Starts a nested action, or finds the task that it already is. */
  start(action: SdkAction, path: readonly number[]): DurableTask;
}
