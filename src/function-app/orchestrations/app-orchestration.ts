/**
 * The run of one orchestrator of the app: fed event by event where its SDK can be, replayed where it cannot. Which of the two it
 * is turns out when the function is called, and is remembered.
 */
import type { OrchestratorAnswer } from '../../core/replay/action.ts';
import type { EventFeed } from '../../core/replay/event-feed.ts';
import type { OrchestrationRun, OrchestratorInvocation } from '../../engine/function-invoker.ts';
import { isUnavailable } from '../unavailable.ts';
import { sdkIsReplayed } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Tracing } from '../../telemetry/tracing.ts';
import { describeThrown } from '../failure-text.ts';
import { type BelowSpan, FedRun } from './fed-run.ts';
import type { FunctionApp, LiveRequest, LiveResult } from '../function-app.ts';
import type { LoadedFunction } from '../function-declaration.ts';
import { rpcTraceContext } from '../rpc-contexts.ts';
import { ListRun, type RunOverHistory } from './list-run.ts';
import {
  answerOfError,
  answerOfResult,
  type OrchestrationTriggerSettings,
  type OrchestrationTriggerValue,
  orchestrationTriggerValue,
} from './orchestration-trigger.ts';
import { SdkHistory, toSdkEvent } from './sdk-history.ts';

export interface AppOrchestrationOptions {
  readonly app: FunctionApp;
  readonly fn: LoadedFunction;
  readonly invocation: OrchestratorInvocation;
  readonly settings: OrchestrationTriggerSettings;
  /** Orchestrators whose SDK cannot be fed. */
  readonly replaying: WeakSet<LoadedFunction>;
  readonly isShuttingDown: () => boolean;
  readonly log: Logger;
  readonly tracing: Tracing;
}

export class AppOrchestration implements OrchestrationRun {
  readonly #options: AppOrchestrationOptions;
  #fed: FedRun | undefined;
  #list: ListRun | undefined;
  /** Of the latest run over the history. */
  #listEnd: LiveResult | undefined;

  constructor(options: AppOrchestrationOptions) {
    this.#options = options;
    if (options.replaying.has(options.fn)) this.#list = this.#newListRun();
  }

  /** User code runs below the span of its execution; what it has done before begins no spans. */
  readonly #below: BelowSpan = (work, { isReplay }) => {
    const { tracing, invocation } = this.#options;
    if (invocation.trace === undefined || !tracing.isOn) return work();
    return tracing.within(invocation.trace, work, { isSilent: isReplay });
  };

  get isReplayed(): boolean {
    return this.#list !== undefined;
  }

  async feed(events: EventFeed): Promise<OrchestratorAnswer> {
    const { isShuttingDown, replaying, fn, log } = this.#options;
    if (isShuttingDown()) return { kind: 'aborted', reason: 'The host is shutting down.' };
    if (this.#list) return this.#feedList(this.#list, events);
    try {
      this.#fed ??= await this.#newFedRun(events);
    } catch (error) {
      return abortedBy(error) ?? failed(events, describeThrown(error).message);
    }
    const fed = this.#fed;
    const answer = await fed.feed(events);
    if (typeof answer !== 'string') return this.#withOutputs(answer, () => fed.writeOutputs());
    replaying.add(fn);
    if (answer === 'replays, unknown') sdkIsReplayed(log, { functionName: fn.name });
    this.#fed = undefined;
    this.#list = this.#newListRun();
    return this.#feedList(this.#list, events);
  }

  async #feedList(list: ListRun, events: EventFeed): Promise<OrchestratorAnswer> {
    const answer = await list.feed(events);
    const end = this.#listEnd;
    if (end?.kind === 'threw') return abortedBy(end.error) ?? answer;
    return this.#withOutputs(answer, async () => end?.writeOutputs());
  }

  /**
   * Outputs are written before the step is stored, as the messages that it sends: after a crash between the two the step runs
   * again and they are written once more, and none is lost.
   */
  async #withOutputs(
    answer: OrchestratorAnswer,
    write: () => Promise<void> | undefined,
  ): Promise<OrchestratorAnswer> {
    if (answer.kind !== 'ran' || this.#options.invocation.trial !== undefined) return answer;
    try {
      const writing = write();
      if (writing !== undefined) await writing;
      return answer;
    } catch (error) {
      return abortedBy(error) ?? { kind: 'failed', message: describeThrown(error).message };
    }
  }

  close(): void {
    this.#fed?.close();
    this.#list?.close();
  }

  /** The SDK is called with the beginning of the history alone: enough to come to be, too little to run user code. */
  async #newFedRun(events: EventFeed): Promise<FedRun> {
    const { app, fn, invocation, settings } = this.#options;
    const first = events.rest().find(({ event }) => event.EventType === 'OrchestratorStarted');
    const history = first ? [toSdkEvent(first.event, true)] : [];
    const triggerValue = orchestrationTriggerValue(invocation, settings, {
      history,
      isReplaying: true,
    });
    const isReplaying = first?.isPlayed ?? false;
    const call = await app.keep(fn, this.#request(triggerValue, isReplaying));
    return new FedRun(call, this.#below);
  }

  #newListRun(): ListRun {
    const { app, fn, invocation, settings } = this.#options;
    const sdkHistory = new SdkHistory();
    const runOver: RunOverHistory = async (history, playedCount) => {
      const triggerValue = orchestrationTriggerValue(invocation, settings, {
        history: sdkHistory.of(history, playedCount),
        isReplaying: playedCount > 0,
      });
      // New steps follow on those that are run again: they cannot be told apart.
      const end = await this.#below(() => app.call(fn, this.#request(triggerValue)), {
        isReplay: playedCount > 0,
      });
      this.#listEnd = end;
      return end.kind === 'returned' ? answerOfResult(end.result) : answerOfError(end.error);
    };
    return new ListRun(invocation, runOver, invocation.trial?.signal);
  }

  #request(
    triggerValue: OrchestrationTriggerValue,
    isReplaying = triggerValue.isReplaying,
  ): LiveRequest {
    const { instanceId, parentInstanceId, ...members } = triggerValue;
    return {
      triggerValue,
      // As JSON: plain text that looks like a number would arrive as one.
      triggerMetadata: {
        instanceId: { json: JSON.stringify(instanceId) },
        ...(parentInstanceId !== null && {
          parentInstanceId: { json: JSON.stringify(parentInstanceId) },
        }),
      },
      members: { ...members, isReplaying },
      traceContext: rpcTraceContext(this.#options.invocation.trace),
      logFields: { instanceId, executionId: this.#options.invocation.executionId },
      isSilent: this.#options.invocation.trial !== undefined,
    };
  }
}

/** Of a function that the app does not have. */
export class MissingOrchestrator implements OrchestrationRun {
  readonly isReplayed = true;
  readonly #functionName: string;

  constructor(functionName: string) {
    this.#functionName = functionName;
  }

  feed(events: EventFeed): Promise<OrchestratorAnswer> {
    const message = `The function '${this.#functionName}' doesn't exist, is disabled, or is not an orchestrator function.`;
    return Promise.resolve(failed(events, message));
  }

  close(): void {
    // There is nothing to let go of.
  }
}

/** Storage that is away comes back: the step is run again then. undefined for other errors. */
function abortedBy(error: unknown): OrchestratorAnswer | undefined {
  return isUnavailable(error)
    ? { kind: 'aborted', reason: describeThrown(error).message }
    : undefined;
}

/** What has happened has happened, though nobody was shown it. */
function failed(events: EventFeed, message: string): OrchestratorAnswer {
  while (events.next([]));
  return { kind: 'threw', message, failureDetails: null, customStatus: null };
}
