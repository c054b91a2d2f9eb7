/**
 * POST /instances/{instanceId}/restart and /restartWithOptions. Mirrors HttpApiHandler.HandleRestartInstanceRequestAsync.
 */
import {
  InstanceExistsError,
  InstanceNotFoundError,
  InvalidInputError,
  OrchestratorDisabledError,
} from '../../core/errors.ts';
import { parseCopyId, type InstanceId } from '../../core/ids.ts';
import type { RestartOptions } from '../../engine/task-hub-client.ts';
import { exceptionResponse } from '../problem.ts';
import { messageResponse } from '../responses.ts';
import { checkStatusResponse, readWait } from './check-status.ts';
import type { OperationCall } from './operation.ts';

const UNKNOWN_INSTANCE = 'InstanceId does not match a valid orchestration instance.';

export async function restart(call: OperationCall): Promise<Response> {
  const withNewInstanceId = call.query.flag('restartWithNewInstanceId') ?? true;
  return await startAgain(call, { withNewInstanceId });
}

export async function restartWithOptions(call: OperationCall): Promise<Response> {
  const chosenId = call.query.text('newInstanceId');
  if (chosenId === undefined) {
    return messageResponse(400, 'A new orchestration instance ID must be provided.');
  }
  let newInstanceId: InstanceId;
  try {
    newInstanceId = parseCopyId(chosenId);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return exceptionResponse(400, error.message, error, 'System.ArgumentException');
  }
  const version = call.query.given('version');
  return await startAgain(call, { newInstanceId, ...(version === undefined ? {} : { version }) });
}

async function startAgain(call: OperationCall, options: RestartOptions): Promise<Response> {
  const wait = readWait(call);
  const source = call.segment('instanceId');
  let instanceId: string;
  try {
    const checkName = (name: string): void => {
      call.checkOrchestrator(name);
    };
    const { trace, signal } = call;
    instanceId = await call.client.restart(source, { ...options, checkName, trace }, signal);
  } catch (error) {
    const response = refusal(error, source);
    if (response) return response;
    throw error;
  }
  return await checkStatusResponse(call, instanceId, wait);
}

export function unknownSource(instanceId: string): Response {
  const detail = `No instance with ID '${instanceId}' was found. (Parameter 'instanceId')`;
  return exceptionResponse(400, UNKNOWN_INSTANCE, new Error(detail), 'System.ArgumentException');
}

/** Restart has its own words for errors that other operations answer otherwise. */
function refusal(error: unknown, instanceId: string): Response | undefined {
  if (error instanceof InstanceNotFoundError) return unknownSource(instanceId);
  if (error instanceof OrchestratorDisabledError) {
    return exceptionResponse(
      400,
      error.message,
      error,
      'Microsoft.Azure.WebJobs.Extensions.DurableTask.OrchestratorFunctionUnavailableException',
    );
  }
  if (error instanceof InvalidInputError) {
    return exceptionResponse(400, UNKNOWN_INSTANCE, error, 'System.ArgumentException');
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
