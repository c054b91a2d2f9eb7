/**
 * Ours: the messages that were set aside. GET /poison, GET and DELETE /poison/{poisonId}, POST /poison/{poisonId}/replay. A list leaves
 * out the messages themselves, and goes on as the list of instances does.
 */
import type { PoisonMessage } from '../../core/poison-message.ts';
import { emptyResponse, jsonResponse } from '../responses.ts';
import { CONTINUATION_HEADER, DEFAULT_PAGE_SIZE } from './list.ts';
import type { OperationCall } from './operation.ts';
import { countIn } from './own-query.ts';

/** Each of them may take a request to storage. */
const MAX_PAGE_SIZE = 1_000;

export async function listPoison(call: OperationCall): Promise<Response> {
  const { client, query } = call;
  const { messages, continuationToken } = await client.poison.list({
    pageSize: countIn(query, 'top', { max: MAX_PAGE_SIZE, otherwise: DEFAULT_PAGE_SIZE }),
    continuationToken: call.header(CONTINUATION_HEADER) || undefined,
  });
  return jsonResponse(200, JSON.stringify(messages.map(brief)), {
    [CONTINUATION_HEADER]: continuationToken ?? '',
  });
}

export async function getPoison(call: OperationCall): Promise<Response> {
  return jsonResponse(200, JSON.stringify(await call.client.poison.get(call.segment('poisonId'))));
}

export async function replayPoison(call: OperationCall): Promise<Response> {
  await call.client.poison.replay(call.segment('poisonId'));
  return emptyResponse(202);
}

export async function dropPoison(call: OperationCall): Promise<Response> {
  await call.client.poison.drop(call.segment('poisonId'));
  return emptyResponse(200);
}

function brief({ body: _body, ...rest }: PoisonMessage): Omit<PoisonMessage, 'body'> {
  return rest;
}
