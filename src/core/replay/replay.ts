/**
 * The walk of the SDK's cumulative actions against history: which of them history has already, which are new, and whether
 * anything is still open. One value per execution; it goes on where it stands, so that a message costs the same whatever
 * the length of the history. Mirrors what OutOfProcOrchestrationShim and DurableTask.Core's TaskOrchestrationContext do together.
 *
 * R1 Event ids are handed out in one place (`schedule`), in the order in which tasks are started.
 * R2 The same action object is the same task: it is started once, whatever combinators repeat it.
 * R3 Every scheduled-type event of the history must match the request made under its id; a difference fails the instance.
 * R4 Fed all at once or event by event, the same history gives the same state.
 * R5 Nothing is scheduled but through `schedule`, and everything scheduled is either in history or in `takeScheduled()`.
 *
 * Long, because these invariants hold across all of it; what has a life of its own is beside it (`requests.ts`,
 * `event-waiters.ts`, `action-list.ts`, one file per kind of action).
 */
import type { BackendLimits } from '../backend-limits.ts';
import { isReceived, type EventRaisedEvent, type HistoryEvent } from '../history-event.ts';
import { SendStamps } from '../entity/send-stamps.ts';
import { flattenActions, type SdkAction, type SdkActions } from './action.ts';
import {
  actionAt,
  hasCanceledTimer,
  isCompound,
  isFireAndForget,
  listLength,
  waitsForEvent,
} from './action-list.ts';
import { startActivity } from './activity.ts';
import { anyOf, startAll, startAny } from './compound.ts';
import { DurableTask } from './durable-task.ts';
import { stampOf, startEntityCall, startEntitySignal } from './entity-call.ts';
import { startExternalEvent } from './external-event.ts';
import { startHttpCall } from './http-call.ts';
import { releaseLock, startLock, type HeldLock } from './lock.ts';
import { startWithRetry } from './retry.ts';
import { EventWaiters, type EventDelivery, type ServedWaiter } from './event-waiters.ts';
import { Requests } from './requests.ts';
import { isScheduledEvent, type Scheduled, type ScheduledEvent } from './scheduled.ts';
import { ReplayFailure, type ReplayScope } from './scope.ts';
import { checkSameStep } from './same-step.ts';
import { StepTiming, type StepBegin } from './step-timing.ts';
import { startSubOrchestration } from './sub-orchestration.ts';
import { MAX_SHORT_TIMER_MS, startTimer, type TimerTask } from './timer.ts';

export interface ReplayOptions {
  readonly instanceId: string;
  readonly executionId: string;
  readonly parentInstanceId: string | null;
  readonly checkFunction: ReplayScope['checkFunction'];
  /** What the storage of the hub cannot hold. @default every id will do */
  readonly limits?: Pick<BackendLimits, 'idProblem'>;
  /** host.json `maxOrchestrationActions`. */
  readonly maxActions: number;
  /** host.json `httpSettings.defaultAsyncRequestSleepTimeMilliseconds`. */
  readonly defaultHttpPauseMs: number;
  /** host.json `defaultVersion`: of sub-orchestrations that are given none. @default '' */
  readonly defaultVersion?: string;
  /** Whether an instance completes only when the timers fired that it did not cancel, as the .NET extension has it. @default true */
  readonly waitsForTimers?: boolean;
}

/** A started action with its place in the list, by which it is found again in the answer of a later run. */
interface StartedAction {
  readonly task: DurableTask;
  readonly path: readonly number[];
  readonly action: SdkAction;
  /** Of its first event. */
  readonly id: number;
}

/** How many steps of the newest, and how many of the older ones, are compared at each run. */
const STEPS_CHECKED = 64;

export class OrchestrationReplay {
  readonly #options: ReplayOptions;
  readonly #scope: ReplayScope;
  readonly #stamps = new SendStamps();
  #nowMs = 0;
  readonly #requests: Requests;
  readonly #retries: number[][] = [];
  readonly #externalEvents = new EventWaiters((index, { name, after }) => {
    const shown = this.#shown.get(index);
    this.#isHalted ||= shown?.name !== name || shown.after !== after;
  });
  #shown: ReadonlyMap<number, EventDelivery> = new Map();
  #isHalted = false;
  #hasThrown = false;
  #needsSteps = false;
  /** Tasks that may still be waited for once more: neither settled nor cancelled. */
  readonly #open = new Set<DurableTask>();
  /** Those that take further ids when they are answered. */
  readonly #growing = new Set<DurableTask>();
  /** Events that only the SDK is shown, by the index of the event they come after. */
  readonly #insertions = new Map<number, readonly HistoryEvent[]>();
  /** Index of the event that is being applied. */
  #index = 0;
  readonly #started: StartedAction[] = [];
  #lock: HeldLock | undefined;
  readonly #timers = new Map<TimerTask, readonly number[]>();
  #continueAsNew: { readonly input: unknown } | undefined;

  #actions: SdkActions = { schema: 'nested', actions: [] };
  /** Of the current answer; built when a compound first needs it. */
  #identities: Map<SdkAction, DurableTask> | undefined;
  #position = 0;
  #current: DurableTask | undefined;
  /** Where fire-and-forget actions of a run that threw were last taken from. */
  #thrownPosition = 0;
  /** Of `#started`, those that are no compounds. */
  #startedCount = 0;
  /** Which of `#started` is compared next, among the older ones. */
  #nextChecked = 0;
  /** Signals that history holds and that no walk of this replay has started. */
  #adoptedSignals = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#requests = new Requests(options.waitsForTimers ?? true);
    this.#scope = this.#createScope();
  }

  /**
   * Goes on with a new answer and the events that this replay has not seen, until one of them brings the orchestrator an
   * external event that the run was not shown there: what that run did next says nothing, so nothing after it is looked at.
   * @param firstIndex position of `events[0]` in the history.
   * @param shown the external events that the run was shown, by their index in the history.
   * @param isStep whether the run was shown no more than one further event that the orchestrator is told of.
   * @returns how many of the events were applied; `isHalted` says whether another run has to go on from there.
   * @throws {ReplayFailure} when history and actions disagree, or an action cannot be done.
   */
  advance(
    actions: SdkActions,
    events: readonly HistoryEvent[],
    firstIndex: number,
    shown: ReadonlyMap<number, EventDelivery>,
    isStep: boolean,
  ): number {
    // What the list adds began after the event at which the last run stopped telling; else after one of `events`.
    const goesOn = this.#isHalted || this.#hasThrown;
    this.#shown = shown;
    this.#isHalted = false;
    this.#hasThrown = false;
    this.#needsSteps = false;
    this.#takeActions(actions);
    const timing = new StepTiming(events, isStep);
    if (goesOn) this.#walk(timing, 0);
    let applied = 0;
    for (const event of events) {
      if (this.isHalted) break;
      this.#index = firstIndex + applied;
      applied++;
      this.#apply(event);
      if (isReceived(event)) this.#walk(timing, applied);
    }
    return applied;
  }

  /**
   * Goes on after a run that threw: its list has lost object identity, so nothing in it is awaited; only what it
   * fired and forgot before it threw is still done.
   * @throws {ReplayFailure}
   */
  advanceThrown(actions: SdkActions, events: readonly HistoryEvent[], firstIndex: number): void {
    const list = flattenActions(actions);
    // A run that could not even begin has no list.
    this.#checkSteps(actions, (after) => after !== undefined);
    this.#hasThrown = true;
    this.#index = firstIndex - 1;
    for (const event of events) {
      this.#index++;
      const isUnknown = isScheduledEvent(event) && !this.#requests.isUnrecorded(event.EventId);
      if (isUnknown) this.#adopt(event, list);
      else this.#apply(event);
    }
    const from = Math.max(this.#thrownPosition, this.#position);
    const signals = list.slice(from).filter((action) => action.kind === 'signalEntity');
    for (const signal of signals.slice(this.#adoptedSignals))
      startEntitySignal(this.#scope, signal);
    this.#adoptedSignals = Math.max(0, this.#adoptedSignals - signals.length);
    this.#thrownPosition = Math.max(from, list.length);
  }

  /** What is not in history yet, in the order of ids; the caller makes it so and calls `record`. */
  takeScheduled(): readonly { readonly id: number; readonly scheduled: Scheduled }[] {
    return this.#requests.listUnrecorded();
  }

  /** Tells the replay an event that its caller has put into history for a request of `takeScheduled`. */
  record(event: ScheduledEvent): void {
    this.#requests.record(event);
    this.#takeStamp(event);
  }

  /** Whether the latest run was not shown all that reached the orchestrator: it has to run again. */
  get isHalted(): boolean {
    return this.#isHalted;
  }

  /**
   * Whether it is halted because the list does not tell after which event its next step began: a task that is waited for once
   * more is not listed once more, and meanwhile others took ids. A run has to be shown what this replay has seen, and the next
   * ones an event more each.
   */
  get needsSteps(): boolean {
    return this.#needsSteps;
  }

  /** Whether every action has been started and the last one is settled. */
  get isWalkFinished(): boolean {
    return (
      this.#position >= listLength(this.#actions) &&
      (this.#current === undefined || this.#current.outcome !== 'pending')
    );
  }

  /** Whether a task, sub-orchestration or timer still has to be answered before the instance may complete. */
  get hasOpenTasks(): boolean {
    return this.#requests.hasOpen;
  }

  get isWaitingForEvent(): boolean {
    return !this.#externalEvents.isEmpty;
  }

  /** Whether external events came that nothing has waited for so far. */
  get hasEarlyEvents(): boolean {
    return this.#externalEvents.hasEarly;
  }

  /** The external events that reached the orchestrator, by their index in the history. */
  get deliveries(): ReadonlyMap<number, EventDelivery> {
    return this.#externalEvents.deliveries;
  }

  /** Events that are not in history and that the SDK has to be shown, by the index of the event they come after. */
  get insertions(): ReadonlyMap<number, readonly HistoryEvent[]> {
    return this.#insertions;
  }

  /** The ids of each retried call, in order: attempt, timer, attempt, … */
  get retries(): readonly (readonly number[])[] {
    return this.#retries;
  }

  /** Of the latest answer. */
  get schema(): SdkActions['schema'] {
    return this.#actions.schema;
  }

  /** Gives up the lock that the orchestration holds, if any: it ends. */
  releaseHeldLock(): void {
    if (this.#lock) releaseLock(this.#scope, this.#lock);
    this.#lock = undefined;
  }

  /** The names of the events waited for now, each as often as it is waited for, by their lower case. */
  waitedFor(): Map<string, string[]> {
    return this.#externalEvents.names();
  }

  /** Names of events that were waited for more than once at a time since this was last asked. */
  takeContestedEvents(): readonly string[] {
    return this.#externalEvents.takeContested();
  }

  get continueAsNew(): { readonly input: unknown } | undefined {
    return this.#continueAsNew;
  }

  /** The id that the completion gets. */
  get nextId(): number {
    return this.#requests.nextId;
  }

  /** Events that were raised and that nothing waited for, in the order of their names' first event. */
  takeUnreadEvents(): EventRaisedEvent[] {
    return this.#externalEvents.takeUnread();
  }

  #takeActions(actions: SdkActions): void {
    this.#checkSteps(actions, () => true);
    this.#actions = actions;
    this.#identities = undefined;
    if (this.#countActions(actions) > this.#options.maxActions) {
      throw new ReplayFailure(
        `Maximum amount of orchestration actions (${this.#options.maxActions}) has been reached. This value can be configured in host.json file as MaxOrchestrationActions.`,
      );
    }
    for (const [timer, path] of this.#timers) {
      if (timer.task.outcome !== 'pending') {
        this.#timers.delete(timer);
        continue;
      }
      const action = actionAt(actions, path);
      if (action?.kind === 'createTimer' && action.isCanceled) {
        timer.cancel();
        this.#open.delete(timer.task);
        this.#timers.delete(timer);
      }
    }
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

  /** Each distinct action that is not a compound counts once: those started, and those that the list adds. */
  #countActions(actions: SdkActions): number {
    const added = new Set<SdkAction>();
    const count = (action: SdkAction, mayBeStarted: boolean): void => {
      if (isCompound(action)) {
        for (const child of action.children) count(child, true);
      } else if (!mayBeStarted || !this.#identify().has(action)) {
        added.add(action);
      }
    };
    const isNested = actions.schema === 'nested';
    const list = isNested
      ? actions.actions.slice(this.#position)
      : actions.yields.slice(this.#position).flat();
    for (const action of list) count(action, !isNested);
    return this.#startedCount + added.size;
  }

  /** Goes as far as what is known goes; then the orchestrator gets what came early. */
  #walk(timing: StepTiming, applied: number): void {
    do this.#walkActions(timing, applied);
    while (!this.#isHalted && this.#externalEvents.deliverEarly(this.#index, this.#servedWaiter));
  }

  #walkActions(timing: StepTiming, applied: number): void {
    while (
      !this.#isHalted &&
      this.#position < listLength(this.#actions) &&
      this.#current?.outcome !== 'pending'
    ) {
      const begin = this.#beginOfNext(timing, applied);
      if (begin === 'unknown') this.#needsSteps = this.#isHalted = true;
      if (begin !== 'now') return;
      const index = this.#position++;
      this.#current =
        this.#actions.schema === 'nested'
          ? this.#startAt(this.#actions.actions[index], [index])
          : this.#startYield(this.#actions.yields[index] ?? [], index);
    }
  }

  #beginOfNext(timing: StepTiming, applied: number): StepBegin {
    if (this.#actions.schema === 'original') return 'now';
    // Without an open task there is nothing that could be waited for once more before.
    if (this.#open.size + this.#growing.size === 0) return 'now';
    const steps = this.#actions.actions.slice(this.#position);
    const [step] = steps;
    if (!step || (this.#growing.size === 0 && !steps.some(waitsForEvent))) return 'now';
    const isKnown = (action: SdkAction): boolean => this.#identify().has(action);
    return timing.judge(applied, this.#requests.nextId, step, isKnown);
  }

  /** SDK 1.x: everything of one yield is started, then any of it is waited for. */
  #startYield(actions: readonly SdkAction[], index: number): DurableTask | undefined {
    const tasks = actions
      .map((action, child) => ({ action, task: this.#startAt(action, [index, child]) }))
      .filter(({ action }) => !isFireAndForget(action))
      .flatMap(({ task }) => task ?? []);
    return tasks.length === 0 ? undefined : anyOf(tasks);
  }

  #startAt(action: SdkAction | undefined, path: readonly number[]): DurableTask | undefined {
    return action && this.#scope.start(action, path);
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

  #start(action: SdkAction, path: readonly number[]): DurableTask {
    // Only inside compounds can a task come again: at the top level the SDK lists each once.
    const isNested = path.length > 1;
    const known = isNested ? this.#identify().get(action) : undefined;
    if (known) return known;
    const id = this.#requests.nextId;
    const task = this.#startNew(action, path);
    this.#started.push({ task, path, action, id });
    if (!isCompound(action)) this.#startedCount++;
    if (!isCompound(action) && task.outcome === 'pending') {
      this.#open.add(task);
      if (takesFurtherIds(action, this.#nowMs)) this.#growing.add(task);
      task.whenSettled(() => {
        this.#open.delete(task);
        this.#growing.delete(task);
      });
    }
    this.#identities?.set(action, task);
    return task;
  }

  #startNew(action: SdkAction, path: readonly number[]): DurableTask {
    const scope = this.#scope;
    switch (action.kind) {
      case 'callActivity':
        return startActivity(scope, action);
      case 'callActivityWithRetry':
        return startWithRetry(scope, action, () => startActivity(scope, action));
      case 'callSubOrchestrator':
        return startSubOrchestration(scope, action);
      case 'callSubOrchestratorWithRetry':
        return startWithRetry(scope, action, () => startSubOrchestration(scope, action));
      case 'createTimer': {
        const timer = startTimer(scope, action);
        if (!action.isCanceled) this.#timers.set(timer, path);
        return timer.task;
      }
      case 'waitForExternalEvent':
        return startExternalEvent(scope, action.eventName);
      case 'callEntity':
        return startEntityCall(scope, action);
      case 'signalEntity':
        return startEntitySignal(scope, action);
      case 'whenAll':
        return startAll(scope, action.children, path);
      case 'whenAny':
        return startAny(scope, action.children, path);
      case 'continueAsNew':
        this.#continueAsNew = { input: action.input };
        return DurableTask.settled();
      case 'callHttp':
        return startHttpCall(scope, action.request);
      case 'lockEntities': {
        const { task, lock } = startLock(scope, action);
        this.#lock = lock;
        return task;
      }
      case 'releaseEntities': {
        const lock = this.#lock;
        this.#lock = undefined;
        return lock ? releaseLock(scope, lock) : DurableTask.settled();
      }
    }
  }

  get #servedWaiter(): ServedWaiter {
    return this.#actions.schema === 'nested' ? 'newest' : 'oldest';
  }

  #apply(event: HistoryEvent): void {
    if (isScheduledEvent(event)) {
      this.record(event);
      return;
    }
    switch (event.EventType) {
      case 'OrchestratorStarted':
        this.#nowMs = Math.max(this.#nowMs, Date.parse(event.Timestamp));
        break;
      case 'TaskCompleted':
      case 'TaskFailed':
      case 'SubOrchestrationInstanceCompleted':
      case 'SubOrchestrationInstanceFailed':
        this.#requests.complete(event.TaskScheduledId, event);
        break;
      case 'TimerFired':
        this.#requests.complete(event.TimerId, event);
        break;
      case 'EventRaised':
        this.#externalEvents.raise(event, this.#index, this.#servedWaiter);
        break;
      default:
        // The others steer the instance, or mark episodes; they settle nothing.
        break;
    }
  }

  /** A request that history holds, of a run that threw before this replay saw it: it is open until it is answered. */
  #adopt(event: ScheduledEvent, list: readonly SdkAction[]): void {
    this.#takeStamp(event);
    if (event.EventType === 'EventSent') {
      if (/"signal":true/.test(event.Input ?? '')) this.#adoptedSignals++;
      this.#requests.adopt(event, false);
      return;
    }
    const isCanceled = event.EventType === 'TimerCreated' && hasCanceledTimer(list, event.FireAt);
    this.#requests.adopt(event, !isCanceled);
  }

  /**
   * What is sent next follows on what history says was sent. The clock of this walk is no measure: the requests of a step may have
   * been started earlier or later in it than in the run that sent them, and an entity waits for the predecessor that it is told.
   */
  #takeStamp(event: ScheduledEvent): void {
    if (event.EventType !== 'EventSent') return;
    const stamp = stampOf(event);
    if (stamp !== undefined) {
      this.#stamps.sent(event.InstanceId, stamp);
    }
  }

  #createScope(): ReplayScope {
    const { instanceId, executionId, parentInstanceId, checkFunction, defaultHttpPauseMs } =
      this.#options;
    const requests = this.#requests;
    const nowMs = () => this.#nowMs;
    return {
      instanceId,
      executionId,
      parentInstanceId,
      get nowMs() {
        return nowMs();
      },
      checkFunction,
      idProblem: (id) => this.#options.limits?.idProblem(id),
      schedule: (scheduled, recorded) => requests.schedule(scheduled, recorded),
      reserveId: () => requests.reserveId(),
      scheduleReserved: (id, scheduled) => {
        requests.scheduleReserved(id, scheduled);
      },
      defaultHttpPauseMs,
      defaultVersion: this.#options.defaultVersion ?? '',
      showToSdk: (events) => {
        const shown = this.#insertions.get(this.#index) ?? [];
        this.#insertions.set(this.#index, [...shown, ...events]);
        this.#isHalted = true;
      },
      awaitCompletion: (id, completed) => {
        requests.awaitCompletion(id, completed);
      },
      release: (id) => {
        requests.release(id);
      },
      expectRecord: (scheduled) => requests.expectRecord(scheduled),
      newRetry: () => {
        const ids: number[] = [];
        this.#retries.push(ids);
        return ids;
      },
      get upcomingId() {
        return requests.nextId;
      },
      awaitEvent: (name, raised) => {
        this.#externalEvents.wait(name, raised);
      },
      stampRequest: (targetInstanceId) => this.#stamps.upcoming(targetInstanceId, this.#nowMs),
      start: (action, path) => this.#start(action, path),
    };
  }
}

/** Whether an answer to the task may begin another attempt, poll or slice. */
function takesFurtherIds(action: SdkAction, nowMs: number): boolean {
  if (action.kind === 'createTimer') return Date.parse(action.fireAt) - nowMs > MAX_SHORT_TIMER_MS;
  return 'retry' in action || action.kind === 'callHttp';
}
