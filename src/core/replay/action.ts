/**
 * What an orchestrator asks for, and what becomes of it.
 *
 * Identity matters: the same task seen twice (`Task.any` in a loop) is the same action object, and the parser keeps it so.
 * Source: the actions of durable-functions 1.5, 2.1 and 3.5.
 */
import type { FailureDetails } from '../history-event.ts';
import type { ChangedStep } from './replay-failure.ts';

export interface RetryOptions {
  readonly firstRetryIntervalMs: number;
  readonly maxNumberOfAttempts: number;
  /** @default 1 */
  readonly backoffCoefficient: number;
  /** @default 6 days */
  readonly maxRetryIntervalMs: number;
  /** undefined: no limit. */
  readonly retryTimeoutMs: number | undefined;
}

export interface HttpRequestAction {
  readonly method: string;
  readonly uri: string;
  readonly content: string | null;
  readonly headers: Readonly<Record<string, string | readonly string[]>> | null;
  readonly tokenSource: unknown;
  readonly asynchronousPatternEnabled: boolean;
  /** As given; a .NET TimeSpan or ms. null for the default. */
  readonly timeout: unknown;
  /** The request exactly as the SDK gave it: what is stored as the activity's input. */
  readonly raw: unknown;
}

export type SdkAction =
  | { readonly kind: 'callActivity'; readonly functionName: string; readonly input: unknown }
  | {
      readonly kind: 'callActivityWithRetry';
      readonly functionName: string;
      readonly input: unknown;
      readonly retry: RetryOptions;
    }
  | {
      readonly kind: 'callSubOrchestrator';
      readonly functionName: string;
      readonly instanceId: string | null;
      readonly input: unknown;
      readonly version: string | null;
    }
  | {
      readonly kind: 'callSubOrchestratorWithRetry';
      readonly functionName: string;
      readonly instanceId: string | null;
      readonly input: unknown;
      readonly version: string | null;
      readonly retry: RetryOptions;
    }
  | { readonly kind: 'continueAsNew'; readonly input: unknown }
  | {
      readonly kind: 'createTimer';
      /** ISO 8601, UTC. */
      readonly fireAt: string;
      /** Becomes true when the orchestrator cancels the timer later. */
      readonly isCanceled: boolean;
    }
  | { readonly kind: 'waitForExternalEvent'; readonly eventName: string }
  | {
      readonly kind: 'callEntity';
      /** `@name@key` */
      readonly entityId: string;
      readonly operation: string;
      readonly input: unknown;
    }
  | {
      readonly kind: 'signalEntity';
      readonly entityId: string;
      readonly operation: string;
      readonly input: unknown;
      /** ISO 8601, UTC; null for at once. */
      readonly fireAt: string | null;
    }
  | { readonly kind: 'callHttp'; readonly request: HttpRequestAction }
  | {
      readonly kind: 'lockEntities';
      /** Sorted and deduplicated by the SDK; names not lower-cased. */
      readonly lockSet: readonly { readonly name: string; readonly key: string }[];
    }
  | { readonly kind: 'releaseEntities' }
  | { readonly kind: 'whenAll'; readonly children: readonly SdkAction[] }
  | { readonly kind: 'whenAny'; readonly children: readonly SdkAction[] };

/**
 * What an SDK answers to one run over a whole history: all that was asked for since the start of the execution. SDK 1.x lists one array per yield and waits for any task of each ("original"); 2.x and 3.x list one flat array with nested
 * compounds, awaited one after the other ("nested").
 */
export type SdkActions =
  | { readonly schema: 'original'; readonly yields: readonly (readonly SdkAction[])[] }
  | { readonly schema: 'nested'; readonly actions: readonly SdkAction[] };

/** Whether it combines others (`Task.all`, `Task.any`). */
export function isCompound(
  action: SdkAction,
): action is Extract<SdkAction, { kind: 'whenAll' | 'whenAny' }> {
  return action.kind === 'whenAll' || action.kind === 'whenAny';
}

/** The actions at the top of the list, of all yields. */
export function flattenActions(actions: SdkActions): readonly SdkAction[] {
  return actions.schema === 'nested' ? actions.actions : actions.yields.flat();
}

/** What has become of an orchestrator after the events of one feed. */
export type OrchestratorAnswer =
  /** It ran to its next yield, or to its end (`isDone`; also for continue-as-new). */
  | {
      readonly kind: 'ran';
      readonly isDone: boolean;
      /** JSON text; null for none. */
      readonly output: string | null;
      /** JSON text; null for none. */
      readonly customStatus: string | null;
      /** The id that the SDK would give to the next task; undefined when it does not tell. */
      readonly nextId?: number | undefined;
    }
  /** It threw, now or in an earlier feed. */
  | {
      readonly kind: 'threw';
      /** The message of the error, without any prefix. */
      readonly message: string;
      readonly failureDetails: FailureDetails | null;
      /** JSON text; null for none. */
      readonly customStatus: string | null;
    }
  /**
   * It cannot go on whatever it does about it, since it asks for something else than in an earlier run, or what it gave to a binding
   * cannot be written: the instance fails at once with this message.
   */
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** Where it asks for something else, if it does. */
      readonly step?: ChangedStep;
    }
  /** The run could not be finished for a reason that is not the orchestrator's: it is to be tried again. */
  | { readonly kind: 'aborted'; readonly reason: string }
  /** It was not run, as it has ended the process too often. */
  | { readonly kind: 'refused'; readonly reason: string };

/** What says something of the orchestrator: what follows from it can be decided. */
export type DecisiveAnswer = Exclude<OrchestratorAnswer, { kind: 'aborted' | 'refused' }>;
