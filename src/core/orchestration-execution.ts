/**
 * One execution (generation) of an instance in the hands of the engine: its history as a fold, the replay that walks the
 * SDK's actions against it, and its custom status. Lives as long as its session; a lost session throws it away whole.
 */
import type { EventRaisedEvent, ExecutionStartedEvent, HistoryEvent } from './history-event.ts';
import type { ExecutionId, InstanceId } from './ids.ts';
import { toExecutionId } from './ids.ts';
import { OrchestrationState } from './orchestration-state.ts';
import type { OrchestratorAnswer } from './replay-actions/action.ts';
import { OrchestrationReplay, type ReplayOptions } from './replay-actions/replay.ts';
import type { ScheduledEvent } from './replay-actions/scheduled.ts';

export type ReplayRules = Pick<ReplayOptions, 'checkFunction' | 'newId' | 'maxActions'>;

export class OrchestrationExecution {
  readonly state: OrchestrationState;
  readonly started: ExecutionStartedEvent;
  readonly executionId: ExecutionId;
  readonly replay: OrchestrationReplay;
  /** JSON text; null for none. */
  customStatus: string | null = null;
  /** How many events are stored. */
  committedCount = 0;
  /** How many events were delivered before the current episode. */
  playedCount = 0;
  readonly #rules: ReplayRules;
  #replayedCount = 0;

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
    this.replay = new OrchestrationReplay({
      ...rules,
      instanceId,
      executionId,
      parentInstanceId: started.ParentInstance?.OrchestrationInstance.InstanceId ?? null,
    });
  }

  get instanceId(): InstanceId {
    return this.state.instanceId;
  }

  /**
   * Begins an episode with the events of accepted messages. The clock never runs backwards, and is never before the due time
   * of a timer that fires: the SDK counts the slices of long timers by it.
   */
  beginEpisode(events: readonly HistoryEvent[], nowMs: number): void {
    this.playedCount = this.state.events.length;
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

  /** Gives the replay what it has not seen. @throws {ReplayFailure} */
  replayAnswer(answer: Exclude<OrchestratorAnswer, { kind: 'aborted' }>): void {
    const unseen = this.state.events.slice(this.#replayedCount);
    this.#replayedCount = this.state.events.length;
    if (answer.kind === 'ran') this.replay.advance(answer.actions, unseen);
    else this.replay.advanceThrown(answer.actions, unseen);
  }

  /** Records a request that is on its way: in history, and with the replay, which need not be shown it again. */
  appendScheduled(event: ScheduledEvent): void {
    this.state.append(event);
    this.replay.record(event);
    this.#replayedCount = this.state.events.length;
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
    generation.customStatus = this.customStatus;
    return generation;
  }

  #unreadEvents(): EventRaisedEvent[] {
    return this.replay.takeUnreadEvents();
  }
}
