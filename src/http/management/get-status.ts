/**
 * GET /instances/{instanceId}. Mirrors HttpApiHandler.HandleGetStatusRequestAsync; ours is that a client may ask by `Prefer: wait=N`
 * for an answer not before the instance has ended, or N seconds have passed.
 */
import type { InstanceRecord, RuntimeStatus } from '../../core/instance-status.ts';
import { emptyResponse, jsonResponse } from '../responses.ts';
import { historyJson } from './history-json.ts';
import type { OperationCall } from './operation.ts';
import { findOwnHistory } from './own-history.ts';
import { readPreferredWait } from './prefer-wait.ts';
import { statusJson } from './status-json.ts';

/**
 * Between two looks at an instance that another worker runs: what `Retry-After` tells clients that look themselves. One that
 * runs here is looked at once.
 */
const LONGEST_PAUSE_MS = 5_000;

export async function getStatus(call: OperationCall): Promise<Response> {
  const instanceId = call.segment('instanceId');
  const include = { input: call.query.flag('showInput') ?? true };
  const waitSeconds = readPreferredWait(call.header('prefer'));
  if (waitSeconds === undefined) {
    const record = await call.client.findStatus(instanceId, include);
    return record ? await statusResponse(call, record) : emptyResponse(404);
  }
  const record = await call.client.findStatusWhenEnded(instanceId, include, {
    timeoutMs: waitSeconds * 1_000,
    intervalMs: LONGEST_PAUSE_MS,
    signal: call.signal,
  });
  if (!record) return emptyResponse(404);
  const response = await statusResponse(call, record);
  response.headers.set('preference-applied', `wait=${String(waitSeconds)}`);
  return response;
}

/** The status as the query of the request wants to see it. */
export async function statusResponse(
  call: OperationCall,
  record: InstanceRecord,
): Promise<Response> {
  const { query } = call;
  const showInput = query.flag('showInput') ?? true;
  const showHistory = query.flag('showHistory') === true;
  const history = showHistory ? await findOwnHistory(call.client, record) : undefined;
  const showOutput = query.flag('showHistoryOutput') ?? false;
  const historyEvents = history && historyJson(history, { showInput, showOutput });
  const body = statusJson(record, {
    showInput,
    historyEvents,
    repeatsHistory: call.repeatsHistory,
  });
  if (isUnderWay(record.runtimeStatus)) {
    return jsonResponse(202, body, { location: call.url.href, 'retry-after': '5' });
  }
  const isFailure =
    record.runtimeStatus === 'Failed' && query.flag('returnInternalServerErrorOnFailure') === true;
  return jsonResponse(isFailure ? 500 : 200, body);
}

function isUnderWay(status: RuntimeStatus): boolean {
  switch (status) {
    case 'Running':
    case 'Pending':
    case 'ContinuedAsNew':
    case 'Suspended':
      return true;
    case 'Completed':
    case 'Failed':
    case 'Canceled':
    case 'Terminated':
    // Nobody can say, and there is no history that could: nothing to wait for.
    case 'Unknown':
      return false;
  }
}
