/**
 * The walk of a list of actions against history, for SDKs that answer each run with the whole list of what the orchestrator has
 * asked for, and do not say after which event each step of it began. A step begins when what the one before waited for is settled:
 * so tasks are settled here by the same rules by which the engine settles them. What comes out is, for each event that was shown,
 * how much had been asked for by then (`marks`).
 */
import type { TimerLimits } from '../backend-limits.ts';
import { isReceived, type HistoryEvent } from '../history-event.ts';
import { flattenActions, isCompound, type SdkAction, type SdkActions } from '../replay/action.ts';
import { anyOf } from '../replay/compound.ts';
import type { DurableTask } from '../replay/durable-task.ts';
import type { EventDelivery, ServedWaiter } from '../replay/event-waiters.ts';
import { OrchestrationTasks } from '../replay/orchestration-tasks.ts';
import { actionAt, isFireAndForget, listLength } from './action-place.ts';
import { isScheduledEvent } from '../replay/scheduled.ts';
import { checkSameStep } from './same-step.ts';

export interface ListOwner {
  readonly instanceId: string;
  readonly executionId: string;
  readonly parentInstanceId: string | null;
  readonly timers: TimerLimits;
}

/** A started action with its place in the list, by which it is found again in the answer of a later run. */
interface StartedAction {
  readonly task: DurableTask;
  readonly path: readonly number[];
  readonly action: SdkAction;
  /** Of its first event. */
  readonly id: number;
}

type TimerAction = { -readonly [Key in keyof CreateTimer]: CreateTimer[Key] };
type CreateTimer = Extract<SdkAction, { readonly kind: 'createTimer' }>;

/** How many steps of the newest, and how many of the older ones, are compared at each run. */
const STEPS_CHECKED = 64;

export class ListWalk {
  readonly #tasks: OrchestrationTasks;
  readonly #started: StartedAction[] = [];
  /** Those that may still be cancelled: the list of a later run says so at their place. */
  readonly #timers = new Map<TimerAction, readonly number[]>();
  /** External events that reached the orchestrator, by their index in the history. */
  readonly #deliveries = new Map<number, EventDelivery>();
  /** Events that only the SDK is shown, by the index of the event they come after. */
  readonly #insertions = new Map<number, readonly HistoryEvent[]>();
  /** What the orchestrator has asked for, in order, each task by one and the same object. */
  readonly #asked: SdkAction[] = [];
  readonly #actionOf = new Map<DurableTask, SdkAction>();
  /** For each event that was shown: how much was asked for when the orchestrator had gone as far as it could. */
  readonly #marks: number[] = [];
  #shown: ReadonlyMap<number, EventDelivery> = new Map();
  #isHalted = false;
  /** Index of the event that is being applied. */
  #index = 0;
  #actions: SdkActions = { schema: 'nested', actions: [] };
  /** Of the current answer; built when a compound first needs it. */
  #identities: Map<SdkAction, DurableTask> | undefined;
  #position = 0;
  #current: DurableTask | undefined;
  /** Which of `#started` is compared next, among the older ones. */
  #nextChecked = 0;

  constructor({ instanceId, executionId, parentInstanceId, timers }: ListOwner) {
    this.#tasks = new OrchestrationTasks(
      {
        instanceId,
        executionId,
        parentInstanceId,
        // What cannot be done is found by the replay that takes what comes out of this.
        checkFunction: () => undefined,
        limits: { idProblem: () => undefined, maxPayloadBytes: Infinity, ...timers },
        maxActions: Infinity,
        defaultHttpPauseMs: 0,
      },
      {
        start: (action, path) => this.#start(action, path),
        delivered: (_event, index, delivery) => {
          this.#deliveries.set(index, delivery);
          this.#marks.push(this.#asked.length);
          const shown = this.#shown.get(index);
          this.#isHalted ||= shown?.name !== delivery.name || shown.after !== delivery.after;
        },
        showToSdk: (events) => {
          const shown = this.#insertions.get(this.#index) ?? [];
          this.#insertions.set(this.#index, [...shown, ...events]);
          this.#isHalted = true;
        },
      },
    );
  }

  /**
   * Goes on with a new answer and the events that this walk has not seen, until one of them brings the orchestrator something
   * that the run was not shown there: what that run did next says nothing, so nothing after it is looked at.
   * @param firstIndex position of `events[0]` in the history.
   * @param shown the external events that the run was shown, by their index in the history.
   * @returns how many of the events were applied; `isHalted` says whether another run has to go on from there.
   * @throws {ReplayFailure} when history and actions disagree.
   */
  advance(
    actions: SdkActions,
    events: readonly HistoryEvent[],
    firstIndex: number,
    shown: ReadonlyMap<number, EventDelivery>,
  ): number {
    const goesOn = this.#isHalted;
    this.#shown = shown;
    this.#isHalted = false;
    this.#takeActions(actions);
    if (goesOn) this.#walk();
    let applied = 0;
    for (const event of events) {
      if (this.isHalted) break;
      this.#index = firstIndex + applied;
      applied++;
      this.#apply(event);
      if (isReceived(event)) this.#walk();
    }
    return applied;
  }

  /** Takes the record of a request that this walk has made. @returns false for any other event. */
  takeRecord(event: HistoryEvent, index: number): boolean {
    if (!isScheduledEvent(event) || !this.#tasks.requests.isUnrecorded(event)) return false;
    this.#index = index;
    this.#apply(event);
    return true;
  }

  /**
   * Goes on after a run that threw: its list has lost object identity, so nothing that it adds is awaited; but what it fired and
   * forgot before it threw is still done.
   * @throws {ReplayFailure}
   */
  advanceThrown(actions: SdkActions, events: readonly HistoryEvent[], firstIndex: number): void {
    // A run that could not even begin has no list.
    this.#checkSteps(actions, (after) => after !== undefined);
    this.#index = firstIndex - 1;
    for (const event of events) {
      this.#index++;
      this.#apply(event);
    }
    const added = flattenActions(actions).slice(this.#asked.length);
    this.#asked.push(...added.filter(({ kind }) => kind === 'signalEntity'));
    this.#mark();
  }

  /** Whether the latest run was not shown all that reached the orchestrator: it has to run again. */
  get isHalted(): boolean {
    return this.#isHalted;
  }

  /** Whether external events came that nothing has waited for so far. */
  get hasEarlyEvents(): boolean {
    return this.#tasks.externalEvents.hasEarly;
  }

  get deliveries(): ReadonlyMap<number, EventDelivery> {
    return this.#deliveries;
  }

  get insertions(): ReadonlyMap<number, readonly HistoryEvent[]> {
    return this.#insertions;
  }

  /** The ids of each retried call, in order: attempt, timer, attempt, … */
  get retries(): readonly (readonly number[])[] {
    return this.#tasks.retries;
  }

  /** Of the latest answer. */
  get schema(): SdkActions['schema'] {
    return this.#actions.schema;
  }

  /** The names of the events waited for now, each as often as it is waited for, by their lower case. */
  waitedFor(): Map<string, string[]> {
    return this.#tasks.externalEvents.names();
  }

  /** What the orchestrator had asked for after the `count` events that it was shown first. */
  askedAfter(count: number): readonly SdkAction[] {
    const last = count === 0 ? 0 : (this.#marks[count - 1] ?? this.#asked.length);
    return last === this.#asked.length ? this.#asked : this.#asked.slice(0, last);
  }

  #takeActions(actions: SdkActions): void {
    this.#checkSteps(actions, () => true);
    this.#actions = actions;
    this.#identities = undefined;
    for (const [timer, path] of this.#timers) {
      const action = actionAt(actions, path);
      if (action?.kind !== 'createTimer' || !action.isCanceled) continue;
      timer.isCanceled = true;
      this.#timers.delete(timer);
    }
    this.#tasks.releaseCanceledTimers();
  }

  /**
   * The newest steps are compared at every run, older ones in turn, so that the cost stays the same however long the list is.
   */
  #checkSteps(actions: SdkActions, isComparable: (after: SdkAction | undefined) => boolean): void {
    const check = (from: number, to: number): void => {
      for (const { path, action, id } of this.#started.slice(from, to)) {
        const after = actionAt(actions, path);
        if (isComparable(after)) checkSameStep(action, id, after);
      }
    };
    const newest = Math.max(0, this.#started.length - STEPS_CHECKED);
    check(newest, this.#started.length);
    const from = this.#nextChecked < newest ? this.#nextChecked : 0;
    this.#nextChecked = Math.min(from + STEPS_CHECKED, newest);
    check(from, this.#nextChecked);
  }

  /** Goes as far as what is known goes; then the orchestrator gets what came early. */
  #walk(): void {
    do this.#walkActions();
    while (
      !this.#isHalted &&
      this.#tasks.externalEvents.deliverEarly(this.#index, this.#servedWaiter)
    );
  }

  #walkActions(): void {
    while (
      !this.#isHalted &&
      this.#position < listLength(this.#actions) &&
      this.#current?.outcome !== 'pending'
    ) {
      const index = this.#position++;
      this.#current =
        this.#actions.schema === 'nested'
          ? this.#startStep(this.#actions.actions[index], [index])
          : this.#startYield(this.#actions.yields[index] ?? [], index);
    }
    this.#mark();
  }

  #mark(): void {
    if (this.#marks.length > 0) this.#marks[this.#marks.length - 1] = this.#asked.length;
  }

  /** SDK 1.x: everything of one yield is started, then any of it is waited for. */
  #startYield(actions: readonly SdkAction[], index: number): DurableTask | undefined {
    const tasks = actions
      .map((action, child) => ({ action, task: this.#startStep(action, [index, child]) }))
      .filter(({ action }) => !isFireAndForget(action))
      .flatMap(({ task }) => task ?? []);
    return tasks.length === 0 ? undefined : anyOf(tasks);
  }

  #startStep(action: SdkAction | undefined, path: readonly number[]): DurableTask | undefined {
    if (action === undefined) return undefined;
    const task = this.#start(action, path);
    // A task of an earlier yield was asked for there.
    const { task: latest, path: place } = this.#started.at(-1) ?? {};
    const own = this.#actionOf.get(task);
    if (latest === task && place === path && own) this.#asked.push(own);
    return task;
  }

  #start(action: SdkAction, path: readonly number[]): DurableTask {
    // Only inside compounds can a task come again: at the top level the SDK lists each once.
    const isNested = path.length > 1;
    const known = isNested ? this.#identify().get(action) : undefined;
    if (known) return known;
    const id = this.#tasks.requests.nextId;
    const own = this.#ownTimer(action, path);
    const task = this.#tasks.start(own, path);
    this.#started.push({ task, path, action, id });
    this.#identities?.set(action, task);
    this.#actionOf.set(task, this.#withOwnChildren(own));
    return task;
  }

  #ownTimer(action: SdkAction, path: readonly number[]): SdkAction {
    if (action.kind !== 'createTimer') return action;
    const timer: TimerAction = { ...action };
    if (!timer.isCanceled) this.#timers.set(timer, path);
    return timer;
  }

  #withOwnChildren(action: SdkAction): SdkAction {
    if (!isCompound(action)) return action;
    const tasks = action.children.map((child) => this.#identify().get(child));
    const children = tasks.flatMap((task) => (task && this.#actionOf.get(task)) ?? []);
    return { ...action, children };
  }

  #identify(): Map<SdkAction, DurableTask> {
    if (!this.#identities) {
      this.#identities = new Map();
      for (const { task, path } of this.#started) {
        const action = actionAt(this.#actions, path);
        if (action) this.#identities.set(action, task);
      }
    }
    return this.#identities;
  }

  /** What is shown of the history counts; an external event does when it reaches the orchestrator. */
  #apply(event: HistoryEvent): void {
    if (event.EventType !== 'EventRaised') this.#marks.push(this.#asked.length);
    this.#tasks.apply(event, this.#index, this.#servedWaiter);
    const inserted = this.#insertions.get(this.#index)?.length ?? 0;
    for (let count = 0; count < inserted; count++) this.#marks.push(this.#asked.length);
  }

  get #servedWaiter(): ServedWaiter {
    return this.#actions.schema === 'nested' ? 'newest' : 'oldest';
  }
}
