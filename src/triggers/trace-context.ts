/** W3C trace context of an incoming request, handed on so that the function's spans continue the caller's trace. */
import type { InvocationRequest } from '../function-app/function-app.ts';

/** Empty when the request carries no valid `traceparent`. */
export function traceContextOf(headers: Headers): Pick<InvocationRequest, 'traceContext'> {
  const traceParent = headers.get('traceparent');
  if (traceParent === null || !/^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}/.test(traceParent)) {
    return {};
  }
  const traceState = headers.get('tracestate') ?? '';
  return { traceContext: { traceParent, traceState, attributes: {} } };
}
