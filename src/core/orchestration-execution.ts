/**
 * One execution (generation) of an instance in the hands of the engine: its history as a fold, the replay that walks the
 * SDK's actions against it, and its custom status. Lives as long as its session; a lost session throws it away whole.
 */
import type { EventRaisedEvent, ExecutionStartedEvent, HistoryEvent } from './history-event.ts';
import type { ExecutionId, InstanceId } from './ids.ts';
import { toExecutionId } from './ids.ts';
import { OrchestrationState } from './orchestration-state.ts';
import {
  flattenActions,
  type OrchestratorAnswer,
  type SdkAction,
  type SdkActions,
} from './replay-actions/action.ts';
import type { EventDelivery } from './replay-actions/event-waiters.ts';
import { OrchestrationReplay, type ReplayOptions } from './replay-actions/replay.ts';
import { isScheduledEvent, type ScheduledEvent } from './replay-actions/scheduled.ts';
import { viewHistory, type HistoryView } from './history-view.ts';

export type ReplayRules = Omit<ReplayOptions, 'instanceId' | 'executionId' | 'parentInstanceId'>;

export class OrchestrationExecution {
  readonly state: OrchestrationState;
  readonly started: ExecutionStartedEvent;
  readonly executionId: ExecutionId;
  /** JSON text; null for none. */
  customStatus: string | null = null;
  /** How many events are stored. */
  committedCount = 0;
  /** How many events were delivered before the current episode. */
  playedCount = 0;
  readonly #rules: ReplayRules;
  #replay: OrchestrationReplay;
  #replayedCount = 0;
  /** External events that the last view showed, by index. */
  #shown: ReadonlyMap<number, EventDelivery> = new Map();
  /**
   * How many events the run under way is shown, when the history is walked in steps.
   */
  #stepEnd: number | undefined;
  /** Whether the first run that the replay was shown threw: the list of such a run does not say what reached the orchestrator. */
  #isBlind = false;
  /** Whether a step is an event, and not an episode. */
  #stepsOfEvents = false;

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
    const events =
      this.#stepEnd === undefined ? this.state.events : this.state.events.slice(0, this.#stepEnd);
    const view = viewHistory({
      events,
      playedCount: Math.min(this.playedCount, lastEpisodeStart(events)),
      hasExternalEvents: this.state.hasExternalEvents,
      replayedCount: this.#replayedCount,
      replay: this.#replay,
      isStored: this.#stepEnd === undefined && this.#isUnknown,
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
    if (this.#stepEnd === undefined && this.#needsSteps(answer)) {
      this.#stepEnd = this.#nextStep(this.#replayedCount);
      return 'incomplete';
    }
    const firstIndex = this.#replayedCount;
    const end = this.#stepEnd ?? events.length;
    const unseen = events.slice(firstIndex, end);
    if (answer.kind === 'ran') {
      const applied = this.#replay.advance(answer.actions, unseen, firstIndex, this.#shown);
      this.#replayedCount = firstIndex + applied;
    } else {
      this.#replay.advanceThrown(answer.actions, unseen, firstIndex);
      this.#replayedCount = end;
    }
    this.#isBlind = answer.kind === 'threw' && firstIndex === 0;
    if (answer.kind === 'ran' && this.#replay.isHalted) return 'incomplete';
    if (this.#stepEnd === undefined) return 'complete';
    this.#stepEnd = end < events.length ? this.#nextStep(end) : undefined;
    return this.#stepEnd === undefined ? 'complete' : 'incomplete';
  }

  /** Whether runs of earlier episodes are not known, because the history comes from storage, or they told nothing. */
  get #isUnknown(): boolean {
    return (
      this.#replayedCount < this.committedCount || (this.#isBlind && this.#replayedCount === 0)
    );
  }

  /**
   * Whether the answer does not tell enough about more than one event: SDK 1.x does not say when a yield was over; and after a
   * run that threw nothing is known of the external events that it was not shown, or shown in the wrong place, nor, when the
   * history comes from storage, of the attempts that are still to come.
   */
  #needsSteps(answer: Exclude<OrchestratorAnswer, { kind: 'aborted' }>): boolean {
    if (this.#isUnknown && isAmbiguous(answer.actions)) {
      this.#stepsOfEvents = false;
      return true;
    }
    this.#stepsOfEvents = true;
    if (answer.kind !== 'threw') return false;
    const unseen = this.state.events.slice(this.#replayedCount);
    if (unseen.filter(isReceived).length < 2) return false;
    return (
      flattenActions(answer.actions).some(this.#isUnknown ? hasRetry : hasRetryTimeout) ||
      unseen.some((event) => event.EventType === 'EventRaised' && !this.#isResponse(event))
    );
  }

  /** Where the step ends that begins at `from`. */
  #nextStep(from: number): number {
    const { events } = this.state;
    if (!this.#stepsOfEvents) return episodeEnd(events, from);
    const next = events.findIndex((event, index) => index >= from && isReceived(event));
    return next < 0 ? events.length : next + 1;
  }

  #isResponse({ Name }: EventRaisedEvent): boolean {
    return this.state.hasSentRequest(Name);
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
    generation.customStatus = this.customStatus;
    return generation;
  }

  #unreadEvents(): EventRaisedEvent[] {
    return this.replay.takeUnreadEvents();
  }
}

/**
 * Whether the list of SDK 1.x leaves open when one of its yields was over, because there was more than one task to wait for, or
 * whose the attempts in history are.
 */
function isAmbiguous(actions: SdkActions): boolean {
  if (actions.schema === 'nested') return false;
  return (
    actions.yields.slice(0, -1).some((tasks) => tasks.length > 1) ||
    flattenActions(actions).some((action) => 'retry' in action)
  );
}

function hasRetry(action: SdkAction): boolean {
  return 'children' in action ? action.children.some(hasRetry) : 'retry' in action;
}

function hasRetryTimeout(action: SdkAction): boolean {
  if ('children' in action) return action.children.some(hasRetryTimeout);
  return 'retry' in action && action.retry.retryTimeoutMs !== undefined;
}

/** Where the events end that the orchestrator is shown in the first episode that ends after `from`. */
function episodeEnd(events: readonly HistoryEvent[], from: number): number {
  let index = events.findIndex(
    ({ EventType }, at) => at >= from && EventType === 'OrchestratorStarted',
  );
  if (index < 0) return events.length;
  do index++;
  while (index < events.length && !endsInput(events[index]));
  return index;
}

function endsInput(event: HistoryEvent | undefined): boolean {
  return (
    event !== undefined &&
    (isScheduledEvent(event) ||
      event.EventType === 'OrchestratorCompleted' ||
      event.EventType === 'OrchestratorStarted')
  );
}

function lastEpisodeStart(events: readonly HistoryEvent[]): number {
  return events.findLastIndex(({ EventType }) => EventType === 'OrchestratorStarted');
}

/** Whether the orchestrator is told of the event. */
function isReceived({ EventType }: HistoryEvent): boolean {
  switch (EventType) {
    case 'TaskCompleted':
    case 'TaskFailed':
    case 'SubOrchestrationInstanceCompleted':
    case 'SubOrchestrationInstanceFailed':
    case 'TimerFired':
    case 'EventRaised':
    case 'ExecutionStarted':
      return true;
    default:
      return false;
  }
}
