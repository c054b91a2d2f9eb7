/**
 * What the new events of an execution tell of spans that are over: its tasks, timers and signals, and at last its own. They are told
 * when the events are stored, and only then, so that neither a replay nor a step that runs again tells of them a second time.
 * Mirrors the Emit… methods of DurableTask.Core TraceHelper.
 */
import { spanIdOf, type W3cTrace } from '../../base/w3c-trace.ts';
import { decodeRequest } from '../../core/entity/request-message.ts';
import { CorruptMessageError } from '../../core/errors.ts';
import type {
  EventSentEvent,
  ExecutionCompletedEvent,
  ExecutionStartedEvent,
  HistoryEvent,
} from '../../core/history-event.ts';
import { isEntityId } from '../../core/ids.ts';
import type { OrchestrationState } from '../../core/orchestration-state.ts';
import { ownSpanOf, traceOf, traceOfExecution } from '../../core/trace-context.ts';
import {
  activitySpan,
  entityRequestSpan,
  orchestrationSpan,
  subOrchestrationSpan,
  timerSpan,
} from '../../telemetry/durable-spans.ts';
import type { EndedSpan, SpanEnd } from '../../telemetry/tracing.ts';

/** @param firstIndex of the new events. */
export function endedSpans(
  state: OrchestrationState,
  started: ExecutionStartedEvent,
  firstIndex: number,
): EndedSpan[] {
  const trace = traceOfExecution(started);
  if (!trace) return [];
  const reader = new SpanReader(state, started, trace);
  return state.events.slice(firstIndex).flatMap((event) => reader.read(event) ?? []);
}

class SpanReader {
  readonly #state: OrchestrationState;
  readonly #started: ExecutionStartedEvent;
  /** Of the execution. */
  readonly #trace: W3cTrace;
  /** Of the latest episode. */
  #nowMs = 0;

  constructor(state: OrchestrationState, started: ExecutionStartedEvent, trace: W3cTrace) {
    this.#state = state;
    this.#started = started;
    this.#trace = trace;
  }

  read(event: HistoryEvent): EndedSpan | undefined {
    switch (event.EventType) {
      case 'OrchestratorStarted':
        this.#nowMs = Date.parse(event.Timestamp);
        return undefined;
      case 'TaskCompleted':
        return this.#activity(event.TaskScheduledId, event.Timestamp, undefined);
      case 'TaskFailed':
        return this.#activity(event.TaskScheduledId, event.Timestamp, failure(event.Reason));
      case 'SubOrchestrationInstanceCompleted':
        return this.#child(event.TaskScheduledId, event.Timestamp, undefined);
      case 'SubOrchestrationInstanceFailed':
        return this.#child(event.TaskScheduledId, event.Timestamp, failure(event.Reason));
      case 'TimerFired':
        return this.#timer(event.TimerId);
      case 'EventSent':
        return this.#signal(event);
      case 'ExecutionCompleted':
        return this.#orchestration(event);
      default:
        return undefined;
    }
  }

  #activity(taskId: number, endedAt: string, end: SpanEnd): EndedSpan | undefined {
    const scheduled = this.#state.requestOf(taskId);
    if (scheduled?.EventType !== 'TaskScheduled') return undefined;
    const spanId = ownSpanOf(scheduled.ParentTraceContext, this.#trace);
    if (spanId === undefined) return undefined;
    const { Name: name, Version: version, Timestamp: startedAt } = scheduled;
    const { instanceId } = this.#state;
    const subject = activitySpan('client', { name, version, instanceId, taskId });
    return this.#request(subject, spanId, { startedAt, endMs: Date.parse(endedAt), end });
  }

  #child(taskId: number, endedAt: string, end: SpanEnd): EndedSpan | undefined {
    const created = this.#state.requestOf(taskId);
    if (created?.EventType !== 'SubOrchestrationInstanceCreated') return undefined;
    const { Name: name, Version: version, ClientSpanId: spanId, Timestamp: startedAt } = created;
    if (spanId === null) return undefined;
    const subject = subOrchestrationSpan({ name, version, instanceId: this.#state.instanceId });
    return this.#request(subject, spanId, { startedAt, endMs: Date.parse(endedAt), end });
  }

  /** Nothing of a timer is stored for its span: it is told at once, and nothing is below it. */
  #timer(taskId: number): EndedSpan | undefined {
    const created = this.#state.requestOf(taskId);
    if (created?.EventType !== 'TimerCreated') return undefined;
    const { FireAt: fireAt, Timestamp: startedAt } = created;
    const { instanceId } = this.#state;
    const subject = timerSpan({ name: this.#started.Name, instanceId, taskId, fireAt });
    return this.#request(subject, undefined, { startedAt, endMs: this.#nowMs, end: undefined });
  }

  #signal({ InstanceId, Name, Input, Timestamp }: EventSentEvent): EndedSpan | undefined {
    const request =
      isEntityId(InstanceId) && Name.startsWith('op') ? readRequest(Input) : undefined;
    if (!request?.isSignal) return undefined;
    const spanId = ownSpanOf(request.trace ?? null, this.#trace);
    if (spanId === undefined) return undefined;
    const subject = entityRequestSpan({
      entityId: InstanceId,
      operation: request.operation ?? '',
      isSignal: true,
    });
    const endMs = Date.parse(Timestamp);
    return this.#request(subject, spanId, { startedAt: Timestamp, endMs, end: undefined });
  }

  #orchestration(completed: ExecutionCompletedEvent): EndedSpan | undefined {
    const { Name: name, Version: version, ParentTraceContext: context } = this.#started;
    const parent = traceOf(context);
    if (!parent || !context?.SpanId) return undefined;
    const { instanceId } = this.#state;
    const { OrchestrationStatus: status, Result, Timestamp } = completed;
    const endMs = Date.parse(Timestamp);
    return {
      ...orchestrationSpan({ name, version, instanceId, status }),
      spanId: spanIdOf(this.#trace),
      parent,
      startMs: startOf(context.ActivityStartTime, endMs),
      endMs,
      end: status === 'Completed' ? 'ok' : { error: Result ?? status },
    };
  }

  #request(
    subject: Pick<EndedSpan, 'source' | 'name' | 'kind' | 'attributes'>,
    spanId: string | undefined,
    { startedAt, endMs, end }: { startedAt: string; endMs: number; end: SpanEnd },
  ): EndedSpan {
    const startMs = startOf(startedAt, endMs);
    return { ...subject, spanId, parent: this.#trace, startMs, endMs, end };
  }
}

/** Clocks of several machines may differ: no span ends before it began. */
function startOf(text: string | null, endMs: number): number {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? endMs : Math.min(ms, endMs);
}

function failure(reason: string | null): SpanEnd {
  return { error: reason ?? '' };
}

function readRequest(input: string | null): ReturnType<typeof decodeRequest> | undefined {
  try {
    return decodeRequest(input);
  } catch (error) {
    if (error instanceof CorruptMessageError) return undefined;
    throw error;
  }
}
