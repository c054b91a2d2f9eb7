/**
 * How a start and a restart answer: with links to look again later, or, when the client asked for it, with the outcome.
 * Mirrors HttpApiHandler.WaitForCompletionOrCreateCheckStatusResponseAsync.
 */
import { InvalidInputError } from '../../core/errors.ts';
import { embedPayload } from '../../base/json-text.ts';
import { jsonResponse } from '../responses.ts';
import { statusResponse } from './get-status.ts';
import { checkStatusPayload } from './management-urls.ts';
import type { OperationCall } from './operation.ts';

export interface WaitRequest {
  readonly timeoutMs: number;
  readonly intervalMs: number;
}

/** Of instances that another worker runs: shorter polling only loads storage, and longer would answer late. */
const SHORTEST_INTERVAL_MS = 50;
const LONGEST_INTERVAL_MS = 60_000;

/**
 * What `timeout` and `pollingInterval` ask for; undefined unless both are given.
 * @throws {InvalidInputError} when the interval is longer than the timeout.
 */
export function readWait({ query }: OperationCall): WaitRequest | undefined {
  const timeoutMs = query.durationMs('timeout');
  const intervalMs = query.durationMs('pollingInterval');
  if (timeoutMs === undefined || intervalMs === undefined) return undefined;
  if (intervalMs > timeoutMs) {
    throw new InvalidInputError(
      `Total timeout ${timeoutMs / 1000} should be bigger than retry timeout ${intervalMs / 1000}`,
    );
  }
  return { timeoutMs, intervalMs };
}

/** @param instanceId of an instance that was just started. */
export async function checkStatusResponse(
  call: OperationCall,
  instanceId: string,
  wait: WaitRequest | undefined,
): Promise<Response> {
  if (wait) {
    const record = await call.client.waitForTerminal(instanceId, {
      timeoutMs: wait.timeoutMs,
      intervalMs: Math.min(Math.max(wait.intervalMs, SHORTEST_INTERVAL_MS), LONGEST_INTERVAL_MS),
      isUnderWay: true,
      signal: call.signal,
    });
    if (record?.runtimeStatus === 'Completed')
      return jsonResponse(200, embedPayload(record.output));
    if (record) return await statusResponse(call, record);
  }
  const payload = checkStatusPayload(call.links(instanceId));
  return jsonResponse(202, JSON.stringify(payload), {
    location: payload.statusQueryGetUri,
    'retry-after': '10',
  });
}
