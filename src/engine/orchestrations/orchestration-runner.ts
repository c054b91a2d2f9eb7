/**
 * What a work item of an orchestration comes to: the orchestrator runs, what it asks for is decided, and it goes on with the
 * answers of the commit window and with further generations, until there is nothing left but to commit.
 */
import {
  decide,
  decideFailed,
  decideSuspended,
  decideTerminated,
  type DecideContext,
  type Decision,
} from '../../core/decide.ts';
import {
  continuedAsNewEvent,
  endedEvent,
  startedEvent,
  type LifecycleEvent,
} from '../../core/lifecycle/lifecycle-events.ts';
import type { OrchestrationExecution, ReplayRules } from '../../core/orchestration-execution.ts';
import { payloadLength } from '../../core/orchestration-state.ts';
import { FairTurn } from '../../base/fair-turn.ts';
import { ReplayFailure } from '../../core/replay/replay-failure.ts';
import type { TaskMessage } from '../../core/task-message.ts';
import { traceIdIn } from '../../core/trace-context.ts';
import { versionMismatch, VersionRejectedError, type Versioning } from '../../core/versioning.ts';
import {
  eventContested,
  functionCompleted,
  functionFailed,
  functionStarting,
  functionTerminated,
  orchestrationStalled,
} from '../../telemetry/log-events.ts';
import type { HubMetrics } from '../../telemetry/hub-metrics.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { EndedSpan, Tracing } from '../../telemetry/tracing.ts';
import { type Ambient, newSpanId } from '../ambient.ts';
import type { TaskHubBackend } from '../backend.ts';
import type { CommitWindow } from './commit-window.ts';
import { checkRuns } from '../function-directory.ts';
import { EarlyReplays } from './early-replays.ts';
import type { FunctionInvoker } from '../function-invoker.ts';
import { KeptOrchestrator } from './kept-orchestrator.ts';
import { endedSpans } from './orchestration-spans.ts';
import { RunRefusedError } from '../poison/run-refused.ts';
import { RunAbortedError } from '../run-aborted.ts';
import { StepTimes } from './step-times.ts';

/** What a work item has come to before it is committed. */
export interface Progress {
  orchestrator: KeptOrchestrator;
  readonly outbox: Set<TaskMessage>;
  /** What started and ended, in this order. */
  readonly lifecycle: LifecycleEvent[];
  /** What ended in generations that are over. */
  readonly spans: EndedSpan[];
}

export interface OrchestrationRunnerOptions {
  readonly invoker: FunctionInvoker;
  readonly backend: Pick<TaskHubBackend, 'limits'>;
  readonly ambient: Ambient;
  readonly log: Logger;
  readonly taskHub: string;
  readonly tracing: Tracing;
  readonly metrics: HubMetrics;
  readonly versioning: Versioning | undefined;
  /** Whether every message replays the whole history of its instance. */
  readonly replaysAlways: boolean;
  /** Aborted when the worker drains: further generations are left for the next worker. */
  readonly draining: AbortSignal;
}

/**
 * For so long, and until it has asked for so much, an instance goes on with its next generation in the same work item; then it
 * sends itself a message, so that others get their turn and a crash repeats little.
 */
const GENERATIONS_MS = 1_000;
const GENERATIONS_OUTBOX_LENGTH = 1024 * 1024;

export class OrchestrationRunner {
  readonly #options: OrchestrationRunnerOptions;
  readonly #rules: ReplayRules;
  readonly #times: StepTimes;
  readonly #earlyReplays = new EarlyReplays();
  /** What was reported already: function and event. */
  readonly #contested = new Set<string>();

  constructor(options: OrchestrationRunnerOptions, rules: ReplayRules) {
    this.#options = options;
    this.#rules = rules;
    this.#times = new StepTimes(options.ambient);
  }

  logStart(execution: OrchestrationExecution): void {
    functionStarting(this.#options.log, this.#fields(execution));
  }

  /** What the events of an execution that are not stored yet tell of spans that are over. */
  spansOf({ state, started, committedCount }: OrchestrationExecution): EndedSpan[] {
    return this.#options.tracing.isOn ? endedSpans(state, started, committedCount) : [];
  }

  /** The orchestrator of an execution that no message has reached here before. */
  open(execution: OrchestrationExecution): KeptOrchestrator {
    const { invoker, backend, replaysAlways } = this.#options;
    return new KeptOrchestrator(execution, {
      invoker,
      backend,
      replaysAlways,
      earlyReplays: this.#earlyReplays,
    });
  }

  /** Goes on with the answers of the window, and with further generations, until the work item has to be committed. */
  async run(progress: Progress, window: CommitWindow): Promise<void> {
    const { ambient, draining, log } = this.#options;
    const lastMs = ambient.now() + GENERATIONS_MS;
    const turn = new FairTurn();
    let outboxLength = 0;
    for (;;) {
      if (turn.isOver) await turn.pass();
      const { execution } = progress.orchestrator;
      const decision = await this.#step(progress.orchestrator);
      for (const message of decision.outbox) {
        progress.outbox.add(message);
        outboxLength += payloadLength(message.event);
      }
      if (decision.isStalled) orchestrationStalled(log, this.#fields(execution));
      this.#reportContestedEvents(execution);
      if (decision.next) {
        functionCompleted(log, { ...this.#fields(execution), continuedAsNew: true });
        const began = startedEvent(decision.next.state);
        progress.lifecycle.push(continuedAsNewEvent(execution.state, began.time), began);
        progress.spans.push(...this.spansOf(execution));
        progress.orchestrator.close();
        progress.orchestrator = this.open(decision.next);
        const mayGoOn = ambient.now() < lastMs && outboxLength < GENERATIONS_OUTBOX_LENGTH;
        if (mayGoOn && !draining.aborted) continue;
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
      const events = await Promise.all(
        answers.map(async ({ answer }) => (await answer).response.event),
      );
      execution.beginEpisode(events, ambient.now());
    }
  }

  /** One run of the orchestrator and what follows from it; user code is called only when something may come of it. */
  async #step(orchestrator: KeptOrchestrator): Promise<Decision> {
    const { versioning } = this.#options;
    const { execution } = orchestrator;
    const { started, state } = execution;
    const context = this.#context();
    if (state.terminated) return decideTerminated(execution, context);
    if (state.isSuspended) return decideSuspended(execution, context);
    try {
      checkRuns(this.#options.invoker.functions, 'orchestrator', started.Name);
    } catch (error) {
      if (!(error instanceof ReplayFailure)) throw error;
      return decideFailed(execution, error.message, context);
    }
    const mismatch = versionMismatch(started.Version, versioning);
    if (mismatch !== undefined) {
      if (versioning?.failure === 'Fail') return decideFailed(execution, mismatch, context);
      throw new VersionRejectedError(mismatch);
    }
    const beganMs = performance.now();
    const answer = await orchestrator.goOn();
    const seconds = (performance.now() - beganMs) / 1000;
    const kind = orchestrator.hasReplayed ? 'replay' : 'feed';
    this.#options.metrics.orchestrator(started.Name, kind, seconds);
    if (answer.kind === 'aborted') {
      throw new RunAbortedError(started.Name, answer.reason);
    }
    if (answer.kind === 'refused') throw new RunRefusedError(answer.reason);
    return decide(execution, answer, this.#context());
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
    const { ambient, tracing } = this.#options;
    return {
      now: this.#times.next(),
      newId: () => ambient.newId(),
      ...(tracing.isOn && { newSpanId: () => newSpanId(ambient) }),
    };
  }

  #fields(execution: OrchestrationExecution) {
    return {
      taskHub: this.#options.taskHub,
      instanceId: execution.instanceId,
      executionId: execution.executionId,
      traceId: traceIdIn(execution.started.ParentTraceContext),
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
