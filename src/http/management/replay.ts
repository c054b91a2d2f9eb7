/**
 * GET /instances/{instanceId}/replay: whether today's code of the orchestrator does what is stored of the instance, and the step at
 * which it would not. Ours. Nothing is stored, sent or run but the code of the orchestrator; a call takes ten seconds at most.
 */
import { NotSupportedError } from '../../core/errors.ts';
import { emptyResponse, jsonResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';

export async function replay(call: OperationCall): Promise<Response> {
  const { replayer, client, signal } = call;
  if (replayer === undefined) {
    throw new NotSupportedError(`The app of this host does not run the hub '${client.taskHub}'.`);
  }
  const told = await replayer.replay(call.segment('instanceId'), signal);
  if (told === undefined) return emptyResponse(404);
  return jsonResponse(200, JSON.stringify(told), { 'cache-control': 'no-store' });
}
