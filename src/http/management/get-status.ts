/** GET /instances/{instanceId}. Mirrors HttpApiHandler.HandleGetStatusRequestAsync. */
import type { InstanceRecord, RuntimeStatus } from '../../core/instance-status.ts';
import { emptyResponse, jsonResponse } from '../responses.ts';
import { historyJson } from './history-json.ts';
import type { OperationCall } from './operation.ts';
import { statusJson } from './status-json.ts';

export async function getStatus(call: OperationCall): Promise<Response> {
  const showInput = call.query.flag('showInput') ?? true;
  const record = await call.client.findStatus(call.segment('instanceId'), { input: showInput });
  return record ? await statusResponse(call, record) : emptyResponse(404);
}

/** The status as the query of the request wants to see it. */
export async function statusResponse(
  call: OperationCall,
  record: InstanceRecord,
): Promise<Response> {
  const { query } = call;
  const showInput = query.flag('showInput') ?? true;
  // An instance that has not begun has no history of its own yet: what is stored may be that of the one it replaces.
  const showHistory = query.flag('showHistory') === true && record.runtimeStatus !== 'Pending';
  const historyEvents = showHistory
    ? historyJson(await call.client.readHistory(record.instanceId), {
        showInput,
        showOutput: query.flag('showHistoryOutput') ?? false,
      })
    : undefined;
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
