/** POST and DELETE /entities/{entityName}[/{entityKey}]. Mirrors HttpApiHandler.HandlePostEntityOperationRequestAsync. */
import { compactJson, jsonSyntaxError, type JsonText } from '../../base/json-text.ts';
import { emptyResponse, messageResponse } from '../responses.ts';
import { isJsonContent, type OperationCall } from './operation.ts';

export async function signalEntity(call: OperationCall): Promise<Response> {
  const body = await call.body();
  if (isJsonContent(call) && body.trim() !== '') {
    const error = jsonSyntaxError(body);
    if (error) return messageResponse(400, `Could not parse JSON content: ${error.message}`);
  }
  return await signal(call, call.query.text('op') ?? '', toInput(call, body));
}

export async function deleteEntity(call: OperationCall): Promise<Response> {
  return await signal(call, 'delete', null);
}

/** JSON as it is; any other content as a JSON string; nothing for an empty body. */
function toInput(call: OperationCall, body: string): JsonText | null {
  if (isJsonContent(call)) return body.trim() === '' ? null : compactJson(body);
  return body === '' ? null : JSON.stringify(body);
}

async function signal(
  call: OperationCall,
  operation: string,
  input: JsonText | null,
): Promise<Response> {
  const name = call.segment('entityName');
  call.checkEntity(name);
  const { trace } = call;
  const key = call.segment('entityKey');
  await call.client.entities.signal(name, key, operation, input, { trace });
  return emptyResponse(202);
}
