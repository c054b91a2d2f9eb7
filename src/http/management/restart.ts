/** POST /instances/{instanceId}/restart. Mirrors HttpApiHandler.HandleRestartInstanceRequestAsync. */
import {
  InstanceExistsError,
  InstanceNotFoundError,
  InvalidInputError,
} from '../../core/errors.ts';
import { exceptionResponse } from '../problem.ts';
import { checkStatusResponse, readWait } from './check-status.ts';
import type { OperationCall } from './operation.ts';

export async function restart(call: OperationCall): Promise<Response> {
  const wait = readWait(call);
  let instanceId: string;
  try {
    const withNewInstanceId = call.query.flag('restartWithNewInstanceId') ?? true;
    const id = call.segment('instanceId');
    instanceId = await call.client.restart(id, { withNewInstanceId }, call.signal);
  } catch (error) {
    const response = refusal(error, call.segment('instanceId'));
    if (response) return response;
    throw error;
  }
  return await checkStatusResponse(call, instanceId, wait);
}

/** Restart has its own words for errors that other operations answer otherwise. */
function refusal(error: unknown, instanceId: string): Response | undefined {
  const unknownInstance = 'InstanceId does not match a valid orchestration instance.';
  if (error instanceof InstanceNotFoundError) {
    const detail = `No instance with ID '${instanceId}' was found. (Parameter 'instanceId')`;
    return exceptionResponse(400, unknownInstance, new Error(detail), 'System.ArgumentException');
  }
  if (error instanceof InvalidInputError) {
    return exceptionResponse(400, unknownInstance, error, 'System.ArgumentException');
  }
  if (error instanceof InstanceExistsError) {
    return exceptionResponse(
      409,
      'A non-terminal instance with this instance ID already exists.',
      error,
      'DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException',
    );
  }
  return undefined;
}
