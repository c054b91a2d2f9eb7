/** Spans of what clients send: starts, events, signals. */
import { traceIdOf, type W3cTrace } from '../../base/w3c-trace.ts';
import { errorText } from '../../telemetry/log-events.ts';
import type { SpanSubject, Tracing } from '../../telemetry/tracing.ts';

/**
 * Sends something in a span of its own, where spans are wanted.
 * @param given where the request for it stands in its trace. The span that is active comes first when it is of that trace: an
 *   instrumentation has made it for this very request.
 * @param send gets what stands above that which is sent.
 */
export async function sendInSpan<T>(
  tracing: Tracing,
  subject: () => SpanSubject,
  given: W3cTrace | undefined,
  send: (trace: W3cTrace | undefined) => Promise<T>,
): Promise<T> {
  if (!tracing.isOn) return send(given);
  const active = tracing.active();
  const isOther = given !== undefined && active && traceIdOf(active) !== traceIdOf(given);
  const span = tracing.begin(subject(), isOther ? given : (active ?? given));
  try {
    const sent = await send(span.trace);
    span.end(undefined);
    return sent;
  } catch (error) {
    span.end({ error: errorText(error) });
    throw error;
  }
}
