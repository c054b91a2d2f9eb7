/**
 * A loaded function app as the rest of the product sees it: what functions there are, which ones could not be loaded and
 * why, and how one is called. `load-function-app.ts` makes one.
 */
import type { LogFields } from '../telemetry/log.ts';
import type { LoadedFunction } from './function-declaration.ts';
import type { KeptCall } from './orchestrations/kept-call.ts';
import type { RpcRetryContext, RpcTraceContext } from './rpc-contexts.ts';
import type { RpcTypedData } from './rpc-typed-data.ts';
import type { FunctionRun } from './runs/function-run.ts';

/** A function, or an entry point, that does not run; the others do. */
export interface FunctionProblem {
  /** For an entry point its path relative to the script root. */
  readonly functionName: string;
  readonly reason: string;
}

export interface InvocationRequest {
  readonly triggerData: RpcTypedData;
  /** What the trigger itself says. Keys in .NET's case; the models camel-case them. @default {} */
  readonly triggerMetadata?: Readonly<Record<string, RpcTypedData>>;
  /** @default a new GUID */
  readonly invocationId?: string;
  readonly traceContext?: RpcTraceContext;
  readonly retryContext?: RpcRetryContext;
}

export type InvocationResult =
  | {
      readonly kind: 'succeeded';
      /** The value of `$return`, or what the function returned if it has no such binding. */
      readonly returnValue?: RpcTypedData;
      /** By binding name, without `$return`. Outputs of binding extensions are already written. */
      readonly outputs: ReadonlyMap<string, RpcTypedData>;
    }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly stack: string;
      /** What was thrown. */
      readonly error: unknown;
    };

/** A call whose trigger value is a live object and whose result is wanted live: durable functions. */
export interface LiveRequest {
  /** Handed to the function as it is, not through JSON. */
  readonly triggerValue: unknown;
  /** Its members join the metadata of the trigger. @default triggerValue */
  readonly members?: unknown;
  readonly triggerMetadata?: Readonly<Record<string, RpcTypedData>>;
  readonly traceContext?: RpcTraceContext | undefined;
  /** For the log: `instanceId` and the like. */
  readonly logFields?: LogFields;
  /** Whether what the function logs is dropped. @default false */
  readonly isSilent?: boolean;
}

export type LiveResult =
  | {
      readonly kind: 'returned';
      /** The object that the function returned, or gave to `context.done`, after the hooks. */
      readonly result: unknown;
      /** The programming model's invocation context. */
      readonly context: unknown;
      /** Converts the result as for any function and writes its output bindings. */
      finish(): Promise<InvocationResult>;
      /**
       * Writes what the function gave to its output bindings by name, an orchestrator in the new steps of this call; its result is
       * none of them. Rejects when an output cannot be written.
       */
      writeOutputs(): Promise<void>;
    }
  | { readonly kind: 'threw'; readonly error: unknown; readonly context: unknown };

export interface FunctionApp {
  readonly functions: readonly LoadedFunction[];
  readonly problems: readonly FunctionProblem[];
  /** What the app's programming model announces; `HttpUri` when it wants HTTP requests streamed there. */
  readonly capabilities: Readonly<Record<string, string>>;
  /** Runs a function with its bindings and hooks. Errors of user code are values. */
  invoke(fn: LoadedFunction, request: InvocationRequest): Promise<InvocationResult>;
  /** Runs a durable function. Errors of user code are values. */
  call(fn: LoadedFunction, request: LiveRequest): Promise<LiveResult>;
  /**
   * Prepares a call of an orchestrator that goes on over several invocations; the function is called by the first of them.
   * @throws {DurableError} when an input binding cannot be read.
   */
  keep(fn: LoadedFunction, request: LiveRequest): Promise<KeptCall>;
  /** The run that the caller is part of, callbacks and promises left behind by it included; undefined outside of any. */
  currentRun(): FunctionRun | undefined;
  /** Runs the app's `appTerminate` hooks and takes away what loading put into the process. Idempotent. */
  dispose(): Promise<void>;
}
