/** What a call says of the trace that it belongs to, and of the tries before it, in the form of the Functions RPC protocol. */
import type { W3cTrace } from '../base/w3c-trace.ts';

export interface RpcTraceContext {
  readonly traceParent?: string;
  readonly traceState?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** What the programming models are told of a trace. */
export function rpcTraceContext(trace: W3cTrace | undefined): RpcTraceContext | undefined {
  if (!trace) return undefined;
  const { traceParent, traceState } = trace;
  return { traceParent, traceState: traceState ?? '', attributes: {} };
}

export interface RpcRetryContext {
  readonly retryCount: number;
  readonly maxRetryCount: number;
  readonly exception?: {
    readonly message?: string;
    readonly source?: string;
    readonly stackTrace?: string;
  };
}
