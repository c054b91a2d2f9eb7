/**
 * The orchestrator of one execution, kept alive between its messages: a message shows it the new events and nothing else. Now and
 * then it is replayed from the beginning instead, as after a restart of the process, so that one that does not do the same each
 * time is found out here and not much later.
 */
import type { OrchestrationExecution } from '../../core/orchestration-execution.ts';
import type { OrchestratorAnswer } from '../../core/replay/action.ts';
import { traceOfExecution } from '../../core/trace-context.ts';
import type { EarlyReplays } from './early-replays.ts';
import type { TaskHubBackend } from '../backend.ts';
import type { FunctionInvoker, OrchestrationRun } from '../function-invoker.ts';

export interface KeptOrchestratorOptions {
  readonly invoker: FunctionInvoker;
  readonly backend: Pick<TaskHubBackend, 'limits'>;
  /** Whether every message replays the whole history. */
  readonly replaysAlways: boolean;
  /** Chooses those that are replayed while their history is short. */
  readonly earlyReplays: EarlyReplays;
}

/** A replay comes when the history has grown by this factor: all of them together cost as much as a few. */
const REPLAY_GROWTH = 2;
/** A history of so many events is not short any more. */
const SHORT_HISTORY = 64;

export class KeptOrchestrator {
  readonly execution: OrchestrationExecution;
  readonly #options: KeptOrchestratorOptions;
  #run: OrchestrationRun | undefined;
  #isBroken = false;
  #hasReplayed = false;
  /** How long the history was that the run was first shown. */
  #replayedLength = 0;
  /** Not before it is so long. */
  #firstReplayLength: number | undefined;

  constructor(execution: OrchestrationExecution, options: KeptOrchestratorOptions) {
    this.execution = execution;
    this.#options = options;
  }

  /** Whether the last `goOn` showed the orchestrator steps that it had done before. */
  get hasReplayed(): boolean {
    return this.#hasReplayed;
  }

  /** Shows the orchestrator what is new in the history of its execution. */
  async goOn(): Promise<OrchestratorAnswer> {
    if (this.#isBroken || this.#isReplayDue) this.close();
    const isOfBefore = this.execution.state.nextEventId > 0;
    this.#hasReplayed = isOfBefore && (this.#run === undefined || this.#run.isReplayed);
    const run = (this.#run ??= this.#open());
    const answer = await run.feed(this.execution.feed());
    // What threw need not throw again, such as a hook: the next time all of it is tried anew.
    this.#isBroken = answer.kind !== 'ran';
    return answer;
  }

  /** Lets go of the run; the next one is shown the history from the beginning. */
  close(): void {
    if (!this.#run) return;
    this.#run.close();
    this.#run = undefined;
    this.execution.replayAnew();
  }

  get #isReplayDue(): boolean {
    if (this.#run === undefined || this.#run.isReplayed) return false;
    const { length } = this.execution.state.events;
    if (this.#options.replaysAlways) return true;
    return length >= Math.max(this.#replayedLength * REPLAY_GROWTH, this.#firstReplayLength ?? 0);
  }

  #open(): OrchestrationRun {
    const { started, state, executionId, parentInstanceId } = this.execution;
    this.#replayedLength = state.events.length;
    this.#firstReplayLength ??= this.#options.earlyReplays.choose(started.Name) ? 0 : SHORT_HISTORY;
    return this.#options.invoker.openOrchestration({
      functionName: started.Name,
      instanceId: state.instanceId,
      executionId,
      parentInstanceId,
      input: started.Input,
      trace: traceOfExecution(started),
      timers: this.#options.backend.limits,
    });
  }
}
