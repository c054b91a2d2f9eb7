/**
 * One execution (generation) of an instance in the hands of the engine: its history as a fold, the replay that walks beside the
 * orchestrator, and its custom status. Lives as long as its session; a lost session throws it away whole.
 */
import type { BackendLimits } from './backend-limits.ts';
import type { EventRaisedEvent, ExecutionStartedEvent, HistoryEvent } from './history-event.ts';
import type { ExecutionId, InstanceId } from './ids.ts';
import { toExecutionId } from './ids.ts';
import { OrchestrationState } from './orchestration-state.ts';
import type { EventFeed } from './replay/event-feed.ts';
import { OrchestrationReplay, type ReplayOptions } from './replay/replay.ts';
import type { ScheduledEvent } from './replay/scheduled.ts';

export type ReplayRules = Omit<ReplayOptions, 'instanceId' | 'executionId' | 'parentInstanceId'>;

export class OrchestrationExecution {
  readonly state: OrchestrationState;
  readonly started: ExecutionStartedEvent;
  readonly executionId: ExecutionId;
  /** JSON text; null for none. */
  customStatus: string | null = null;
  /** The status of the generation before: that of the first episode, unless it sets one. */
  #carriedStatus: string | null = null;
  /** How many events are stored. */
  committedCount = 0;
  /** How many events the orchestrator was shown by runs that are over. */
  #playedCount: number;
  #hasRun = false;
  readonly #rules: ReplayRules;
  #replay: OrchestrationReplay;

  /**
   * @param history at least an ExecutionStarted: what is stored (then set `committedCount`), or what begins a new execution.
   * @throws {TypeError} without an ExecutionStarted.
   */
  constructor(instanceId: InstanceId, history: readonly HistoryEvent[], rules: ReplayRules) {
    this.state = new OrchestrationState(instanceId);
    for (const event of history) this.state.append(event);
    const { started, executionId } = this.state;
    if (!started || executionId === undefined) {
      throw new TypeError(`The history of instance '${instanceId}' has no ExecutionStarted event.`);
    }
    this.started = started;
    this.executionId = executionId;
    this.#rules = rules;
    this.#playedCount = countPlayed(history);
    this.#replay = this.#newReplay();
  }

  get replay(): OrchestrationReplay {
    return this.#replay;
  }

  /** What the storage of the hub cannot hold. */
  get limits(): BackendLimits {
    return this.#rules.limits;
  }

  get instanceId(): InstanceId {
    return this.state.instanceId;
  }

  /** The instance that waits for this one as its sub-orchestration. */
  get parentInstanceId(): string | null {
    return this.started.ParentInstance?.OrchestrationInstance.InstanceId ?? null;
  }

  /**
   * Begins an episode with the events of accepted messages. The clock never runs backwards, and is never before the due time
   * of a timer that fires: the SDK counts the slices of long timers by it.
   */
  beginEpisode(events: readonly HistoryEvent[], nowMs: number): void {
    if (this.#hasRun) this.#carriedStatus = null;
    let clockMs = Math.max(nowMs, this.state.clockMs);
    for (const event of events) {
      if (event.EventType === 'TimerFired') clockMs = Math.max(clockMs, Date.parse(event.FireAt));
    }
    this.state.append({
      EventType: 'OrchestratorStarted',
      EventId: -1,
      IsPlayed: false,
      Timestamp: new Date(clockMs).toISOString(),
    });
    for (const event of events) this.state.append({ ...event, IsPlayed: true });
  }

  /** What the run of the orchestrator has not been shown. */
  feed(): EventFeed {
    return this.#replay.feed(this.state.events, this.#playedCount);
  }

  /** The next run of the orchestrator is a new one and is shown the history from the beginning. */
  replayAnew(): void {
    this.#replay = this.#newReplay();
  }

  /** The orchestrator has run, and its episode is closed. */
  noteRun(): void {
    this.#hasRun = true;
    this.#playedCount = this.state.events.length;
  }

  /** What a run made of the custom status. Mirrors the carryOverStatus of TaskOrchestrationDispatcher. */
  takeStatus(customStatus: string | null): void {
    this.customStatus = customStatus ?? this.#carriedStatus;
  }

  #newReplay(): OrchestrationReplay {
    return new OrchestrationReplay({
      ...this.#rules,
      instanceId: this.instanceId,
      executionId: this.executionId,
      parentInstanceId: this.parentInstanceId,
    });
  }

  /** Records a request that is on its way: in history, and with the replay. */
  appendScheduled(event: ScheduledEvent): void {
    this.state.append(event);
    this.replay.record(event, this.state.events.length - 1);
  }

  /**
   * The next generation: same id, name, parent and tags, a new execution id; events that arrived too late for this one are
   * carried over. Mirrors TaskOrchestrationDispatcher's handling of ContinueAsNew.
   */
  continueAsNew(
    input: unknown,
    next: { readonly executionId: string; readonly now: string },
  ): OrchestrationExecution {
    const generation = new OrchestrationExecution(
      this.instanceId,
      [
        {
          EventType: 'OrchestratorStarted',
          EventId: -1,
          IsPlayed: false,
          Timestamp: new Date(Math.max(Date.parse(next.now), this.state.clockMs)).toISOString(),
        },
        {
          ...this.started,
          IsPlayed: true,
          Timestamp: next.now,
          OrchestrationInstance: {
            InstanceId: this.instanceId,
            ExecutionId: toExecutionId(next.executionId),
          },
          Input: input === undefined ? null : JSON.stringify(input),
          ScheduledStartTime: null,
          Generation: null,
        },
        ...this.#unreadEvents(),
        { EventType: 'OrchestratorCompleted', EventId: -1, IsPlayed: true, Timestamp: next.now },
      ],
      this.#rules,
    );
    generation.#playedCount = 0;
    generation.#carriedStatus = this.customStatus;
    generation.takeStatus(null);
    return generation;
  }

  #unreadEvents(): EventRaisedEvent[] {
    return this.replay.takeUnreadEvents();
  }
}

/** How many events of a stored history the orchestrator was shown: it does not run while the instance is suspended. */
export function countPlayed(history: readonly HistoryEvent[]): number {
  let count = 0;
  let isSuspended = false;
  history.forEach(({ EventType }, index) => {
    if (EventType === 'ExecutionSuspended') isSuspended = true;
    if (EventType === 'ExecutionResumed') isSuspended = false;
    if (EventType === 'OrchestratorCompleted' && !isSuspended) count = index + 1;
  });
  return count;
}
