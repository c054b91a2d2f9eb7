/** An OpenTelemetry SDK that keeps spans in memory, registered as an app would do it. */
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import type { SpanLine } from './span-tree.ts';

export interface RecordedSpans {
  /** In the order in which they ended. */
  all(): readonly ReadableSpan[];
  lines(): readonly SpanLine[];
  forget(): void;
  /** Nobody wants spans any more: test files share a process. */
  stop(): void;
}

export function recordSpans(): RecordedSpans {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return {
    all: () => exporter.getFinishedSpans(),
    lines: () => exporter.getFinishedSpans().map(lineOf),
    forget: () => {
      exporter.reset();
    },
    stop: () => {
      trace.disable();
      context.disable();
    },
  };
}

function lineOf(span: ReadableSpan): SpanLine {
  const { traceId, spanId } = span.spanContext();
  const [seconds, nanoseconds] = span.startTime;
  return {
    source: span.instrumentationScope.name,
    name: span.name,
    kind: SpanKind[span.kind],
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    // Comparable as a text to the nanosecond.
    start: `${new Date(seconds * 1000).toISOString()}${String(nanoseconds).padStart(9, '0')}`,
    status: span.status.code === SpanStatusCode.ERROR ? 'Error' : 'Unset',
  };
}
