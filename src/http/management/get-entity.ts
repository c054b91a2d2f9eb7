/** GET /entities/{entityName}/{entityKey}. Mirrors HttpApiHandler.HandleGetEntityRequestAsync. */
import { embedPayload } from '../../base/json-text.ts';
import { emptyResponse, jsonResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';

/** Stands for the empty key, which no URL could name otherwise. */
const EMPTY_KEY = '$';

export async function getEntity(call: OperationCall): Promise<Response> {
  const state = await call.client.entities.readState(call.segment('entityName'), entityKey(call));
  return state === undefined ? emptyResponse(404) : jsonResponse(200, embedPayload(state));
}

export function entityKey(call: OperationCall): string {
  const key = call.segment('entityKey');
  return key === EMPTY_KEY ? '' : key;
}
