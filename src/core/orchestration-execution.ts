/**
 * One execution (generation) of an instance in the hands of the engine: its history as a fold, the replay that walks the
 * SDK's actions against it, and its custom status. Lives as long as its session; a lost session throws it away whole.
 */
import type { EventRaisedEvent, ExecutionStartedEvent, HistoryEvent } from './history-event.ts';
import type { ExecutionId, InstanceId } from './ids.ts';
import { toExecutionId } from './ids.ts';
import { OrchestrationState } from './orchestration-state.ts';
import { HistorySteps, type UnseenHistory } from './history-steps.ts';
import type { OrchestratorAnswer } from './replay/action.ts';
import type { EventDelivery } from './replay/event-waiters.ts';
import { OrchestrationReplay, type ReplayOptions } from './replay/replay.ts';
import type { ScheduledEvent } from './replay/scheduled.ts';
import { ChangedStepFailure } from './replay/same-step.ts';
import { viewHistory, type HistoryView } from './history-view.ts';

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
  /** How many events were delivered before the current episode. */
  playedCount = 0;
  readonly #rules: ReplayRules;
  #replay: OrchestrationReplay;
  #replayedCount = 0;
  /** How many events were stored when the orchestrator was first to run here: runs of before are not known. */
  #loadedCount: number | undefined;
  /** External events that the last view showed, by index. */
  #shown: ReadonlyMap<number, EventDelivery> = new Map();
  readonly #steps = new HistorySteps();
  /** Whether the first run that the replay was shown threw: the list of such a run does not say what reached the orchestrator. */
  #isBlind = false;

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
    this.#replay = this.#newReplay();
  }

  get replay(): OrchestrationReplay {
    return this.#replay;
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
    if (this.#replayedCount > 0) this.#carriedStatus = null;
    if (this.#isBlind) {
      // Found out anew, as for a history read from storage; the events would be kept from the orchestrator otherwise.
      this.#replay = this.#newReplay();
      this.#replayedCount = 0;
    }
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

  /** The history as the SDK is to see it in the next run. */
  view(): HistoryView {
    this.#loadedCount ??= this.committedCount;
    const { end } = this.#steps;
    const events = end === undefined ? this.state.events : this.state.events.slice(0, end);
    const view = viewHistory({
      events,
      playedCount: Math.min(this.playedCount, lastEpisodeStart(events)),
      hasExternalEvents: this.state.hasExternalEvents,
      replayedCount: this.#replayedCount,
      replay: this.#replay,
      isStored: end === undefined && this.#isUnknown,
    });
    this.#shown = view.shownEvents;
    return view;
  }

  /**
   * Gives the replay what it has not seen.
   * @returns 'incomplete' when an external event turned out to reach the orchestrator that the view had kept from it, or shown
   *   elsewhere: the orchestrator has to run again, with a view that knows.
   * @throws {ReplayFailure}
   */
  replayAnswer(
    answer: Exclude<OrchestratorAnswer, { kind: 'aborted' }>,
  ): 'complete' | 'incomplete' {
    const { events } = this.state;
    if (this.#steps.end === undefined && this.#steps.begin(answer, this.#unseen())) {
      return 'incomplete';
    }
    const firstIndex = this.#replayedCount;
    const end = this.#steps.end ?? events.length;
    const unseen = events.slice(firstIndex, end);
    if (answer.kind === 'ran') {
      try {
        const isStep = this.#steps.end !== undefined;
        const { actions } = answer;
        const applied = this.#replay.advance(actions, unseen, firstIndex, this.#shown, isStep);
        this.#replayedCount = firstIndex + applied;
        if (this.#replay.needsSteps) this.#steps.beginAt(this.#replayedCount);
      } catch (error) {
        // The list of a run over many events does not tell when each of its steps began.
        if (this.#steps.end !== undefined || !(error instanceof ChangedStepFailure)) throw error;
        this.#beginAnew();
        return 'incomplete';
      }
    } else {
      this.#replay.advanceThrown(answer.actions, unseen, firstIndex);
      this.#replayedCount = end;
    }
    this.#isBlind = answer.kind === 'threw' && firstIndex === 0;
    if (answer.kind === 'ran' && this.#replay.isHalted) return 'incomplete';
    return this.#steps.goOn(events) ? 'incomplete' : 'complete';
  }

  /** The orchestrator is shown its history from the beginning, one event more at a time. */
  #beginAnew(): void {
    this.#replay = this.#newReplay();
    this.#replayedCount = 0;
    this.#steps.beginAnew(this.state.events);
  }

  /** What a run made of the custom status. Mirrors the carryOverStatus of TaskOrchestrationDispatcher. */
  takeStatus(customStatus: string | null): void {
    this.customStatus = customStatus ?? this.#carriedStatus;
  }

  #unseen(): UnseenHistory {
    return {
      events: this.state.events,
      seenCount: this.#replayedCount,
      isUnknown: this.#isUnknown,
      mayLackEvents: this.#replay.hasEarlyEvents || this.#replay.isHalted,
      isResponse: (eventName) => this.state.hasSentRequest(eventName),
    };
  }

  /** Whether runs of earlier episodes are not known, because the history comes from storage, or they told nothing. */
  get #isUnknown(): boolean {
    return (
      this.#replayedCount < (this.#loadedCount ?? 0) || (this.#isBlind && this.#replayedCount === 0)
    );
  }

  #newReplay(): OrchestrationReplay {
    return new OrchestrationReplay({
      ...this.#rules,
      instanceId: this.instanceId,
      executionId: this.executionId,
      parentInstanceId: this.started.ParentInstance?.OrchestrationInstance.InstanceId ?? null,
    });
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
    generation.#carriedStatus = this.customStatus;
    generation.takeStatus(null);
    return generation;
  }

  #unreadEvents(): EventRaisedEvent[] {
    return this.replay.takeUnreadEvents();
  }
}

function lastEpisodeStart(events: readonly HistoryEvent[]): number {
  return events.findLastIndex(({ EventType }) => EventType === 'OrchestratorStarted');
}
