/** Where a span stands in its trace, as the W3C headers `traceparent` and `tracestate` say it, and history and messages do. */
export interface W3cTrace {
  /** `00-<32 hex: trace>-<16 hex: span>-<2 hex: flags>` */
  readonly traceParent: string;
  readonly traceState: string | null;
}

const TRACE_PARENT = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;
const TRACE_STATE_LENGTH = 513;

/** @returns undefined when `traceParent` is none that W3C allows: then there is no trace. */
export function w3cTrace(
  traceParent: string | null | undefined,
  traceState: string | null | undefined,
): W3cTrace | undefined {
  if (!traceParent || !TRACE_PARENT.test(traceParent)) return undefined;
  const isTooLong = (traceState?.length ?? 0) > TRACE_STATE_LENGTH;
  return { traceParent, traceState: traceState && !isTooLong ? traceState : null };
}

/** 32 hex digits. */
export function traceIdOf({ traceParent }: W3cTrace): string {
  return traceParent.slice(3, 35);
}

/** 16 hex digits. */
export function spanIdOf({ traceParent }: W3cTrace): string {
  return traceParent.slice(36, 52);
}

/** Another span of the same trace. @param spanId 16 hex digits. */
export function atSpan({ traceParent, traceState }: W3cTrace, spanId: string): W3cTrace {
  return { traceParent: traceParent.slice(0, 36) + spanId + traceParent.slice(52), traceState };
}
