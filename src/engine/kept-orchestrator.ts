/**
 * The orchestrator of one execution, kept alive between its messages: a message shows it the new events and nothing else. Now and
 * then it is replayed from the beginning instead, as after a restart of the process, so that one that does not do the same each
 * time is found out here and not much later.
 */
import type { OrchestrationExecution } from '../core/orchestration-execution.ts';
import type { OrchestratorAnswer } from '../core/replay/action.ts';
import type { TaskHubBackend } from './backend.ts';
import type { FunctionInvoker, OrchestrationRun } from './function-invoker.ts';

export interface KeptOrchestratorOptions {
  readonly invoker: FunctionInvoker;
  readonly backend: Pick<TaskHubBackend, 'limits'>;
  /** Whether every message replays the whole history. */
  readonly replaysAlways: boolean;
}

/** A replay comes when the history has grown by this factor: all of them together cost as much as a few. */
const REPLAY_GROWTH = 2;

export class KeptOrchestrator {
  readonly execution: OrchestrationExecution;
  readonly #options: KeptOrchestratorOptions;
  #run: OrchestrationRun | undefined;
  #isBroken = false;
  /** How long the history was that the run was first shown. */
  #replayedLength = 0;

  constructor(execution: OrchestrationExecution, options: KeptOrchestratorOptions) {
    this.execution = execution;
    this.#options = options;
  }

  /** Shows the orchestrator what is new in the history of its execution. */
  async goOn(): Promise<OrchestratorAnswer> {
    if (this.#isBroken || this.#isReplayDue) this.close();
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
    return this.#options.replaysAlways || length >= this.#replayedLength * REPLAY_GROWTH;
  }

  #open(): OrchestrationRun {
    const { started, state, executionId, parentInstanceId } = this.execution;
    this.#replayedLength = state.events.length;
    return this.#options.invoker.openOrchestration({
      functionName: started.Name,
      instanceId: state.instanceId,
      executionId,
      parentInstanceId,
      input: started.Input,
      timers: this.#options.backend.limits,
    });
  }
}
