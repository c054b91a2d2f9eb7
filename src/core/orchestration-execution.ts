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
import {
  OrchestrationReplay,
  type EventDelivery,
  type ReplayOptions,
} from './replay-actions/replay.ts';
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
  #shown: ReadonlySet<number> = new Set();
  /** After which events the last view showed others that are not in history. */
  #shownInsertions: ReadonlySet<number> = new Set();
  /**
   * How many events the run under way is shown, when a stored history is walked episode by episode. Needed for SDK 1.x, whose
   * list does not say when a yield was over, and after a run that threw: only the runs of then tell.
   */
  #stepEnd: number | undefined;
  /** Whether the first run that the replay was shown threw: the list of such a run does not say what reached the orchestrator. */
  #isBlind = false;
  /** Of a history read from storage: where its external events were found to reach the orchestrator. */
  #foundDeliveries: ReadonlyMap<number, EventDelivery> = new Map();
  #foundInsertions: ReadonlyMap<number, readonly HistoryEvent[]> = new Map();

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
      replayedCount: this.#replayedCount,
      replay: this.#replay,
      foundDeliveries: this.#isUnreplayed ? this.#foundDeliveries : undefined,
      foundInsertions: this.#isUnreplayed ? this.#foundInsertions : undefined,
    });
    this.#shown = view.shownEvents;
    this.#shownInsertions = view.shownInsertions;
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
    const isFirstOfStored = this.#isUnreplayed;
    if (isFirstOfStored && (isAmbiguous(answer.actions) || this.#mayBeMisled(answer))) {
      this.#stepEnd = episodeEnd(this.state.events, 0);
      return 'incomplete';
    }
    const firstIndex = this.#replayedCount;
    const end = this.#stepEnd ?? this.state.events.length;
    const unseen = this.state.events.slice(firstIndex, end);
    try {
      if (answer.kind === 'ran') this.#replay.advance(answer.actions, unseen, firstIndex);
      else this.#replay.advanceThrown(answer.actions, unseen, firstIndex);
    } catch (error) {
      if (isFirstOfStored && this.#learnDeliveries()) return 'incomplete';
      throw error;
    }
    if (isFirstOfStored && this.#learnDeliveries()) return 'incomplete';
    this.#replayedCount = end;
    this.#isBlind = answer.kind === 'threw' && firstIndex === 0;
    const { deliveries, insertions } = this.#replay;
    const isCurrent =
      answer.kind === 'threw' ||
      (isCovered(deliveries, this.#shown) && isCovered(insertions, this.#shownInsertions));
    return isCurrent && !this.#stepOn() ? 'complete' : 'incomplete';
  }

  /** Whether an orchestrator that threw may have been shown its events wrongly: what it threw does not tell. */
  #mayBeMisled(answer: Exclude<OrchestratorAnswer, { kind: 'aborted' }>): boolean {
    if (answer.kind !== 'threw') return false;
    return (
      flattenActions(answer.actions).some(hasRetryTimeout) ||
      this.state.events.some(
        (event) => event.EventType === 'EventRaised' && !this.state.hasSentRequest(event.Name),
      )
    );
  }

  /** Goes on to the next episode of a stored history; false when there is none, or the history is not walked in steps. */
  #stepOn(): boolean {
    if (this.#stepEnd === undefined) return false;
    const { events } = this.state;
    const isLast = this.#stepEnd >= events.length;
    this.#stepEnd = isLast ? undefined : episodeEnd(events, this.#stepEnd);
    return !isLast;
  }

  /** Whether the execution was read from storage and its history has not been walked yet. */
  get #isUnreplayed(): boolean {
    const isStored = this.committedCount > 0 || this.#isBlind;
    return isStored && this.#replayedCount === 0 && this.#stepEnd === undefined;
  }

  /**
   * A stored history does not say when its early events reached the orchestrator; the walk finds out, one after the other.
   * @returns whether it found one that the view did not know; then the walk begins anew.
   */
  #learnDeliveries(): boolean {
    const known = this.#foundDeliveries;
    const found = this.#replay.deliveries;
    const learned = [...found].some(([index, { name, after }]) => {
      const event = this.state.events[index];
      const before = known.get(index) ?? {
        name: event?.EventType === 'EventRaised' ? event.Name : '',
        after: index,
      };
      return before.name !== name || before.after !== after;
    });
    if (!learned && this.#replay.insertions.size === this.#foundInsertions.size) return false;
    this.#foundInsertions = new Map(this.#replay.insertions);
    this.#foundDeliveries = new Map(found);
    this.#replay = this.#newReplay();
    return true;
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

function isCovered(needed: ReadonlyMap<number, unknown>, shown: ReadonlySet<number>): boolean {
  for (const index of needed.keys()) {
    if (!shown.has(index)) return false;
  }
  return true;
}
