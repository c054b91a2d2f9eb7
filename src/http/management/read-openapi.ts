/** GET /openapi.json: this API, for programs. Ours. Each route is in `openapi/paths.ts`. */
import { OPENAPI_DOCUMENT } from '../openapi/openapi-document.ts';
import type { OperationCall } from './operation.ts';
import { taggedAnswer } from './tagged-answer.ts';

export function readOpenApi(call: OperationCall): Promise<Response> {
  return Promise.resolve(taggedAnswer(call, JSON.stringify(OPENAPI_DOCUMENT)));
}
