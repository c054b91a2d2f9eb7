/**
 * Spans by `@opentelemetry/api`, for whatever SDK the app has registered there.
 *
 * T1 Where no SDK is registered, nothing is loaded and nothing is done: a look at a global tells.
 * T2 The package is the app's own copy, where it has one. All copies share what is registered, but an older one must not be read
 *    by a newer: then there would seem to be nothing.
 * T3 The api chooses the ids of spans. Where one has to be that which was stored, the finished span answers with it: exporters ask
 *    it, and nobody else does.
 */
import type * as Api from '@opentelemetry/api';
import { spanIdOf, traceIdOf, type W3cTrace } from '../base/w3c-trace.ts';
import type { EndedSpan, OpenSpan, SpanEnd, SpanKind, SpanSubject, Tracing } from './tracing.ts';

export type OpenTelemetryApi = typeof Api;

/** Where all copies of version 1 keep what is registered with them. */
const REGISTRY = Symbol.for('opentelemetry.js.api.1');
/** By which the SDKs know that spans are not wanted (`suppressTracing` of `@opentelemetry/core`). */
const SUPPRESSED = 'OpenTelemetry SDK Context Key SUPPRESS_TRACING';

/** Whether something is registered for spans, or for metrics, by whatever copy of the package. */
export function isRegistered(what: 'trace' | 'metrics'): boolean {
  const registry: unknown = Reflect.get(globalThis, REGISTRY);
  return typeof registry === 'object' && registry !== null && what in registry;
}

/** @param load gives the package; called at most once, when an SDK is registered. */
export function openTelemetryTracing(load: () => OpenTelemetryApi): Tracing {
  let loaded: Spans | undefined;
  const spans = (): Spans => (loaded ??= new Spans(load()));
  return {
    get isOn() {
      return isRegistered('trace');
    },
    active: () => (isRegistered('trace') ? spans().active() : undefined),
    begin: (subject, parent, options) => spans().begin(subject, parent, options?.startMs),
    record: (span) => {
      spans().record(span);
    },
    within: (trace, work, options) => spans().within(trace, work, options?.isSilent ?? false),
  };
}

class Spans {
  readonly #api: OpenTelemetryApi;
  readonly #suppressed: symbol;

  constructor(api: OpenTelemetryApi) {
    this.#api = api;
    this.#suppressed = api.createContextKey(SUPPRESSED);
  }

  active(): W3cTrace | undefined {
    const { trace, isSpanContextValid } = this.#api;
    const context = trace.getActiveSpan()?.spanContext();
    return context && isSpanContextValid(context) ? w3cOf(context) : undefined;
  }

  begin(subject: SpanSubject, parent: W3cTrace | undefined, startMs?: number): OpenSpan {
    const { context, trace } = this.#api;
    const span = this.#start(subject, parent, startMs);
    return {
      trace: w3cOf(span.spanContext()),
      run: (work) => context.with(trace.setSpan(context.active(), span), work),
      end: (end, attributes) => {
        if (attributes) span.setAttributes(attributes);
        this.#end(span, end);
      },
    };
  }

  record({ spanId, parent, startMs, endMs, end, ...subject }: EndedSpan): void {
    const span = this.#start(subject, parent, startMs);
    if (spanId !== undefined) {
      const context = { ...span.spanContext(), spanId };
      span.spanContext = () => context;
    }
    this.#end(span, end, endMs);
  }

  within<T>(place: W3cTrace, work: () => T, isSilent: boolean): T {
    const { context, trace } = this.#api;
    const below = trace.setSpanContext(context.active(), this.#contextOf(place));
    return context.with(isSilent ? below.setValue(this.#suppressed, true) : below, work);
  }

  #start(
    { source, name, kind, attributes }: SpanSubject,
    parent: W3cTrace | undefined,
    startMs: number | undefined,
  ): Api.Span {
    const { trace, ROOT_CONTEXT } = this.#api;
    const options = {
      kind: this.#kindOf(kind),
      attributes,
      ...(startMs === undefined ? {} : { startTime: startMs }),
    };
    const above = parent
      ? trace.setSpanContext(ROOT_CONTEXT, this.#contextOf(parent))
      : ROOT_CONTEXT;
    return trace.getTracer(source).startSpan(name, options, above);
  }

  #end(span: Api.Span, end: SpanEnd, endMs?: number): void {
    const { OK, ERROR } = this.#api.SpanStatusCode;
    if (end === 'ok') span.setStatus({ code: OK });
    else if (end) span.setStatus({ code: ERROR, message: end.error });
    span.end(endMs);
  }

  #contextOf(place: W3cTrace): Api.SpanContext {
    const { traceParent, traceState } = place;
    return {
      traceId: traceIdOf(place),
      spanId: spanIdOf(place),
      traceFlags: Number.parseInt(traceParent.slice(53), 16),
      isRemote: true,
      ...(traceState === null ? {} : { traceState: this.#api.createTraceState(traceState) }),
    };
  }

  #kindOf(kind: SpanKind): Api.SpanKind {
    const { INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER } = this.#api.SpanKind;
    const kinds = {
      internal: INTERNAL,
      server: SERVER,
      client: CLIENT,
      producer: PRODUCER,
      consumer: CONSUMER,
    } as const satisfies Record<SpanKind, Api.SpanKind>;
    return kinds[kind];
  }
}

function w3cOf({ traceId, spanId, traceFlags, traceState }: Api.SpanContext): W3cTrace {
  const flags = traceFlags.toString(16).padStart(2, '0');
  return {
    traceParent: `00-${traceId}-${spanId}-${flags}`,
    traceState: traceState?.serialize() ?? null,
  };
}
