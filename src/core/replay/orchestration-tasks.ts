/**
 * The tasks of one execution: starts what an orchestrator asks for, one file of this folder per kind, and lets the events of
 * the history settle it. Knows nothing of the order in which actions are found; that is `replay.ts`, and for SDKs that only
 * replay whole lists `core/list-replay`.
 */
import type { BackendLimits } from '../backend-limits.ts';
import { requestIdAt } from '../entity/request-id.ts';
import { SendStamps } from '../entity/send-stamps.ts';
import type { EventRaisedEvent, HistoryEvent } from '../history-event.ts';
import type { SdkAction } from './action.ts';
import { startActivity } from './activity.ts';
import { checkScheduled } from './check-input.ts';
import { startAll, startAny } from './compound.ts';
import { DurableTask } from './durable-task.ts';
import { stampOf, startEntityCall, startEntitySignal } from './entity-call.ts';
import { EventWaiters, type EventDelivery, type ServedWaiter } from './event-waiters.ts';
import { startExternalEvent } from './external-event.ts';
import { startHttpCall } from './http-call.ts';
import { releaseLock, startLock, type HeldLock } from './lock.ts';
import { Requests } from './requests.ts';
import { startWithRetry } from './retry.ts';
import { isScheduledEvent, type ScheduledEvent } from './scheduled.ts';
import type { ReplayScope } from './scope.ts';
import { startSubOrchestration } from './sub-orchestration.ts';
import { startTimer, type TimerTask } from './timer.ts';

type TimerAction = Extract<SdkAction, { readonly kind: 'createTimer' }>;

export interface ReplayOptions {
  readonly instanceId: string;
  readonly executionId: string;
  readonly parentInstanceId: string | null;
  readonly checkFunction: ReplayScope['checkFunction'];
  /** What the storage of the hub cannot hold. */
  readonly limits: BackendLimits;
  /** host.json `maxOrchestrationActions`. */
  readonly maxActions: number;
  /** host.json `httpSettings.defaultAsyncRequestSleepTimeMilliseconds`. */
  readonly defaultHttpPauseMs: number;
  /** host.json `defaultVersion`: of sub-orchestrations that are given none. @default null */
  readonly defaultVersion?: string | null;
  /** Whether an instance completes only when the timers fired that it did not cancel, as the .NET extension has it. @default true */
  readonly waitsForTimers?: boolean;
}

export interface TaskObserver {
  /** A child of a compound is started, or is a task that was started before. */
  start(action: SdkAction, path: readonly number[]): DurableTask;
  /** An external event reaches the orchestrator. `index` is that of the event in the history. */
  delivered(event: EventRaisedEvent, index: number, delivery: EventDelivery): void;
  /** The SDK has to be shown events that are not in history, right after the one being applied. */
  showToSdk(events: readonly HistoryEvent[]): void;
}

export class OrchestrationTasks {
  readonly requests: Requests;
  readonly externalEvents: EventWaiters;
  readonly scope: ReplayScope;
  readonly #stamps = new SendStamps();
  readonly #retries: number[][] = [];
  readonly #timers = new Map<TimerTask, TimerAction>();
  /** What entities were asked for and have not answered. */
  readonly #entityCalls = new Set<DurableTask>();
  #lock: HeldLock | undefined;
  #continueAsNew: { readonly input: unknown } | undefined;
  #nowMs = 0;
  /** By which the ids of requests to entities are made: that of the latest OrchestratorStarted. */
  #clock = '';
  /** The same for events that came while the instance was suspended: the .NET extension takes them when it is resumed. */
  #resumedAt: string | undefined;
  #requestCount = 0;

  constructor(options: ReplayOptions, observer: TaskObserver) {
    this.requests = new Requests(options.waitsForTimers ?? true);
    this.externalEvents = new EventWaiters((event, index, delivery) => {
      observer.delivered(event, index, delivery);
    });
    this.scope = this.#createScope(options, observer);
  }

  /** The ids of each retried call, in order: attempt, timer, attempt, … */
  get retries(): readonly (readonly number[])[] {
    return this.#retries;
  }

  get continueAsNew(): { readonly input: unknown } | undefined {
    return this.#continueAsNew;
  }

  /** Whether an entity still has to answer a call or a lock request. */
  get hasOpenEntityCalls(): boolean {
    return this.#entityCalls.size > 0;
  }

  /** Starts what was not started before. @throws {ReplayFailure} when it cannot be done. */
  start(action: SdkAction, path: readonly number[]): DurableTask {
    const { scope } = this;
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
        if (!action.isCanceled) this.#timers.set(timer, action);
        return timer.task;
      }
      case 'waitForExternalEvent':
        return startExternalEvent(scope, action.eventName);
      case 'callEntity':
        return this.#keepOpen(startEntityCall(scope, action));
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
        return this.#keepOpen(task);
      }
      case 'releaseEntities': {
        const lock = this.#lock;
        this.#lock = undefined;
        return lock ? releaseLock(scope, lock) : DurableTask.settled();
      }
    }
  }

  /**
   * One event of the history settles what it answers.
   * @param index of the event in the history.
   * @throws {ReplayFailure} when it records another request than the orchestrator made.
   */
  apply(event: HistoryEvent, index: number, served: ServedWaiter): void {
    if (isScheduledEvent(event)) {
      this.record(event);
      return;
    }
    switch (event.EventType) {
      case 'OrchestratorStarted':
        this.#nowMs = Math.max(this.#nowMs, Date.parse(event.Timestamp));
        this.#clock = event.Timestamp;
        break;
      case 'ExecutionResumed':
        this.#resumedAt = undefined;
        break;
      case 'TaskCompleted':
      case 'TaskFailed':
      case 'SubOrchestrationInstanceCompleted':
      case 'SubOrchestrationInstanceFailed':
        this.requests.complete(event.TaskScheduledId, event);
        break;
      case 'TimerFired':
        this.requests.complete(event.TimerId, event);
        break;
      case 'EventRaised':
        this.externalEvents.raise(event, index, served);
        break;
      default:
        // The others steer the instance, or mark episodes; they settle nothing.
        break;
    }
  }

  /**
   * The instance is suspended, and resumed by the episode of that time: what comes before it is taken then.
   */
  resumesAt(time: string): void {
    this.#resumedAt = time;
  }

  /** History has a request: one of before, or one that its caller has just put there. @throws {ReplayFailure} */
  record(event: ScheduledEvent): void {
    this.requests.record(event);
    if (event.EventType !== 'EventSent') return;
    // What is sent next follows on what history says was sent: an entity waits for the predecessor that it is told.
    const stamp = stampOf(event);
    if (stamp !== undefined) this.#stamps.sent(event.InstanceId, stamp);
  }

  /** The instance waits no more for timers that the orchestrator has cancelled. */
  releaseCanceledTimers(): void {
    for (const [timer, action] of this.#timers) {
      if (timer.task.outcome === 'pending' && !action.isCanceled) continue;
      if (action.isCanceled) timer.cancel();
      this.#timers.delete(timer);
    }
  }

  /** Gives up the lock that the orchestration holds, if any: it ends. */
  releaseHeldLock(): void {
    if (this.#lock) releaseLock(this.scope, this.#lock);
    this.#lock = undefined;
  }

  #keepOpen(call: DurableTask): DurableTask {
    this.#entityCalls.add(call);
    call.whenSettled(() => this.#entityCalls.delete(call));
    return call;
  }

  #createScope(options: ReplayOptions, observer: TaskObserver): ReplayScope {
    const { requests, externalEvents } = this;
    const nowMs = () => this.#nowMs;
    return {
      instanceId: options.instanceId,
      executionId: options.executionId,
      parentInstanceId: options.parentInstanceId,
      get nowMs() {
        return nowMs();
      },
      checkFunction: options.checkFunction,
      limits: options.limits,
      schedule: (scheduled, recorded) => {
        checkScheduled(options.limits, scheduled, requests.nextId);
        return requests.schedule(scheduled, recorded);
      },
      reserveId: () => requests.reserveId(),
      scheduleReserved: (id, scheduled) => {
        checkScheduled(options.limits, scheduled, id);
        requests.scheduleReserved(id, scheduled);
      },
      defaultHttpPauseMs: options.defaultHttpPauseMs,
      defaultVersion: options.defaultVersion ?? null,
      showToSdk: (events) => {
        observer.showToSdk(events);
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
      newRequestId: () =>
        requestIdAt(options.instanceId, this.#resumedAt ?? this.#clock, this.#requestCount++),
      awaitEvent: (name, raised) => {
        externalEvents.wait(name, raised);
      },
      stampRequest: (targetInstanceId) => this.#stamps.upcoming(targetInstanceId, this.#nowMs),
      start: (action, path) => observer.start(action, path),
    };
  }
}
