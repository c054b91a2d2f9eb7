/**
 * One work item of an orchestration: session → admit → run → decide → commit. Mirrors TaskOrchestrationDispatcher.
 *
 * P1 Storage is asked nothing that the session knows.
 * P2 All that an item changes is one commit; nothing after the commit thinks.
 * P3 A session that failed to commit is thrown away; the messages come again and meet the stored truth.
 */
import type { OrchestrationCommit } from '../core/commit.ts';
import {
  decide,
  decideFailed,
  decideSuspended,
  decideTerminated,
  type DecideContext,
  type Decision,
} from '../core/decide.ts';
import { SessionLostError } from '../core/errors.ts';
import type { HistoryEvent } from '../core/history-event.ts';
import type { InstanceId } from '../core/ids.ts';
import type { InstancePatch } from '../core/instance-status.ts';
import {
  continuedAsNewEvent,
  endedEvent,
  startedEvent,
  untoldEvents,
  type LifecycleEvent,
} from '../core/lifecycle/lifecycle-events.ts';
import { OrchestrationExecution, type ReplayRules } from '../core/orchestration-execution.ts';
import { changesStatus, projectInstance } from '../core/project-instance.ts';
import { ReplayFailure } from '../core/replay-actions/scope.ts';
import { versionMismatch, VersionRejectedError, type Versioning } from '../core/versioning.ts';
import { isActivityMessage, type ActivityMessage, type TaskMessage } from '../core/task-message.ts';
import {
  eventContested,
  functionCompleted,
  functionFailed,
  functionStarting,
  functionTerminated,
  messageDiscarded,
  orchestrationStalled,
  sessionLost,
  workItemAbandoned,
} from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ActivityProcessor, LocalActivity } from './activity-processor.ts';
import { admitMessages, type AdmittedMessages } from './admit-messages.ts';
import type { Ambient } from './ambient.ts';
import type { OrchestrationWorkItem, TaskHubBackend } from './backend.ts';
import { CommitWindow } from './commit-window.ts';
import type { TerminatedExecutions } from './terminated-executions.ts';
import { checkFunction } from './function-directory.ts';
import type { FunctionInvoker } from './function-invoker.ts';
import type { LifecycleNotifications } from './lifecycle-notifications.ts';
import { repairInstance } from './repair-instance.ts';
import { orchestrationSessionBytes, SessionCache, type OrchestrationSession } from './session.ts';

export interface OrchestrationProcessorOptions {
  readonly backend: TaskHubBackend;
  readonly invoker: FunctionInvoker;
  readonly activities: ActivityProcessor;
  /** Told of executions that are terminated here. */
  readonly terminatedExecutions: TerminatedExecutions;
  readonly ambient: Ambient;
  readonly log: Logger;
  /** Told of instances that start and end. */
  readonly notifications: LifecycleNotifications | undefined;
  readonly taskHub: string;
  readonly commitWindowMs: number;
  readonly maxOrchestrationActions: number;
  readonly defaultHttpPauseMs: number;
  readonly waitsForTimers: boolean;
  readonly versioning: Versioning | undefined;
  readonly sessionCacheBytes: number;
  /** Aborted when the worker drains: commit windows close at once. */
  readonly draining: AbortSignal;
}

/** Without a status change the row is written at most this often. */
const ROW_INTERVAL_MS = 1000;
/** So many generations run in one work item; then the instance sends itself a message, so that others get their turn. */
const MAX_GENERATIONS = 20;

/** What a work item has come to before it is committed. */
interface Progress {
  execution: OrchestrationExecution;
  readonly outbox: Set<TaskMessage>;
  /** What started and ended, in this order. */
  readonly lifecycle: LifecycleEvent[];
  generations: number;
}

export class OrchestrationProcessor {
  readonly #options: OrchestrationProcessorOptions;
  readonly #sessions: SessionCache<OrchestrationSession>;
  readonly #rules: ReplayRules;
  /** What was reported already: function and event. */
  readonly #contested = new Set<string>();

  constructor(options: OrchestrationProcessorOptions) {
    this.#options = options;
    this.#sessions = new SessionCache(options.sessionCacheBytes, orchestrationSessionBytes);
    this.#rules = {
      checkFunction: (kind, name) => {
        checkFunction(options.invoker.functions, kind, name);
      },
      maxActions: options.maxOrchestrationActions,
      defaultHttpPauseMs: options.defaultHttpPauseMs,
      waitsForTimers: options.waitsForTimers,
      defaultVersion: options.versioning?.appVersion ?? '',
    };
  }

  async process(item: OrchestrationWorkItem): Promise<void> {
    const { backend, log, taskHub } = this.#options;
    const { instanceId } = item;
    const window = new CommitWindow(this.#options);
    try {
      const session = this.#sessions.take(instanceId) ?? (await this.#open(item));
      const admitted = await this.#admit(session, item);
      const progress = this.#begin(session, admitted);
      if (!progress) {
        await this.#settle(session, item, admitted);
        return;
      }
      await this.#run(progress, window);
      await this.#commit(session, item, admitted, progress, window);
    } catch (error) {
      window.abandon();
      if (error instanceof SessionLostError) sessionLost(log, { taskHub, instanceId });
      else workItemAbandoned(log, { taskHub, instanceId, kind: 'orchestration' }, error);
      const toAnyWorker = error instanceof VersionRejectedError;
      await backend.abandonOrchestration(item, { toAnyWorker });
    }
  }

  async #open(item: OrchestrationWorkItem): Promise<OrchestrationSession> {
    const { instanceId } = item;
    const isFresh = item.messages.some(({ hasNoHistory }) => hasNoHistory);
    const stored = isFresh ? undefined : await this.#options.backend.loadHistory(instanceId);
    return {
      instanceId,
      execution: this.#revive(instanceId, stored?.events ?? []),
      token: stored?.token,
      isLoaded: true,
      isUnfinished: stored?.isUnfinished ?? false,
      rowWrittenMs: 0,
      rowCustomStatus: undefined,
    };
  }

  #revive(
    instanceId: InstanceId,
    events: readonly HistoryEvent[],
  ): OrchestrationExecution | undefined {
    if (!events.some(({ EventType }) => EventType === 'ExecutionStarted')) return undefined;
    const execution = new OrchestrationExecution(instanceId, events, this.#rules);
    execution.committedCount = events.length;
    return execution;
  }

  async #admit(
    session: OrchestrationSession,
    item: OrchestrationWorkItem,
  ): Promise<AdmittedMessages> {
    const { backend, log, taskHub, ambient } = this.#options;
    const admitted = await admitMessages(session.execution?.state, item.messages, {
      backend,
      now: new Date(ambient.now()).toISOString(),
    });
    for (const { message, reason } of admitted.discarded) {
      messageDiscarded(log, {
        taskHub,
        instanceId: item.instanceId,
        eventType: message.event.EventType,
        taskEventId: message.event.EventId,
        reason,
      });
    }
    return admitted;
  }

  /** Begins the episode; undefined when no message asks for one. */
  #begin(session: OrchestrationSession, admitted: AdmittedMessages): Progress | undefined {
    const nowMs = this.#options.ambient.now();
    const { start, events } = admitted;
    let { execution } = session;
    const lifecycle = this.#untold(session, admitted);
    if (start) {
      execution = new OrchestrationExecution(
        session.instanceId,
        [
          {
            EventType: 'OrchestratorStarted',
            EventId: -1,
            IsPlayed: false,
            Timestamp: new Date(nowMs).toISOString(),
          },
          { ...start.event, IsPlayed: true },
          ...events.map((event) => ({ ...event, IsPlayed: true })),
        ],
        this.#rules,
      );
      functionStarting(this.#options.log, this.#fields(execution));
      lifecycle.push(startedEvent(execution.state));
    } else if (execution && (events.length > 0 || needsEpisode(session))) {
      execution.beginEpisode(events, nowMs);
    } else {
      return undefined;
    }
    return { execution, outbox: new Set(), lifecycle, generations: 0 };
  }

  async #run(progress: Progress, window: CommitWindow): Promise<void> {
    for (;;) {
      const { execution } = progress;
      const decision = await this.#step(execution);
      for (const message of decision.outbox) progress.outbox.add(message);
      if (decision.isStalled) orchestrationStalled(this.#options.log, this.#fields(execution));
      this.#reportContestedEvents(execution);
      if (decision.next) {
        functionCompleted(this.#options.log, { ...this.#fields(execution), continuedAsNew: true });
        const began = startedEvent(decision.next.state);
        progress.lifecycle.push(continuedAsNewEvent(execution.state, began.time), began);
        progress.execution = decision.next;
        progress.generations++;
        if (progress.generations < MAX_GENERATIONS && !this.#options.draining.aborted) continue;
        progress.outbox.add(this.#wakeUp(decision.next));
        return;
      }
      if (execution.state.completed) {
        this.#logEnd(execution);
        const ended = endedEvent(execution.state);
        if (ended) progress.lifecycle.push(ended);
        return;
      }
      const answers = await window.nextAnswers(progress.outbox);
      if (answers.length === 0) return;
      for (const { message } of answers) progress.outbox.delete(message);
      const events = await Promise.all(answers.map(async ({ response }) => (await response).event));
      execution.beginEpisode(events, this.#options.ambient.now());
    }
  }

  /** One run of the orchestrator and what follows from it; user code is called only when something may come of it. */
  async #step(execution: OrchestrationExecution): Promise<Decision> {
    const { invoker } = this.#options;
    const { state } = execution;
    const context = this.#context();
    if (state.terminated) return decideTerminated(execution, context);
    if (state.isSuspended) return decideSuspended(execution, context);
    try {
      this.#rules.checkFunction('orchestrator', execution.started.Name);
    } catch (error) {
      if (!(error instanceof ReplayFailure)) throw error;
      return decideFailed(execution, error.message, context);
    }
    const { started } = execution;
    const mismatch = versionMismatch(started.Version, this.#options.versioning);
    if (mismatch !== undefined) {
      if (this.#options.versioning?.failure === 'Fail') {
        return decideFailed(execution, mismatch, context);
      }
      throw new VersionRejectedError(mismatch);
    }
    for (;;) {
      const { history, playedCount } = execution.view();
      const answer = await invoker.runOrchestrator({
        functionName: started.Name,
        instanceId: state.instanceId,
        executionId: execution.executionId,
        parentInstanceId: started.ParentInstance?.OrchestrationInstance.InstanceId ?? null,
        input: started.Input,
        history,
        playedCount,
      });
      if (answer.kind === 'aborted') {
        throw new Error(`The run of orchestrator '${started.Name}' was aborted: ${answer.reason}`);
      }
      const decision = decide(execution, answer, this.#context());
      if (!decision.isIncomplete) return decision;
    }
  }

  async #commit(
    session: OrchestrationSession,
    item: OrchestrationWorkItem,
    admitted: AdmittedMessages,
    progress: Progress,
    window: CommitWindow,
  ): Promise<void> {
    const { backend, ambient, activities, terminatedExecutions } = this.#options;
    const { execution } = progress;
    const { state } = execution;
    const firstEventIndex = execution.committedCount;
    const newEvents = state.events.slice(firstEventIndex);
    const replacesExecution = execution !== session.execution && session.token !== undefined;
    const nowMs = ambient.now();
    const writesRow =
      changesStatus(newEvents) ||
      execution.customStatus !== session.rowCustomStatus ||
      nowMs - session.rowWrittenMs >= ROW_INTERVAL_MS;
    const commit: OrchestrationCommit = {
      instanceId: session.instanceId,
      executionId: execution.executionId,
      firstEventIndex,
      newEvents,
      outbox: [...progress.outbox],
      instance: writesRow ? this.#projectRow(session, execution, newEvents, nowMs) : undefined,
      replacesExecution,
    };
    const local = this.#chooseLocal(commit, window);
    const receipt = await backend.commitOrchestration(item, {
      token: session.token,
      commit,
      consumed: admitted.consumed,
      deferred: admitted.deferred,
      beforeDelete: this.#telling(progress.lifecycle),
      runHere: local.map(({ message }) => message),
    });
    receipt.activities.forEach((workItem, index) => {
      const start = local[index]?.start;
      if (start) activities.completeLater(workItem, start());
    });
    window.close();
    if (state.runtimeStatus === 'Terminated') terminatedExecutions.add(execution.executionId);
    if (state.isTerminal) return;
    execution.committedCount = state.events.length;
    this.#sessions.put({
      instanceId: session.instanceId,
      execution,
      token: receipt.token,
      isLoaded: false,
      isUnfinished: false,
      rowWrittenMs: writesRow ? nowMs : session.rowWrittenMs,
      rowCustomStatus: writesRow ? execution.customStatus : session.rowCustomStatus,
    });
  }

  /**
   * A session that was read from storage writes the row anew from the whole history, since a crash may have come between
   * history and row; its input is in the row already, or belongs to the events of this very commit.
   */
  #projectRow(
    session: OrchestrationSession,
    execution: OrchestrationExecution,
    newEvents: readonly HistoryEvent[],
    nowMs: number,
  ): InstancePatch {
    const now = new Date(nowMs).toISOString();
    if (!session.isLoaded || execution !== session.execution) {
      return projectInstance(execution, newEvents, now);
    }
    const { input: _input, ...patch } = projectInstance(execution, execution.state.events, now);
    return patch;
  }

  /** The activities that run in this process: those that do already, and as many others as there are free slots. */
  #chooseLocal(
    commit: OrchestrationCommit,
    window: CommitWindow,
  ): { readonly message: ActivityMessage; readonly start: () => LocalActivity }[] {
    const { activities, draining } = this.#options;
    const local = [];
    for (const message of commit.outbox) {
      if (!isActivityMessage(message)) continue;
      const running = window.takeRunning(message);
      if (running) {
        local.push({ message, start: () => running });
      } else if (!draining.aborted && window.reserve()) {
        local.push({
          message,
          start: () => {
            window.useReserved();
            return activities.runReserved(message);
          },
        });
      }
    }
    return local;
  }

  /** Nothing to run: the messages are deleted or given back, and a status row that a crash left behind is put right. */
  async #settle(
    session: OrchestrationSession,
    item: OrchestrationWorkItem,
    admitted: AdmittedMessages,
  ): Promise<void> {
    const { backend, log, taskHub, ambient } = this.#options;
    const now = new Date(ambient.now()).toISOString();
    if (session.isLoaded && session.execution) {
      await repairInstance(backend, session.execution.state, { log, taskHub, now });
    }
    const { consumed, deferred } = admitted;
    const beforeDelete = this.#telling(this.#untold(session, admitted));
    await backend.settleOrchestration(item, { consumed, deferred, beforeDelete });
    if (session.execution && !session.execution.state.isTerminal) this.#sessions.put(session);
  }

  /** What a process that died may not have told. */
  #untold(
    { isLoaded, execution }: OrchestrationSession,
    { discarded, terminated }: AdmittedMessages,
  ): LifecycleEvent[] {
    if (this.#options.notifications === undefined) return [];
    if (terminated) return [terminated];
    if (!isLoaded || !execution || discarded.length === 0) return [];
    const messages = discarded.map(({ message }) => message);
    return [...untoldEvents(execution.state, messages)];
  }

  #telling(events: readonly LifecycleEvent[]): (() => Promise<boolean>) | undefined {
    const { notifications } = this.#options;
    return notifications && events.length > 0 ? () => notifications.publish(events) : undefined;
  }

  #wakeUp(execution: OrchestrationExecution): TaskMessage {
    const { instanceId, executionId } = execution;
    return {
      event: {
        EventType: 'GenericEvent',
        EventId: -1,
        IsPlayed: false,
        Timestamp: this.#context().now,
        Data: null,
      },
      target: { instanceId, executionId },
      sender: { instanceId, executionId },
      episode: execution.state.episodes,
    };
  }

  #context(): DecideContext {
    const { ambient } = this.#options;
    return { now: new Date(ambient.now()).toISOString(), newId: () => ambient.newId() };
  }

  #fields(execution: OrchestrationExecution) {
    return {
      taskHub: this.#options.taskHub,
      instanceId: execution.instanceId,
      functionName: execution.started.Name,
      functionType: 'Orchestrator',
    };
  }

  /** Once for each function and event: every replay finds it again. */
  #reportContestedEvents(execution: OrchestrationExecution): void {
    const fields = this.#fields(execution);
    for (const eventName of execution.replay.takeContestedEvents()) {
      const key = JSON.stringify([fields.functionName, eventName]);
      if (this.#contested.has(key)) continue;
      this.#contested.add(key);
      eventContested(this.#options.log, { ...fields, eventName });
    }
  }

  #logEnd(execution: OrchestrationExecution): void {
    const { log } = this.#options;
    const fields = this.#fields(execution);
    const reason = execution.state.completed?.Result ?? '';
    switch (execution.state.runtimeStatus) {
      case 'Failed':
        functionFailed(log, { ...fields, reason });
        break;
      case 'Terminated':
        functionTerminated(log, { ...fields, reason });
        break;
      default:
        functionCompleted(log, { ...fields, continuedAsNew: false });
        break;
    }
  }
}

/** What the episode that was not stored as a whole sent out is answered by messages that history does not know. */
function needsEpisode({ isUnfinished, execution }: OrchestrationSession): boolean {
  return isUnfinished && execution?.state.isTerminal === false;
}
