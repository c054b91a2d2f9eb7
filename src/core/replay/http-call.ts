/**
 * `callHttp`: an activity that the engine itself carries out, and for a 202 with a Location the polling of that address:
 * each round takes two ids at once, for the pause and for the next request, as the SDK counts them. A 202 without Location
 * is an answer like any other. Mirrors TaskOrchestrationShim's CallHttpAsync and the SDK's CallHttpWithPollingTask.
 */
import { isCredentialHeader } from '../../base/credential-headers.ts';
import type { HttpRequestAction } from './action.ts';
import { activityInput } from './activity.ts';
import { DurableTask } from './durable-task.ts';
import { readHttpAnswer, type HttpAnswer } from './http-answer.ts';
import type { ReplayScope } from './scope.ts';

/** The name under which history holds the requests; no function of an app. */
export const HTTP_ACTIVITY = 'BuiltIn::HttpActivity';

const POLL = 202;

/** The two forms of Retry-After. Date alone would take almost any text for a time. */
const SECONDS = /^\d+(\.\d+)?$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

export function startHttpCall(scope: ReplayScope, request: HttpRequestAction): DurableTask {
  const task = new DurableTask();

  const send = (id: number, raw: unknown): void => {
    scope.scheduleReserved(id, {
      kind: 'activity',
      name: HTTP_ACTIVITY,
      version: '',
      input: activityInput(raw),
    });
    scope.awaitCompletion(id, (event) => {
      if (event.EventType !== 'TaskCompleted') {
        task.settle('failed');
        return;
      }
      const answer = readHttpAnswer(event.Result);
      const location = answer?.header('location');
      if (answer?.statusCode !== POLL || !request.asynchronousPatternEnabled || !location) {
        task.settle('succeeded');
        return;
      }
      pollLater(answer, location, raw);
    });
  };

  const pollLater = (answer: HttpAnswer, location: string, previous: unknown): void => {
    const timerId = scope.reserveId();
    const nextId = scope.reserveId();
    const fireAtMs = scope.nowMs + pauseMs(answer, scope);
    scope.scheduleReserved(timerId, { kind: 'timer', fireAt: new Date(fireAtMs).toISOString() });
    scope.awaitCompletion(timerId, () => {
      send(nextId, pollRequest(request, previous, location));
    });
  };

  send(scope.reserveId(), request.raw);
  return task;
}

function pauseMs(answer: HttpAnswer, { nowMs, defaultHttpPauseMs }: ReplayScope): number {
  const text = answer.header('retry-after')?.trim() ?? '';
  if (SECONDS.test(text)) {
    const ms = Number(text) * 1000;
    // Beyond the year 275760 there is no Date.
    return Number.isNaN(new Date(nowMs + ms).getTime()) ? defaultHttpPauseMs : ms;
  }
  const untilMs = HTTP_DATE.test(text) ? Date.parse(text) - nowMs : NaN;
  // A time that is over says nothing about the next poll.
  return untilMs > 0 ? untilMs : defaultHttpPauseMs;
}

/**
 * The next request goes to the Location with GET and the same headers and token, but without function keys; and without
 * anything that proves who the caller is when it leads to another origin.
 */
function pollRequest(request: HttpRequestAction, previous: unknown, location: string): unknown {
  const from = previousUri(previous) ?? request.uri;
  const target = resolve(location, from);
  const isSameOrigin = originOf(target) === originOf(request.uri);
  const headers = Object.fromEntries(
    Object.entries(request.headers ?? {}).filter(
      ([name]) => !isDroppedHeader(name.toLowerCase(), isSameOrigin),
    ),
  );
  return {
    method: 'GET',
    uri: target,
    headers,
    ...(isSameOrigin && request.tokenSource != null ? { tokenSource: request.tokenSource } : {}),
    asynchronousPatternEnabled: request.asynchronousPatternEnabled,
    ...(request.timeout === null ? {} : { timeout: request.timeout }),
  };
}

function isDroppedHeader(name: string, isSameOrigin: boolean): boolean {
  if (name === 'x-functions-key' || name.startsWith('content-')) return true;
  return !isSameOrigin && (isCredentialHeader(name) || name === 'host');
}

function previousUri(previous: unknown): string | undefined {
  if (typeof previous !== 'object' || previous === null || !('uri' in previous)) return undefined;
  return typeof previous.uri === 'string' ? previous.uri : undefined;
}

function resolve(location: string, base: string): string {
  return URL.canParse(location, base) ? new URL(location, base).href : location;
}

function originOf(uri: string): string | undefined {
  return URL.canParse(uri) ? new URL(uri).origin : undefined;
}
