/** POST /instances/{instanceId}/raiseEvent/{eventName}. Mirrors HttpApiHandler.HandleRaiseEventRequestAsync. */
import { isTerminal } from '../../core/instance-status.ts';
import { compactJson, jsonSyntaxError, type JsonText } from '../../base/json-text.ts';
import { invalidJsonResponse } from '../problem.ts';
import { emptyResponse, messageResponse } from '../responses.ts';
import { isJsonContent, type OperationCall } from './operation.ts';

export async function raiseEvent(call: OperationCall): Promise<Response> {
  const instanceId = call.segment('instanceId');
  const payload = await readPayload(call);
  if (payload.kind === 'bad') {
    // .NET looks for the instance before it looks at the body: a missing or finished one answers for itself.
    const record = await call.client.findStatus(instanceId, { input: false, output: false });
    if (!record) return emptyResponse(404);
    return isTerminal(record.runtimeStatus) ? emptyResponse(410) : payload.response;
  }
  const { trace } = call;
  await call.client.raiseEvent(instanceId, call.segment('eventName'), payload.input, { trace });
  return emptyResponse(202);
}

type Payload =
  | { readonly kind: 'ok'; readonly input: JsonText }
  | { readonly kind: 'bad'; readonly response: Response };

async function readPayload(call: OperationCall): Promise<Payload> {
  if (!isJsonContent(call)) {
    const response = messageResponse(400, 'Only application/json request content is supported');
    return { kind: 'bad', response };
  }
  const body = await call.body();
  // What the SDKs send for an event without data; .NET refuses it as invalid JSON.
  if (body.trim() === '') return { kind: 'ok', input: 'null' };
  const error = jsonSyntaxError(body);
  if (error) return { kind: 'bad', response: invalidJsonResponse(error) };
  return { kind: 'ok', input: compactJson(body) };
}
