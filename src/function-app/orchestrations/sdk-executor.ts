/**
 * The executor that durable-functions 2.x and 3.x keep on `context.df`: it drives the generator of one orchestrator, and can be
 * shown the events of a history one by one. It is no public API, so its members are looked at before it is used; an SDK in which
 * one is missing or different replays lists instead.
 */
import { ownMember } from '../../base/own-member.ts';

interface Executor {
  readonly actions: readonly unknown[];
  readonly currentTask: Task;
  readonly exception: unknown;
  readonly generator: unknown;
  readonly orchestratorReturned: boolean;
  readonly output: unknown;
  /** By event name: what waits for it, newest last. */
  readonly openEvents: Readonly<Record<string, Task[]>>;
  readonly schemaVersion: unknown;
  /** The id of the next task. */
  readonly sequenceNumber: number;
  readonly willContinueAsNew: boolean;
  processEvent(event: object): void;
}

interface Task {
  readonly hasResult: boolean;
}

/** `context.df` */
interface SdkContext {
  readonly customStatus?: unknown;
  isReplaying: boolean;
  version?: unknown;
}

export class SdkExecutor {
  readonly #executor: Executor;
  readonly #context: SdkContext;
  /** Whether the SDK is 2.x. */
  readonly #isClassic: boolean;
  #hasBegun = false;
  #isReplaying = true;

  private constructor(executor: Executor, context: SdkContext, isClassic: boolean) {
    this.#executor = executor;
    this.#context = context;
    this.#isClassic = isClassic;
    // Whether a step is new depends on what was shown when, which the SDK cannot know: it would ask the task.
    Object.defineProperty(context, 'isReplaying', {
      configurable: true,
      enumerable: true,
      get: () => this.#isReplaying,
      set: () => undefined,
    });
  }

  /** undefined when the SDK of this invocation context has none, or one that looks different. */
  static of(invocationContext: unknown): SdkExecutor | undefined {
    const context = memberOf(invocationContext, 'df');
    const executor = memberOf(context, 'taskOrchestratorExecutor');
    return isExecutor(executor)
      ? new SdkExecutor(
          executor,
          context as SdkContext,
          memberOf(invocationContext, 'bindings') !== undefined,
        )
      : undefined;
  }

  /** All that the orchestrator has asked for, as the SDK made it. Grows at its end. */
  get actions(): readonly unknown[] {
    return this.#executor.actions;
  }

  get nextId(): number {
    return this.#executor.sequenceNumber;
  }

  /** `context.df`, of which the orchestrator asks for tasks. */
  get context(): object {
    return this.#context;
  }

  get hasReturned(): boolean {
    return this.#executor.orchestratorReturned;
  }

  /** Whether the orchestrator has returned, thrown, or continued as new: events have no effect any more. */
  get hasEnded(): boolean {
    return this.isDone || this.thrown !== undefined;
  }

  get isDone(): boolean {
    return this.#executor.orchestratorReturned || this.#executor.willContinueAsNew;
  }

  /** What the orchestrator threw. */
  get thrown(): { readonly value: unknown } | undefined {
    const { exception, currentTask } = this.#executor;
    if (exception !== undefined) return { value: exception };
    // The task it waited for is settled, yet it neither returned nor waits for another: it threw undefined.
    return this.#hasBegun && currentTask.hasResult && !this.isDone
      ? { value: undefined }
      : undefined;
  }

  /** What the function of the orchestrator gave the SDK: its generator. */
  get started(): unknown {
    return this.#executor.generator;
  }

  /** What SDKs answer. */
  get state(): {
    readonly isDone: boolean;
    readonly actions: readonly unknown[];
    readonly output: unknown;
    readonly customStatus: unknown;
    readonly schemaVersion: unknown;
  } {
    const { actions, output, schemaVersion } = this.#executor;
    const { customStatus } = this.#context;
    // 3.x sends no status that is false, such as 0; 2.x does.
    const isSent = this.#isClassic ? customStatus !== null : Boolean(customStatus);
    return {
      isDone: this.isDone,
      actions: [actions],
      output,
      customStatus: isSent ? customStatus : undefined,
      schemaVersion,
    };
  }

  /**
   * Shows the orchestrator an event, and runs it as far as it goes. What it throws is in `thrown`.
   * @param event as the SDK wants it.
   * @throws what the SDK itself throws, about an event that it cannot read.
   */
  show(event: Readonly<Record<string, unknown>>, isPlayed: boolean): void {
    this.#isReplaying = isPlayed;
    const { EventType, Name, Version } = event;
    const shown = { ...event };
    // Compared with a Date.
    if (EventType === ORCHESTRATOR_STARTED)
      shown['Timestamp'] = new Date(String(event['Timestamp']));
    if (EventType === EXECUTION_STARTED) {
      this.#hasBegun = true;
      if ('version' in this.#context) this.#context.version = Version;
    }
    if (EventType === EVENT_RAISED && typeof Name === 'string') this.#dropSettledWaits(Name);
    this.#executor.processEvent(shown);
  }

  /** The SDK lists a wait once more when it is waited for once more; one that is over would swallow the event. */
  #dropSettledWaits(name: string): void {
    const { openEvents } = this.#executor;
    const waits = ownMember(openEvents, name);
    for (let index = (waits?.length ?? 0) - 1; index >= 0; index--) {
      if (waits?.[index]?.hasResult === true) waits.splice(index, 1);
    }
  }
}

const EXECUTION_STARTED = 0;
const EVENT_RAISED = 15;
const ORCHESTRATOR_STARTED = 12;

function isExecutor(value: unknown): value is Executor {
  return (
    typeof value === 'object' &&
    value !== null &&
    'exception' in value &&
    'generator' in value &&
    'output' in value &&
    typeof memberOf(value, 'processEvent') === 'function' &&
    typeof memberOf(value, 'sequenceNumber') === 'number' &&
    typeof memberOf(value, 'orchestratorReturned') === 'boolean' &&
    typeof memberOf(value, 'willContinueAsNew') === 'boolean' &&
    Array.isArray(memberOf(value, 'actions')) &&
    typeof memberOf(value, 'openEvents') === 'object' &&
    typeof memberOf(memberOf(value, 'currentTask'), 'hasResult') === 'boolean'
  );
}

function memberOf(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null) return undefined;
  return Reflect.get(holder, name);
}
