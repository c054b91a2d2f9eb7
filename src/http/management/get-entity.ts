/** GET /entities/{entityName}/{entityKey}. Mirrors HttpApiHandler.HandleGetEntityRequestAsync. */
import { embedPayload } from '../../base/json-text.ts';
import { emptyResponse, jsonResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';

/** Stands for the empty key, which no URL could name otherwise. */
const EMPTY_KEY = '$';

export async function getEntity(call: OperationCall): Promise<Response> {
  const key = call.segment('entityKey');
  const state = await call.client.entities.readState(
    call.segment('entityName'),
    key === EMPTY_KEY ? '' : key,
  );
  return state === undefined ? emptyResponse(404) : jsonResponse(200, embedPayload(state));
}
