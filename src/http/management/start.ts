/** POST /orchestrators/{functionName}[/{instanceId}]. Mirrors HttpApiHandler.HandleStartOrchestratorRequestAsync. */
import { jsonSyntaxError } from '../../base/json-text.ts';
import { invalidJsonResponse } from '../problem.ts';
import { checkStatusResponse, readWait } from './check-status.ts';
import type { OperationCall } from './operation.ts';

/** The body, whatever its content type says, is the input: JSON, kept as it was sent, or nothing. */
export async function start(call: OperationCall): Promise<Response> {
  const body = await call.body();
  const input = body.trim() === '' ? null : body;
  const error = input === null ? undefined : jsonSyntaxError(input);
  if (error) return invalidJsonResponse(error);
  // .NET notices a bad wait only after it started the instance.
  const wait = readWait(call);

  const chosenId = call.segment('instanceId');
  // An empty one says that the instance is of no version, whatever the default.
  const version = call.query.given('version');
  const name = call.segment('functionName');
  call.checkOrchestrator(name);
  const request = {
    name,
    input,
    trace: call.trace,
    ...(chosenId === '' ? {} : { instanceId: chosenId }),
    ...(version === undefined ? {} : { version }),
  };
  const instanceId = await call.client.start(request, call.signal);
  return await checkStatusResponse(call, instanceId, wait);
}
