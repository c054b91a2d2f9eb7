/** Builds the history of an orchestration as an engine would have it, and the invocation that hands it to the app. */
import { AZURE_STORAGE_LIMITS } from '../../src/azure-storage/limits.ts';
import type { FailureDetails, HistoryEvent } from '../../src/core/history-event.ts';
import type { OrchestratorAnswer, SdkAction } from '../../src/core/replay/action.ts';
import type { FunctionInvoker, OrchestratorInvocation } from '../../src/engine/function-invoker.ts';

const START = Date.UTC(2025, 11, 31);

export class HistoryOf {
  readonly #functionName: string;
  readonly #input: string | null;
  readonly #events: HistoryEvent[] = [];
  #playedCount = 0;
  #episodes = 0;

  constructor(functionName: string, input?: unknown) {
    this.#functionName = functionName;
    this.#input = input === undefined ? null : JSON.stringify(input);
    this.#startEpisode();
    this.#add({
      EventType: 'ExecutionStarted',
      EventId: -1,
      OrchestrationInstance: { InstanceId: 'inst', ExecutionId: 'exec' },
      ParentInstance: null,
      Name: functionName,
      Version: '',
      Input: this.#input,
      Tags: null,
      Correlation: null,
      ParentTraceContext: null,
      ScheduledStartTime: null,
      Generation: null,
      GenerateNewTrace: false,
    });
  }

  /** Ends the episode with these activities scheduled, and starts the next one. */
  scheduled(...names: string[]): this {
    for (const Name of names) {
      const EventId = this.#events.filter(({ EventType }) => EventType === 'TaskScheduled').length;
      this.#add({
        EventType: 'TaskScheduled',
        EventId,
        Name,
        Version: '',
        Input: null,
        ParentTraceContext: null,
        Tags: null,
      });
    }
    this.#add({ EventType: 'OrchestratorCompleted', EventId: -1 });
    this.#playedCount = this.#events.length;
    return this.#startEpisode();
  }

  completed(TaskScheduledId: number, result: unknown): this {
    const Result = result === undefined ? null : JSON.stringify(result);
    return this.#add({ EventType: 'TaskCompleted', EventId: -1, TaskScheduledId, Result });
  }

  failed(
    TaskScheduledId: number,
    failure: { Reason: string | null; Details: string | null; FailureDetails?: FailureDetails },
  ): this {
    return this.#add({
      EventType: 'TaskFailed',
      EventId: -1,
      TaskScheduledId,
      FailureDetails: null,
      ...failure,
    });
  }

  raised(Name: string, input: unknown): this {
    const Input = JSON.stringify(input);
    return this.#add({
      EventType: 'EventRaised',
      EventId: -1,
      Name,
      Input,
      ParentTraceContext: null,
    });
  }

  /** Runs the orchestrator over this history: what has become of it, and all that it has asked for. */
  async run(
    invoker: FunctionInvoker,
    functionName = this.#functionName,
  ): Promise<{ readonly answer: OrchestratorAnswer; readonly asked: readonly SdkAction[] }> {
    const run = invoker.openOrchestration({ ...this.invocation(), functionName });
    let asked: readonly SdkAction[] = [];
    const rest = this.#events.map((event, index) => ({
      event,
      isPlayed: index < this.#playedCount,
    }));
    const answer = await run.feed({
      next: (all) => {
        asked = all;
        return rest.shift();
      },
      rest: () => [...rest],
    });
    asked = [...asked];
    run.close();
    return { answer, asked };
  }

  get events(): readonly HistoryEvent[] {
    return this.#events;
  }

  invocation(): OrchestratorInvocation {
    return {
      functionName: this.#functionName,
      instanceId: 'inst',
      executionId: 'exec',
      parentInstanceId: null,
      input: this.#input,
      timers: AZURE_STORAGE_LIMITS,
    };
  }

  #startEpisode(): this {
    this.#episodes += 1;
    return this.#add({ EventType: 'OrchestratorStarted', EventId: -1 });
  }

  #add(event: DistributiveOmit<HistoryEvent, 'IsPlayed' | 'Timestamp'>): this {
    const Timestamp = new Date(START + this.#episodes * 1000).toISOString();
    this.#events.push({ ...event, IsPlayed: false, Timestamp });
    return this;
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
