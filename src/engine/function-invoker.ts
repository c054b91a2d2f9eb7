/** User code as the engine sees it. Errors of user code are values here, never exceptions. */
import type { FailureDetails, HistoryEvent } from '../core/history-event.ts';
import type { OrchestratorAnswer } from '../core/replay/action.ts';

export interface OrchestratorInvocation {
  readonly functionName: string;
  readonly instanceId: string;
  readonly executionId: string;
  readonly parentInstanceId: string | null;
  /** JSON text, or null. */
  readonly input: string | null;
  /** The whole history of the execution, this episode's events included. Must not be changed or kept. */
  readonly history: readonly HistoryEvent[];
  /** How many of `history` were delivered in earlier episodes. */
  readonly playedCount: number;
}

export interface ActivityInvocation {
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
    };

export interface EntityOperationRequest {
  readonly id: string;
  readonly name: string;
  /** JSON text, or null. */
  readonly input: string | null;
  readonly isSignal: boolean;
}

export interface EntityInvocation {
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
      /** Whether it ran too long: the operations may succeed one by one. @default false */
      readonly hasTimedOut?: boolean;
    };

/** The functions that the app has, by kind. Names compare case-insensitively. */
export interface FunctionDirectory {
  readonly orchestrators: readonly string[];
  readonly activities: readonly string[];
  readonly entities: readonly string[];
}

export interface FunctionInvoker {
  readonly functions: FunctionDirectory;
  runOrchestrator(invocation: OrchestratorInvocation): Promise<OrchestratorAnswer>;
  runActivity(invocation: ActivityInvocation): Promise<ActivityOutcome>;
  runEntity(invocation: EntityInvocation): Promise<EntityOutcome>;
}
