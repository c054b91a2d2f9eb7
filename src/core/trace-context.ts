/**
 * The trace that an execution is part of, as its history has it: the `ParentTraceContext` of its start names the span above it,
 * and, once a worker has begun it, the one span of the execution itself, which is the same for all its episodes and generations.
 * Where no worker makes spans, what stands above an execution stands above all that it asks for.
 * Mirrors DurableTask.Core.Tracing.DistributedTraceContext and TraceHelper.
 */
import { atSpan, spanIdOf, traceIdOf, w3cTrace, type W3cTrace } from '../base/w3c-trace.ts';
import type { ExecutionStartedEvent, TraceContext } from './history-event.ts';

/** As messages and history have it. */
export function toTraceContext(trace: W3cTrace): TraceContext {
  return {
    TraceParent: trace.traceParent,
    TraceState: trace.traceState,
    Id: null,
    SpanId: null,
    ActivityStartTime: null,
  };
}

/** @returns undefined for what is not part of a trace. */
export function traceOf(context: TraceContext | null): W3cTrace | undefined {
  return context === null ? undefined : w3cTrace(context.TraceParent, context.TraceState);
}

/** The trace that a log record belongs to: 32 hex digits. */
export function traceIdIn(context: TraceContext | null): string | undefined {
  const trace = traceOf(context);
  return trace && traceIdOf(trace);
}

/** What stands above the requests of an execution; undefined for one that is not part of a trace. */
export function traceOfExecution({
  ParentTraceContext: context,
}: ExecutionStartedEvent): W3cTrace | undefined {
  const trace = traceOf(context);
  const spanId = context?.SpanId;
  return trace && spanId ? atSpan(trace, spanId) : trace;
}

/**
 * Gives the execution its span, unless it has one, or is not part of a trace.
 * @param spanId 16 hex digits. @param now ISO 8601, UTC: when the span began.
 */
export function withSpan(
  started: ExecutionStartedEvent,
  spanId: string,
  now: string,
): ExecutionStartedEvent {
  const { ParentTraceContext: context } = started;
  const trace = traceOf(context);
  if (!context || !trace || context.SpanId) return started;
  return {
    ...started,
    ParentTraceContext: {
      ...context,
      Id: atSpan(trace, spanId).traceParent,
      SpanId: spanId,
      ActivityStartTime: now,
    },
  };
}

/** What is sent on behalf of an execution, and the id of the span that tells of it there. */
export interface RequestTrace {
  readonly context: TraceContext;
  /** null where no worker makes spans. */
  readonly spanId: string | null;
}

/** @param newSpanId absent where no spans are made. */
export function traceRequest(
  trace: W3cTrace | undefined,
  newSpanId: (() => string) | undefined,
): RequestTrace | undefined {
  if (!trace) return undefined;
  const spanId = newSpanId?.() ?? null;
  return {
    context: toTraceContext(spanId === null ? trace : atSpan(trace, spanId)),
    spanId,
  };
}

/** The id of the span that a request has of its own; undefined when it has none, as its asker made no spans. */
export function ownSpanOf(
  context: TraceContext | null,
  asker: W3cTrace | undefined,
): string | undefined {
  const trace = traceOf(context);
  if (!trace || !asker) return undefined;
  const spanId = spanIdOf(trace);
  return spanId === spanIdOf(asker) ? undefined : spanId;
}
