/**
 * Spans of the operations of an entity. That of a call is told here too, from when it was asked for: whoever asks hears of the
 * answer later. Mirrors the entity spans of the extension's Correlation/TraceHelper.
 */
import type { W3cTrace } from '../../base/w3c-trace.ts';
import type { EntityRequest } from '../../core/entity/request-message.ts';
import { traceOf } from '../../core/trace-context.ts';
import { ENTITY_ERROR, entityRequestSpan, entityRunSpan } from '../../telemetry/durable-spans.ts';
import type { OpenSpan, Tracing } from '../../telemetry/tracing.ts';

interface Result {
  readonly isError: boolean;
  readonly result: string | null;
}

export interface OperationSpan {
  /** Of the run. */
  readonly run: OpenSpan;
  end(result: Result): void;
}

/** @returns undefined for an operation that is not part of a trace. Only while spans are wanted. */
export function beginOperation(
  tracing: Tracing,
  entityId: string,
  request: EntityRequest,
): OperationSpan | undefined {
  const parent = traceOf(request.trace ?? null);
  if (!parent) return undefined;
  const subject = { entityId, operation: request.operation ?? '', isSignal: request.isSignal };
  const call = request.isSignal ? undefined : beginCall(tracing, subject, request, parent);
  const run = tracing.begin(entityRunSpan(subject), call?.trace ?? parent);
  return {
    run,
    end: ({ isError, result }) => {
      // The JSON of an Error says nothing.
      const thrown = result === null || result === '{}' ? 'Error' : result;
      const attributes = isError ? { [ENTITY_ERROR]: thrown } : {};
      run.end(undefined, attributes);
      call?.end(undefined, attributes);
    },
  };
}

function beginCall(
  tracing: Tracing,
  subject: Parameters<typeof entityRequestSpan>[0],
  { requestTime }: EntityRequest,
  parent: W3cTrace,
): OpenSpan {
  const startMs = Date.parse(requestTime ?? '');
  return tracing.begin(
    entityRequestSpan(subject),
    parent,
    Number.isNaN(startMs) ? {} : { startMs },
  );
}
