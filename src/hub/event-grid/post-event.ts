/** One try to hand one lifecycle event to an Event Grid topic. Mirrors EventGridLifeCycleNotificationHelper.SendNotificationAsync. */
import { createHash } from 'node:crypto';
import { toGuid } from '../../base/guid.ts';
import type { LifecycleEvent } from '../../core/lifecycle/lifecycle-events.ts';
import { errorText } from '../../telemetry/log-events.ts';
import type { EventGridTopic } from './event-grid-topic.ts';

export type PostOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly reason: string; readonly mayRetry: boolean };

const TIMEOUT_MS = 30_000;
const SHOWN_BODY_LENGTH = 200;

/** Never throws. @param signal ends the request. */
export async function postEvent(
  topic: EventGridTopic,
  body: string,
  signal: AbortSignal,
): Promise<PostOutcome> {
  // AbortSignal.any would leave a trace of every event in `signal`, which lives as long as the host.
  const request = new AbortController();
  const stop = (): void => {
    request.abort(signal.reason);
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const timer = setTimeout(() => {
    request.abort(new Error(`no answer within ${TIMEOUT_MS / 1000} s`));
  }, TIMEOUT_MS);
  try {
    const response = await fetch(topic.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'aeg-sas-key': topic.key },
      body,
      // The key is for this address only.
      redirect: 'manual',
      signal: request.signal,
    });
    const answer = await response.text();
    if (response.ok) return { kind: 'accepted' };
    const reason = [`HTTP ${response.status}`, answer.trim().slice(0, SHOWN_BODY_LENGTH)];
    return {
      kind: 'refused',
      reason: withoutKey(reason.filter(Boolean).join(', '), topic),
      mayRetry: topic.retryStatuses.has(response.status),
    };
  } catch (error) {
    return { kind: 'refused', reason: withoutKey(describe(error), topic), mayRetry: true };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

/** The schema of Event Grid, as the .NET extension fills it; a list, as topics want it. */
export function eventGridBody(event: LifecycleEvent, hubName: string): string {
  const { functionName, instanceId, reason, status } = event;
  return JSON.stringify([
    {
      id: idOf(event, hubName),
      topic: null,
      subject: `durable/orchestrator/${status}`,
      data: { hubName, functionName, instanceId, reason, runtimeStatus: status },
      eventType: 'orchestratorEvent',
      eventTime: event.time,
      metadataVersion: null,
      dataVersion: '1.0',
    },
  ]);
}

/** The same each time the event is sent, so that receivers can tell a repetition; random in the .NET extension. */
function idOf({ instanceId, key }: LifecycleEvent, hubName: string): string {
  const text = JSON.stringify([hubName.toLowerCase(), instanceId, key]);
  return toGuid(createHash('sha256').update(text).digest('hex'));
}

/** What `fetch` throws says only that it failed; why is in the cause. */
function describe(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? errorText(error) : `${errorText(error)} (${errorText(cause)})`;
}

function withoutKey(reason: string, { key }: EventGridTopic): string {
  return reason.replaceAll(key, '***');
}
