/** What `@azure/functions` 3 and 4 implement and the worker calls: `ProgrammingModel` of `@azure/functions-core`. */
import type { BindingInfo } from './function-declaration.ts';
import type { RpcRetryContext, RpcTraceContext } from './rpc-contexts.ts';
import type { RpcTypedData } from './rpc-typed-data.ts';

export type FunctionCallback = (...args: unknown[]) => unknown;

export type RpcLogLevel =
  'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';

export type RpcLogCategory = 'user' | 'system' | 'customMetric';

export type InvocationState = 'preInvocationHooks' | 'invocation' | 'postInvocationHooks';

/** Argument of `registerFunction`. */
export interface FunctionMetadata {
  readonly name: string;
  /** @default name */
  readonly functionId?: string;
  readonly bindings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly retryOptions?: unknown;
  readonly directory?: unknown;
  readonly [extra: string]: unknown;
}

/** Made anew for each invocation: the models write into it. */
export interface CoreInvocationContext {
  invocationId: string;
  request: {
    invocationId: string;
    functionId: string;
    inputData: { name: string; data: RpcTypedData }[];
    triggerMetadata: Record<string, RpcTypedData>;
    traceContext: RpcTraceContext | null;
    retryContext: RpcRetryContext | null;
  };
  metadata: {
    name: string;
    functionId: string;
    directory: string;
    scriptFile: string;
    bindings: Record<string, BindingInfo>;
  };
  state?: InvocationState;
  log(level: RpcLogLevel, category: RpcLogCategory, message: string): void;
}

export interface RpcInvocationResponse {
  readonly outputData?: readonly { readonly name?: string; readonly data?: unknown }[] | null;
  readonly returnValue?: unknown;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<RpcInvocationResponse>;
}

export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel | Promise<InvocationModel>;
  getCapabilities?(
    defaults: Record<string, string>,
  ): Record<string, string> | Promise<Record<string, string>>;
}
