/**
 * One work item of an orchestration: session → admit → run → decide → commit. Mirrors TaskOrchestrationDispatcher.
 *
 * P1 Storage is asked nothing that the session knows.
 * P2 All that an item changes is one commit; nothing after the commit thinks.
 * P3 A session that failed to commit is thrown away; the messages come again, or are judged again at once, and meet the stored
 *    truth.
 */
import type { OrchestrationCommit } from '../../core/commit.ts';
import { SessionLostError } from '../../core/errors.ts';
import {
  startedEvent,
  untoldEvents,
  type LifecycleEvent,
} from '../../core/lifecycle/lifecycle-events.ts';
import { messagesOfReplaced } from '../../core/lifecycle/replaced-instance.ts';
import { messagesToChildren, reachesChildren } from '../../core/lifecycle/steer-children.ts';
import { OrchestrationExecution, type ReplayRules } from '../../core/orchestration-execution.ts';
import { projectInstance } from '../../core/project-instance.ts';
import { withSpan } from '../../core/trace-context.ts';
import { VersionRejectedError, type Versioning } from '../../core/versioning.ts';
import {
  isActivityMessage,
  type ActivityMessage,
  type StartMessage,
  type TaskMessage,
} from '../../core/task-message.ts';
import {
  instanceReplaced,
  messageDiscarded,
  sessionLost,
  workItemAbandoned,
} from '../../telemetry/log-events.ts';
import type { HubMetrics } from '../../telemetry/hub-metrics.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Tracing } from '../../telemetry/tracing.ts';
import type { ActivityProcessor, LocalActivity } from '../activity-processor.ts';
import type { AdmittedMessages } from './admit-messages.ts';
import { type Ambient, newSpanId } from '../ambient.ts';
import type { OrchestrationWorkItem, TaskHubBackend } from '../backend.ts';
import { CommitWindow } from './commit-window.ts';
import type { TerminatedExecutions } from '../terminated-executions.ts';
import { checkFunction } from '../function-directory.ts';
import type { FunctionInvoker } from '../function-invoker.ts';
import type { LifecycleNotifications } from '../lifecycle-notifications.ts';
import { waitersOf } from '../instance-waiters.ts';
import { LeftToOthersError, type OtherWorkers, UnseenFunctionError } from '../other-workers.ts';
import type { FailedTries } from '../poison/failed-tries.ts';
import { giveUpOrchestration } from '../poison/give-up-orchestration.ts';
import { replayRules, type ReplaySettings } from '../replay-rules.ts';
import { repairInstance } from '../examine/repair-instance.ts';
import { commitOf } from './orchestration-commit.ts';
import { OrchestrationRunner, type Progress } from './orchestration-runner.ts';
import { OrchestrationSessions } from './orchestration-sessions.ts';
import type { OrchestrationSession } from '../session.ts';

export interface OrchestrationProcessorOptions {
  readonly backend: TaskHubBackend;
  readonly invoker: FunctionInvoker;
  readonly activities: ActivityProcessor;
  readonly others: OtherWorkers;
  /** Told of executions that are terminated here. */
  readonly terminatedExecutions: TerminatedExecutions;
  readonly ambient: Ambient;
  readonly log: Logger;
  /** Told of instances that start and end. */
  readonly notifications: LifecycleNotifications | undefined;
  readonly taskHub: string;
  readonly tracing: Tracing;
  readonly metrics: HubMetrics;
  readonly commitWindowMs: number;
  readonly replaySettings: ReplaySettings;
  readonly versioning: Versioning | undefined;
  /** Whether every message replays the whole history of its instance. */
  readonly replaysAlways: boolean;
  readonly sessionCacheBytes: number;
  readonly failedTries: FailedTries;
  /** Aborted when the worker drains: commit windows close at once. */
  readonly draining: AbortSignal;
}

/** An item whose session was lost is read and run again at once, so often; then its messages come again after a pause. */
const MAX_ATTEMPTS = 3;

export class OrchestrationProcessor {
  readonly #options: OrchestrationProcessorOptions;
  readonly #sessions: OrchestrationSessions;
  readonly #rules: ReplayRules;
  readonly #runner: OrchestrationRunner;

  constructor(options: OrchestrationProcessorOptions) {
    this.#options = options;
    this.#rules = replayRules(options.replaySettings, {
      limits: options.backend.limits,
      checkFunction: (kind, name) => {
        if (options.others.surelyHave(kind, name)) return;
        checkFunction(options.invoker.functions, kind, name);
      },
    });
    this.#runner = new OrchestrationRunner(options, this.#rules);
    this.#sessions = new OrchestrationSessions({
      ...options,
      rules: this.#rules,
      openOrchestrator: (execution) => this.#runner.open(execution),
    });
  }

  async process(item: OrchestrationWorkItem): Promise<void> {
    const waiters = waitersOf(this.#options.backend);
    waiters.running(item.instanceId);
    try {
      await this.#processUntilDone(item);
    } finally {
      waiters.paused(item.instanceId);
    }
  }

  async #processUntilDone(item: OrchestrationWorkItem): Promise<void> {
    const { backend, log, taskHub } = this.#options;
    const { instanceId } = item;
    for (let attempt = 1; ; attempt++) {
      const window = new CommitWindow(this.#options);
      try {
        await this.#processOnce(item, window, attempt > 1);
        return;
      } catch (error) {
        window.abandon();
        if (error instanceof UnseenFunctionError) {
          if (await this.#hasLooked(item)) continue;
          await backend.abandonOrchestration(item);
          return;
        }
        if (error instanceof LeftToOthersError) {
          await backend.abandonOrchestration(item, { leftTo: error.app });
          return;
        }
        const isLost = error instanceof SessionLostError;
        if (isLost) sessionLost(log, { taskHub, instanceId });
        else workItemAbandoned(log, { taskHub, instanceId, kind: 'orchestration' }, error);
        if (isLost && attempt < MAX_ATTEMPTS) continue;
        if (await this.#hasGivenUp(item, error)) return;
        const toAnyWorker = error instanceof VersionRejectedError;
        await backend.abandonOrchestration(item, { toAnyWorker });
        return;
      }
    }
  }

  /** Sets aside what was tried in vain often enough, and ends the instance. @returns false when there is nothing to give up, yet. */
  async #hasGivenUp(item: OrchestrationWorkItem, error: unknown): Promise<boolean> {
    const { failedTries, log, taskHub } = this.#options;
    const { instanceId } = item;
    const triedOut = failedTries.note(item.messages, error);
    if (triedOut.length === 0) return false;
    const telling = (events: readonly LifecycleEvent[]) => this.#telling(events);
    const deps = { ...this.#options, rules: this.#rules, telling };
    try {
      await giveUpOrchestration(deps, { item, triedOut, error });
      return true;
    } catch (failure) {
      workItemAbandoned(log, { taskHub, instanceId, kind: 'orchestration' }, failure);
      return false;
    }
  }

  /** @param isRepeated whether the session of the item was lost: what is kept, or promised, of its history is wrong. */
  async #processOnce(
    item: OrchestrationWorkItem,
    window: CommitWindow,
    isRepeated: boolean,
  ): Promise<void> {
    const { session, admitted } = await this.#sessions.judge(item, isRepeated);
    this.#logDiscarded(item, admitted);
    await this.#leaveToOthers(session, admitted);
    const progress = this.#begin(session, admitted);
    if (!progress) {
      await this.#settle(session, item, admitted);
      return;
    }
    try {
      await this.#runner.run(progress, window);
      await this.#commit(session, item, admitted, progress, window);
    } catch (error) {
      progress.orchestrator.close();
      throw error;
    }
  }

  /** @returns false when it could not: then the item comes again. */
  async #hasLooked({ instanceId }: OrchestrationWorkItem): Promise<boolean> {
    const { others, log, taskHub } = this.#options;
    try {
      await others.look();
      return true;
    } catch (error) {
      workItemAbandoned(log, { taskHub, instanceId, kind: 'orchestration' }, error);
      return false;
    }
  }

  /** @throws {LeftToOthersError} */
  async #leaveToOthers(
    { orchestrator }: OrchestrationSession,
    { start, events }: AdmittedMessages,
  ): Promise<void> {
    const name = start?.event.Name ?? orchestrator?.execution.started.Name;
    if (name === undefined || (start === undefined && events.length === 0)) return;
    const app = await this.#options.others.findApp('orchestrator', name);
    if (app !== undefined) throw new LeftToOthersError('orchestrator', name, app);
  }

  #logDiscarded(item: OrchestrationWorkItem, { discarded }: AdmittedMessages): void {
    const { log, taskHub } = this.#options;
    for (const { message, reason } of discarded) {
      messageDiscarded(log, {
        taskHub,
        instanceId: item.instanceId,
        eventType: message.event.EventType,
        taskEventId: message.event.EventId,
        reason,
      });
    }
  }

  /** Begins the episode; undefined when no message asks for one. */
  #begin(session: OrchestrationSession, admitted: AdmittedMessages): Progress | undefined {
    const nowMs = this.#options.ambient.now();
    const { start, events } = admitted;
    let { orchestrator } = session;
    const lifecycle = this.#untold(session, admitted);
    let outbox: TaskMessage[] = [];
    if (start) {
      outbox = this.#replace(session, start);
      const execution = new OrchestrationExecution(
        session.instanceId,
        [
          {
            EventType: 'OrchestratorStarted',
            EventId: -1,
            IsPlayed: false,
            Timestamp: new Date(nowMs).toISOString(),
          },
          { ...this.#traced(start.event, nowMs), IsPlayed: true },
          ...events.map((event) => ({ ...event, IsPlayed: true })),
        ],
        this.#rules,
      );
      orchestrator = this.#runner.open(execution);
      this.#runner.logStart(execution);
      lifecycle.push(startedEvent(execution.state));
      this.#noteDelay(start.event, nowMs);
    } else if (orchestrator && (events.length > 0 || needsEpisode(session))) {
      orchestrator.execution.beginEpisode(events, nowMs);
    } else {
      return undefined;
    }
    const { state } = orchestrator.execution;
    outbox.push(...messagesToChildren(state, toPassOn(admitted), nowMs));
    return { orchestrator, outbox: new Set(outbox), lifecycle, spans: [] };
  }

  #noteDelay({ Name, Timestamp, ScheduledStartTime }: StartMessage['event'], nowMs: number): void {
    const dueMs = Date.parse(ScheduledStartTime ?? Timestamp);
    if (!Number.isNaN(dueMs)) {
      this.#options.metrics.firstStep(Name, Math.max(0, nowMs - dueMs) / 1000);
    }
  }

  /** The execution gets its span with its first step, where spans are wanted. */
  #traced(event: StartMessage['event'], nowMs: number): StartMessage['event'] {
    const { tracing, ambient } = this.#options;
    if (event.ParentTraceContext === null || !tracing.isOn) return event;
    return withSpan(event, newSpanId(ambient), new Date(nowMs).toISOString());
  }

  /** A start takes the place of the execution of a session, if any. @returns what the end of that one owes others. */
  #replace({ orchestrator, instanceId }: OrchestrationSession, start: StartMessage): TaskMessage[] {
    if (!orchestrator) return [];
    const { ambient, log, taskHub } = this.#options;
    const { execution } = orchestrator;
    orchestrator.close();
    if (execution.state.isTerminal) return [];
    const { Name: functionName, ParentInstance: parent } = start.event;
    const startedBy = parent?.OrchestrationInstance.InstanceId ?? '';
    const replacedName = execution.started.Name;
    instanceReplaced(log, { taskHub, instanceId, functionName, replacedName, startedBy });
    const now = new Date(ambient.now()).toISOString();
    return messagesOfReplaced(execution, start, { now, newId: () => ambient.newId() });
  }

  async #commit(
    session: OrchestrationSession,
    item: OrchestrationWorkItem,
    admitted: AdmittedMessages,
    progress: Progress,
    window: CommitWindow,
  ): Promise<void> {
    const { backend, ambient, activities, terminatedExecutions, tracing, metrics } = this.#options;
    const { orchestrator } = progress;
    const { execution } = orchestrator;
    const { state } = execution;
    const nowMs = ambient.now();
    const commit = commitOf(session, progress, nowMs);
    const local = this.#chooseLocal(commit, window);
    const receipt = await backend.commitOrchestration(item, {
      token: session.token,
      commit,
      // The row of a sub-orchestration begins with its first commit.
      wholeInstance:
        session.token === undefined
          ? undefined
          : () => projectInstance(execution, state.events, new Date(nowMs).toISOString()),
      consumed: admitted.consumed,
      deferred: admitted.deferred,
      beforeDelete: this.#telling(progress.lifecycle),
      runHere: local.map(({ message }) => message),
    });
    if (state.isTerminal) waitersOf(backend).ended(session.instanceId);
    for (const { functionName, status } of progress.lifecycle)
      metrics.instance(functionName, status);
    for (const span of [...progress.spans, ...this.#runner.spansOf(execution)])
      tracing.record(span);
    receipt.activities.forEach((workItem, index) => {
      const start = local[index]?.start;
      if (start) activities.completeLater(workItem, start());
    });
    window.close();
    if (state.runtimeStatus === 'Terminated') terminatedExecutions.add(execution.executionId);
    if (state.isTerminal) {
      orchestrator.close();
      return;
    }
    execution.committedCount = state.events.length;
    const writesRow = commit.instance !== undefined;
    this.#sessions.put({
      instanceId: session.instanceId,
      epoch: item.epoch,
      execution,
      orchestrator,
      token: receipt.token,
      isLoaded: false,
      isUnfinished: false,
      rowWrittenMs: writesRow ? nowMs : session.rowWrittenMs,
      rowCustomStatus: writesRow ? execution.customStatus : session.rowCustomStatus,
    });
  }

  /** The activities that run in this process: those that do already, and as many others as there are free slots. */
  #chooseLocal(
    commit: OrchestrationCommit,
    window: CommitWindow,
  ): { readonly message: ActivityMessage; readonly start: () => LocalActivity }[] {
    const { activities, draining } = this.#options;
    const local = [];
    for (const message of commit.outbox) {
      if (!isActivityMessage(message) || activities.isForOthers(message)) continue;
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
    // The end may have been stored by a commit whose answer was lost.
    const isEnded = admitted.terminated ?? session.execution?.state.isTerminal;
    if (isEnded) waitersOf(backend).ended(session.instanceId);
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
}

function toPassOn({ consumed, events }: AdmittedMessages): TaskMessage[] {
  return consumed
    .map(({ message }) => message)
    .filter((message) => reachesChildren(message) && events.includes(message.event));
}

/** What the episode that was not stored as a whole sent out is answered by messages that history does not know. */
function needsEpisode({ isUnfinished, execution }: OrchestrationSession): boolean {
  return isUnfinished && execution?.state.isTerminal === false;
}
