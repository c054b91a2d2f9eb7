/** User code as the engine sees it. Errors of user code are values here, never exceptions. */
import type { TimerLimits } from '../core/backend-limits.ts';
import type { W3cTrace } from '../base/w3c-trace.ts';
import type { FailureDetails } from '../core/history-event.ts';
import type { OrchestratorAnswer } from '../core/replay/action.ts';
import type { EventFeed } from '../core/replay/event-feed.ts';

interface Invocation {
  /** Where user code stands in its trace, as it may want to say to others; undefined when it is not part of one. */
  readonly trace?: W3cTrace | undefined;
}

export interface OrchestratorInvocation extends Invocation {
  readonly functionName: string;
  readonly instanceId: string;
  readonly executionId: string;
  readonly parentInstanceId: string | null;
  /** JSON text, or null. */
  readonly input: string | null;
  /** The SDK has to be told of them: it counts the slices of long timers. */
  readonly timers: TimerLimits;
  /**
   * A run to see what the code asks for, of which nothing is done: it writes no outputs and logs nothing, and may break off, as
   * `aborted`, when `signal` aborts. @default a run whose outcome is stored
   */
  readonly trial?: { readonly signal: AbortSignal } | undefined;
}

/** An orchestrator on its way through the history of one execution. */
export interface OrchestrationRun {
  /**
   * Shows the orchestrator further events, until none is left, and tells what has become of it. Takes each event only when the
   * orchestrator has gone as far as it could with the one before, and leaves the event loop to others now and then. User code is
   * called here and nowhere else. Feeds of one run come one after the other. Never rejects for a fault of user code.
   */
  feed(events: EventFeed): Promise<OrchestratorAnswer>;
  /**
   * Whether each feed runs the orchestrator over its whole history, because its SDK cannot be fed: then it notices by itself
   * that the orchestrator asks for something else than before.
   */
  readonly isReplayed: boolean;
  /** The run does not go on. Calls no user code. Idempotent. */
  close(): void;
}

export interface ActivityInvocation extends Invocation {
  readonly functionName: string;
  readonly instanceId: string;
  /** A JSON array with one element, as it travels; a bare JSON value is accepted. */
  readonly input: string | null;
}

export type ActivityOutcome =
  | { readonly kind: 'completed'; readonly result: string | null }
  | {
      readonly kind: 'failed';
      /** `Activity function 'X' failed: …` */
      readonly reason: string;
      /** A JSON object with at least `Message`. */
      readonly details: string;
      readonly failureDetails: FailureDetails | null;
      /** Whether it was not run, as it has ended the process too often: what asked for it is set aside. @default false */
      readonly isRefused?: boolean;
    };

export interface EntityOperationRequest {
  readonly id: string;
  readonly name: string;
  /** JSON text, or null. */
  readonly input: string | null;
  readonly isSignal: boolean;
}

export interface EntityInvocation extends Invocation {
  readonly entityName: string;
  readonly entityKey: string;
  readonly exists: boolean;
  /** JSON text, or null. */
  readonly state: string | null;
  readonly operations: readonly EntityOperationRequest[];
}

export interface EntitySignal {
  readonly targetName: string;
  readonly targetKey: string;
  readonly operation: string;
  readonly input: string | null;
}

export type EntityOutcome =
  | {
      readonly kind: 'ran';
      readonly exists: boolean;
      readonly state: string | null;
      /** One per operation, in order. */
      readonly results: readonly { readonly isError: boolean; readonly result: string | null }[];
      readonly signals: readonly EntitySignal[];
    }
  /** The function itself failed: every operation of the batch did. */
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** Whether one of the operations took too long, or left too much: the others may succeed one by one. @default false */
      readonly mayPassOneByOne?: boolean;
      /** Whether it was not run, as it has ended the process too often: its request is set aside. @default false */
      readonly isRefused?: boolean;
    };

/** Names of functions by their kind. They compare case-insensitively. */
export interface FunctionNames {
  readonly orchestrators: readonly string[];
  readonly activities: readonly string[];
  readonly entities: readonly string[];
}

/** The functions that the app has. */
export interface FunctionDirectory extends FunctionNames {
  /** Those of them that do not run. @default none */
  readonly disabled?: FunctionNames;
}

export interface FunctionInvoker {
  readonly functions: FunctionDirectory;
  /** Begins a run of an orchestrator, which is to be shown the history of its execution from the beginning. */
  openOrchestration(invocation: OrchestratorInvocation): OrchestrationRun;
  runActivity(invocation: ActivityInvocation): Promise<ActivityOutcome>;
  runEntity(invocation: EntityInvocation): Promise<EntityOutcome>;
}
