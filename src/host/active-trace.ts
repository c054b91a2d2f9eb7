/** Which trace a line of the log belongs to. */
import { traceIdOf } from '../base/w3c-trace.ts';
import type { Config } from '../config/config.ts';
import { tracingOf } from '../hub/tracing.ts';

/** @returns asks for the trace in which the caller runs: 32 hex digits; undefined outside of any, and without an OpenTelemetry SDK. */
export function activeTraceId(config: Pick<Config, 'scriptRoot'>): () => string | undefined {
  const tracing = tracingOf(config);
  return () => {
    const trace = tracing.active();
    return trace && traceIdOf(trace);
  };
}
