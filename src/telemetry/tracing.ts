/**
 * Spans as the engine makes them. Whether anybody wants them is the app's business: it registers an OpenTelemetry SDK, or none
 * (see open-telemetry.ts). What long spans are about is told when it is over, with the times and the id that were stored
 * meanwhile: a process may have begun them that is no more.
 */
import type { W3cTrace } from '../base/w3c-trace.ts';

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** What a span is about. durable-spans.ts makes these. */
export interface SpanSubject {
  /** The instrumentation scope. */
  readonly source: 'DurableTask.Core' | 'WebJobs.Extensions.DurableTask';
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** How it ended; undefined: well, and nothing is said about it. */
export type SpanEnd = 'ok' | { readonly error: string } | undefined;

/** A span that is over. */
export interface EndedSpan extends SpanSubject {
  /** 16 hex digits, chosen when it began; undefined where nothing is below it. */
  readonly spanId: string | undefined;
  readonly parent: W3cTrace;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly endMs: number;
  readonly end: SpanEnd;
}

/** A span that lasts as long as something in this process. */
export interface OpenSpan {
  /** For what is below it, wherever that is. */
  readonly trace: W3cTrace;
  /** `work` and what it begins, callbacks and promises included, finds the span as the active one. */
  run<T>(work: () => T): T;
  /** @param attributes in addition to those that it began with. */
  end(end: SpanEnd, attributes?: SpanSubject['attributes']): void;
}

export interface Tracing {
  /** Whether anybody wants spans. Asked for each piece of work, since an SDK may be registered at any time; costs nearly nothing. */
  readonly isOn: boolean;
  /** The span in which the caller runs; undefined when there is none. */
  active(): W3cTrace | undefined;
  /**
   * Begins a span. Only while `isOn`.
   * @param parent undefined begins a trace.
   */
  begin(
    subject: SpanSubject,
    parent: W3cTrace | undefined,
    options?: { readonly startMs?: number },
  ): OpenSpan;
  /** Tells of a span that is over. Only while `isOn`. */
  record(span: EndedSpan): void;
  /**
   * Runs `work` below a span that somebody else tells of.
   * @param isSilent spans that are begun in it are not told: it has happened before. @default false
   */
  within<T>(trace: W3cTrace, work: () => T, options?: { readonly isSilent?: boolean }): T;
}

/** Nobody wants spans. */
export const noTracing: Tracing = {
  isOn: false,
  active: () => undefined,
  begin: (_subject, parent) => ({
    trace: parent ?? { traceParent: '', traceState: null },
    run: (work) => work(),
    end: () => undefined,
  }),
  record: () => undefined,
  within: (_trace, work) => work(),
};
