/**
 * The walk of what an orchestrator asks for against its history, event by event and beside the orchestrator: which requests
 * history has already, which are new, and whether anything is still open. One value per execution; it goes on where it stands, so
 * that a message costs the same whatever the length of the history. Mirrors what OutOfProcOrchestrationShim and
 * DurableTask.Core's TaskOrchestrationContext do together.
 *
 * R1 Event ids are handed out in one place (`Requests`), in the order in which tasks are started.
 * R2 The same action object is the same task: it is started once, whatever combinators repeat it.
 * R3 Every scheduled-type event of the history must match the request made under its id; a difference fails the instance.
 * R4 Fed all at once or event by event, the same history gives the same state.
 * R5 Nothing is scheduled but through `Requests`, and everything scheduled is either in history or in `takeScheduled()`.
 * R6 An external event is shown when something waits for it, under the name by which it is waited for; until then it is kept.
 */
import type { EventRaisedEvent, HistoryEvent } from '../history-event.ts';
import { isCompound, type SdkAction } from './action.ts';
import type { DurableTask } from './durable-task.ts';
import type { EventFeed, ShownEvent } from './event-feed.ts';
import { OrchestrationTasks, type ReplayOptions } from './orchestration-tasks.ts';
import { isScheduledEvent, type Scheduled, type ScheduledEvent } from './scheduled.ts';
import { ReplayFailure } from './replay-failure.ts';

export type { ReplayOptions } from './orchestration-tasks.ts';

export class OrchestrationReplay {
  readonly #maxActions: number;
  readonly #tasks: OrchestrationTasks;
  readonly #started = new Map<SdkAction, DurableTask>();
  /** Of `#started`, those that are no compounds. */
  #actionCount = 0;
  #askedCount = 0;
  /** How many events of the history were taken. */
  #takenCount = 0;
  /** Requests before this index of the history need no comparison: this replay made them. */
  #recordedCount = 0;
  /** What is shown before the next event of the history is taken. */
  readonly #toShow: HistoryEvent[] = [];
  #failed: { readonly error: unknown } | undefined;

  constructor(options: ReplayOptions) {
    this.#maxActions = options.maxActions;
    this.#tasks = new OrchestrationTasks(options, {
      start: (action) => this.#start(action),
      delivered: (event, _index, { name }) => {
        this.#toShow.push({ ...event, Name: name });
      },
      showToSdk: (events) => {
        this.#toShow.push(...events);
      },
    });
  }

  /**
   * The events of the history that this replay has not taken, for a run that has been shown all the others. A failure ends it:
   * see `failure`.
   * @param history the whole of it; must not be changed while the feed is in use.
   * @param playedCount how many of them an earlier run was shown.
   */
  feed(history: readonly HistoryEvent[], playedCount: number): EventFeed {
    return {
      next: (asked) => {
        if (this.#failed) return undefined;
        try {
          return this.#next(history, playedCount, asked);
        } catch (error) {
          // Not thrown here: the code of the app, which asked, would take it for its own and fail the instance.
          this.#failed = { error };
          return undefined;
        }
      },
      rest: () =>
        history
          .slice(this.#takenCount)
          .map((event, offset) => ({ event, isPlayed: this.#takenCount + offset < playedCount })),
    };
  }

  /**
   * Why the instance cannot go on: history and orchestrator disagree, or something was asked for that cannot be done.
   * @throws what else broke the replay off, such as a function of which it is not known yet whether another worker has it.
   */
  get failure(): ReplayFailure | undefined {
    if (this.#failed === undefined) return undefined;
    const { error } = this.#failed;
    if (error instanceof ReplayFailure) return error;
    throw error;
  }

  /** What is not in history yet, in the order of ids; the caller makes it so and calls `record`. */
  takeScheduled(): readonly { readonly id: number; readonly scheduled: Scheduled }[] {
    return this.#tasks.requests.listUnrecorded();
  }

  /** Tells the replay an event that its caller has put into history, at `index`, for a request of `takeScheduled`. */
  record(event: ScheduledEvent, index: number): void {
    this.#tasks.record(event);
    this.#recordedCount = index + 1;
  }

  /** Whether a task, sub-orchestration or timer still has to be answered before the instance may complete. */
  get hasOpenTasks(): boolean {
    return this.#tasks.requests.hasOpen;
  }

  /** Whether an entity still has to answer: an instance may complete without it, but does not fail before it. */
  get hasOpenEntityCalls(): boolean {
    return this.#tasks.hasOpenEntityCalls;
  }

  get isWaitingForEvent(): boolean {
    return !this.#tasks.externalEvents.isEmpty;
  }

  get continueAsNew(): { readonly input: unknown } | undefined {
    return this.#tasks.continueAsNew;
  }

  /** The id that is handed out next. */
  get nextId(): number {
    return this.#tasks.requests.nextId;
  }

  /** Gives up the lock that the orchestration holds, if any: it ends. */
  releaseHeldLock(): void {
    this.#tasks.releaseHeldLock();
  }

  /** Names of events that were waited for more than once at a time since this was last asked. */
  takeContestedEvents(): readonly string[] {
    return this.#tasks.externalEvents.takeContested();
  }

  /** Events that were raised and did not reach the orchestrator, in the order of their names' first event. */
  takeUnreadEvents(): EventRaisedEvent[] {
    return this.#tasks.externalEvents.takeUnread();
  }

  #next(
    history: readonly HistoryEvent[],
    playedCount: number,
    asked: readonly SdkAction[],
  ): ShownEvent | undefined {
    this.#take(asked);
    for (;;) {
      const event = this.#toShow.shift() ?? this.#takeEvent(history);
      if (event === undefined) return undefined;
      if (event === KEPT_BACK) continue;
      return { event, isPlayed: this.#takenCount <= playedCount };
    }
  }

  /** What the orchestrator has asked for since it was last shown an event. */
  #take(asked: readonly SdkAction[]): void {
    while (this.#askedCount < asked.length) {
      const action = asked[this.#askedCount++];
      if (action) this.#start(action);
    }
    this.#tasks.releaseCanceledTimers();
  }

  #takeEvent(history: readonly HistoryEvent[]): HistoryEvent | typeof KEPT_BACK | undefined {
    const { externalEvents } = this.#tasks;
    const goesOn = this.#tasks.continueAsNew === undefined;
    if (goesOn && externalEvents.deliverEarly(this.#takenCount - 1, 'newest')) {
      return this.#toShow.shift();
    }
    const event = history[this.#takenCount];
    if (event === undefined) return undefined;
    const index = this.#takenCount++;
    if (event.EventType === 'EventRaised') {
      // The next generation gets what comes after the decision to continue as new.
      if (goesOn) externalEvents.raise(event, index, 'newest');
      else externalEvents.keep(event, index);
      return this.#toShow.shift() ?? KEPT_BACK;
    }
    if (event.EventType === 'ExecutionSuspended') {
      const resumedAt = resumingEpisode(history, index);
      if (resumedAt !== undefined) this.#tasks.resumesAt(resumedAt);
    }
    if (!isScheduledEvent(event) || index >= this.#recordedCount) {
      this.#tasks.apply(event, index, 'newest');
    }
    return event;
  }

  #start(action: SdkAction): DurableTask {
    const known = this.#started.get(action);
    if (known) return known;
    if (!isCompound(action) && ++this.#actionCount > this.#maxActions) {
      throw new ReplayFailure(
        `Maximum amount of orchestration actions (${this.#maxActions}) has been reached. This value can be configured in host.json file as MaxOrchestrationActions.`,
      );
    }
    const task = this.#tasks.start(action, []);
    this.#started.set(action, task);
    return task;
  }
}

/** When the episode began that resumes an instance which the event at `index` suspends; undefined for one that still is. */
function resumingEpisode(history: readonly HistoryEvent[], index: number): string | undefined {
  let time: string | undefined;
  for (let next = index + 1; next < history.length; next++) {
    const event = history[next];
    if (event?.EventType === 'OrchestratorStarted') time = event.Timestamp;
    if (event?.EventType === 'ExecutionResumed') return time;
  }
  return undefined;
}

/** Nothing waits for the event yet: the orchestrator is not shown it. */
const KEPT_BACK = Symbol('kept back');
