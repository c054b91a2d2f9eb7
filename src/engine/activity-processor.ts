/**
 * Runs activities: those fetched from the work-item queue, and those that an orchestration here has just scheduled and for
 * which there is a free slot. Mirrors TaskActivityDispatcher.
 *
 * What an activity has answered is worth more than its run: an answer that storage does not take is offered again, and only
 * when that goes on for long, or the worker drains, is the activity left to be run once more.
 */
import { PollBackoff } from '../base/back-off.ts';
import { pause } from '../base/pause.ts';
import { answerTags, requestOf } from '../core/answered-request.ts';
import { BackendUnavailableError } from '../core/errors.ts';
import type { HistoryEvent } from '../core/history-event.ts';
import type { ActivityMessage, TaskMessage } from '../core/task-message.ts';
import { traceIdIn, traceOf } from '../core/trace-context.ts';
import {
  activityNotStarted,
  errorText,
  functionCompleted,
  functionFailed,
  functionStarting,
  messageSetAside,
  workItemAbandoned,
} from '../telemetry/log-events.ts';
import type { HubMetrics } from '../telemetry/hub-metrics.ts';
import type { Logger } from '../telemetry/log.ts';
import { activitySpan } from '../telemetry/durable-spans.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { Ambient } from './ambient.ts';
import type { ActivityWorkItem, TaskHubBackend } from './backend.ts';
import type { OtherWorkers } from './other-workers.ts';
import type { FailedTries } from './poison/failed-tries.ts';
import type { TerminatedExecutions } from './terminated-executions.ts';
import type { ActivityOutcome, FunctionInvoker } from './function-invoker.ts';
import type { Slots } from '../base/slots.ts';

export interface ActivityProcessorOptions {
  readonly backend: TaskHubBackend;
  readonly invoker: FunctionInvoker;
  readonly ambient: Ambient;
  readonly log: Logger;
  readonly taskHub: string;
  readonly tracing: Tracing;
  readonly metrics: HubMetrics;
  readonly slots: Slots;
  readonly terminatedExecutions: TerminatedExecutions;
  readonly others: OtherWorkers;
  readonly failedTries: FailedTries;
  /** Aborted when the worker drains: answers that storage does not take are given up. */
  readonly draining: AbortSignal;
}

export interface ActivityAnswer {
  readonly response: TaskMessage;
  /** Why the activity was not run, and is to be set aside before it is answered; undefined otherwise. */
  readonly refusal?: string;
}

/** An activity that runs here on behalf of an orchestration; it holds a slot until it is done. */
export interface LocalActivity {
  readonly message: ActivityMessage;
  /** Never rejects. */
  readonly answer: Promise<ActivityAnswer>;
}

/** How much the newest duration counts in the running average. */
const AVERAGE_WEIGHT = 0.3;

/** For so long an answer is offered to storage that does not take it, with pauses that grow up to this. */
const OFFER_MS = 10 * 60_000;
const FIRST_OFFER_PAUSE_MS = 200;
const LONGEST_OFFER_PAUSE_MS = 10_000;

export class ActivityProcessor {
  readonly #options: ActivityProcessorOptions;
  readonly #averageMs = new Map<string, number>();
  readonly #completions = new Set<Promise<void>>();

  constructor(options: ActivityProcessorOptions) {
    this.#options = options;
  }

  /** How long an activity of this name took lately, in ms; 0 when it never ran here. */
  expectedMs(functionName: string): number {
    return this.#averageMs.get(functionName.toLowerCase()) ?? 0;
  }

  /** Whether other workers have to run the activity, as this app does not have it. */
  isForOthers({ event }: ActivityMessage): boolean {
    return this.#options.others.have('activity', event.Name);
  }

  /** Takes a slot for an activity, to be given to `runReserved`; false when all are busy. */
  tryReserve(): boolean {
    return this.#options.slots.tryAcquire();
  }

  /** Gives back a slot that was reserved and is not used after all. */
  releaseReserved(): void {
    this.#options.slots.release();
  }

  /** Runs an activity in a reserved slot, and frees it. */
  runReserved(message: ActivityMessage): LocalActivity {
    const answer = this.#run(message).finally(() => {
      this.#options.slots.release();
    });
    return { message, answer };
  }

  /** Hands the answer of a local activity to storage once it is there. Failures are logged; the work item comes again. */
  completeLater(item: ActivityWorkItem, activity: LocalActivity): void {
    const completion: Promise<void> = this.#complete(item, activity.answer).finally(() => {
      this.#completions.delete(completion);
    });
    this.#completions.add(completion);
  }

  /** Processes an activity fetched from the queue. */
  async process(item: ActivityWorkItem): Promise<void> {
    if (await this.#leaveToOthers(item)) return;
    await this.#complete(item, this.#runUnlessTerminated(item.message));
  }

  async #leaveToOthers(item: ActivityWorkItem): Promise<boolean> {
    const { backend, others, log, taskHub } = this.#options;
    const { event, target } = item.message;
    try {
      if ((await others.findApp('activity', event.Name)) === undefined) return false;
      await backend.abandonActivity(item, { toOthers: true });
    } catch (error) {
      workItemAbandoned(log, { taskHub, instanceId: target.instanceId, kind: 'activity' }, error);
      await backend.abandonActivity(item);
    }
    return true;
  }

  /** Resolves when the answers of all local activities are with storage. */
  async drain(): Promise<void> {
    while (this.#completions.size > 0) await Promise.all(this.#completions);
  }

  async #complete(item: ActivityWorkItem, answer: Promise<ActivityAnswer>): Promise<void> {
    const { backend, log, taskHub } = this.#options;
    const { instanceId } = item.message.target;
    try {
      const { response, refusal } = await answer;
      if (refusal !== undefined) await backend.setAside([item], refusal);
      await this.#offer(item, response);
      if (refusal !== undefined) this.#logSetAside(item, refusal);
    } catch (error) {
      workItemAbandoned(log, { taskHub, instanceId, kind: 'activity' }, error);
      if (await this.#hasGivenUp(item, error)) return;
      await backend.abandonActivity(item);
    }
  }

  /** An answer that storage never takes: the activity fails, and is set aside. @returns false when it is to be tried again. */
  async #hasGivenUp(item: ActivityWorkItem, error: unknown): Promise<boolean> {
    const { backend, failedTries, log, taskHub } = this.#options;
    if (failedTries.note([item], error).length === 0) return false;
    const { instanceId } = item.message.target;
    const reason = `The activity ran, and its answer could not be stored: ${errorText(error)}`;
    try {
      await backend.setAside([item], reason);
      const failure = { kind: 'failed', reason, details: '', failureDetails: null } as const;
      await backend.completeActivity(item, this.#answer(item.message, failure));
      this.#logSetAside(item, reason);
      return true;
    } catch (failure) {
      workItemAbandoned(log, { taskHub, instanceId, kind: 'activity' }, failure);
      return false;
    }
  }

  #logSetAside({ message: { event, target } }: ActivityWorkItem, reason: string): void {
    const { log, taskHub } = this.#options;
    const { EventType: eventType, EventId: taskEventId } = event;
    const { instanceId } = target;
    messageSetAside(log, { taskHub, instanceId, eventType, taskEventId, reason });
  }

  /** The answer may arrive twice; whoever gets it knows that. @throws what storage said last. */
  async #offer(item: ActivityWorkItem, answer: TaskMessage): Promise<void> {
    const { backend, ambient, draining } = this.#options;
    const backoff = new PollBackoff(LONGEST_OFFER_PAUSE_MS, Math.random, FIRST_OFFER_PAUSE_MS);
    const untilMs = ambient.now() + OFFER_MS;
    for (;;) {
      try {
        await backend.completeActivity(item, answer);
        return;
      } catch (error) {
        if (!(error instanceof BackendUnavailableError) || ambient.now() >= untilMs) throw error;
        if (error.isRefusal) throw error;
        if (!draining.aborted) await pause(backoff.nextMs(), draining);
        if (draining.aborted) throw error;
      }
    }
  }

  /** The answer of an activity that nobody waits for takes its way as any other, and is dropped where it arrives. */
  async #runUnlessTerminated(message: ActivityMessage): Promise<ActivityAnswer> {
    const { terminatedExecutions, log, taskHub } = this.#options;
    if (!(await terminatedExecutions.has(message))) return this.#run(message);
    const { event, target } = message;
    const { instanceId } = target;
    const reason = 'its instance was terminated';
    activityNotStarted(log, { taskHub, instanceId, functionName: event.Name, reason });
    const failure = { kind: 'failed', reason, details: '', failureDetails: null } as const;
    return { response: this.#answer(message, failure) };
  }

  async #run(message: ActivityMessage): Promise<ActivityAnswer> {
    const { ambient, log, taskHub } = this.#options;
    const { event, target } = message;
    const { instanceId } = target;
    const fields = {
      taskHub,
      instanceId,
      executionId: target.executionId ?? undefined,
      traceId: traceIdIn(event.ParentTraceContext),
      functionName: event.Name,
      functionType: 'Activity',
    };
    functionStarting(log, fields);
    const startedMs = ambient.now();
    const outcome = await this.#invoke(message);
    const ms = ambient.now() - startedMs;
    this.#noteDuration(event.Name, ms);
    this.#options.metrics.activity(event.Name, outcome.kind, ms / 1000);
    if (outcome.kind === 'completed') {
      functionCompleted(log, { ...fields, continuedAsNew: false });
    } else {
      functionFailed(log, { ...fields, reason: outcome.reason });
    }
    const response = this.#answer(message, outcome);
    return outcome.kind === 'failed' && outcome.isRefused === true
      ? { response, refusal: outcome.reason }
      : { response };
  }

  /** In a span of its own, if the activity is part of a trace and spans are wanted. */
  async #invoke({ event, target }: ActivityMessage): Promise<ActivityOutcome> {
    const { invoker, tracing } = this.#options;
    const { Name: name, Version: version, Input: input, EventId: taskId } = event;
    const { instanceId } = target;
    const parent = traceOf(event.ParentTraceContext);
    const invocation = { functionName: name, instanceId, input, trace: parent };
    if (!parent || !tracing.isOn) return invoker.runActivity(invocation);
    const subject = activitySpan('server', { name, version, instanceId, taskId });
    const span = tracing.begin(subject, parent);
    try {
      const outcome = await span.run(() =>
        invoker.runActivity({ ...invocation, trace: span.trace }),
      );
      span.end(outcome.kind === 'completed' ? 'ok' : { error: outcome.reason });
      return outcome;
    } catch (error) {
      span.end({ error: errorText(error) });
      throw error;
    }
  }

  #answer(message: ActivityMessage, outcome: ActivityOutcome): TaskMessage {
    const { event, target } = message;
    const { instanceId } = target;
    const common = {
      EventId: -1,
      IsPlayed: false,
      Timestamp: new Date(this.#options.ambient.now()).toISOString(),
      TaskScheduledId: event.EventId,
    };
    const answer: HistoryEvent =
      outcome.kind === 'completed'
        ? { ...common, EventType: 'TaskCompleted', Result: outcome.result }
        : {
            ...common,
            EventType: 'TaskFailed',
            Reason: outcome.reason,
            Details: outcome.details,
            FailureDetails: outcome.failureDetails,
          };
    return {
      event: answer,
      target,
      sender: { instanceId, executionId: target.executionId ?? '' },
      episode: message.episode ?? -1,
      orchestrationTags: answerTags(requestOf(message)),
    };
  }

  #noteDuration(functionName: string, ms: number): void {
    const key = functionName.toLowerCase();
    const average = this.#averageMs.get(key);
    this.#averageMs.set(
      key,
      average === undefined ? ms : average + (ms - average) * AVERAGE_WEIGHT,
    );
  }
}
