/**
 * What `POST /admin/functions/{name}` with `{"input": "…"}` does in the background. Mirrors FunctionInvocationDispatcher's way to
 * each trigger: a string becomes the trigger's value by the trigger's own converter, and some triggers refuse.
 */
import { randomUUID } from 'node:crypto';
import { optionalText, parseJson } from '../base/json.ts';
import { DurableError, InvalidInputError } from '../core/errors.ts';
import { text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { FunctionApp, InvocationRequest } from '../function-app/function-app.ts';
import type { LoadedFunction } from '../function-app/function-declaration.ts';
import type { RpcTypedData } from '../function-app/rpc-typed-data.ts';
import { handMadeMessage, queueRequest } from './queue-payload.ts';
import { CALLED_BY_HOST_API, runFunction } from './run-function.ts';
import { timerRequest } from './timer-payload.ts';
import { scheduleOf } from './timer-trigger.ts';

export interface ManualRun {
  readonly app: Pick<FunctionApp, 'invoke'>;
  readonly fn: LoadedFunction;
  /** As given; undefined when the body had none. */
  readonly input: string | undefined;
  readonly log: Logger;
  /** The invocation of a function with a blob trigger, for the path of a blob. @default such functions cannot be run */
  readonly blobRequest?: (fn: LoadedFunction, path: string) => Promise<InvocationRequest>;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** Runs the function, or logs why its trigger cannot be run so. Resolves when the run has ended; never rejects. */
export async function runManually(run: ManualRun): Promise<void> {
  const request = await requestFor(run);
  if (typeof request !== 'string') {
    await runFunction(run.app, run.fn, request, CALLED_BY_HOST_API, run.log);
    return;
  }
  const message = `Function '${run.fn.name}' was not run: ${request}`;
  text(run.log, 'error', `Function.${run.fn.name}`, message);
}

/** The invocation, or the reason why there is none. */
async function requestFor(run: ManualRun): Promise<InvocationRequest | string> {
  const { fn, input, now = Date.now } = run;
  switch (fn.kind) {
    case 'blob':
      return blobRequestOrReason(run);
    case 'timer':
      return manualTimerRequest(fn, now());
    case 'activity':
      return activityRequest(fn, input);
    case 'queue':
      return queueRequest(fn, handMadeMessage(input ?? '', now()));
    case 'manual':
    case 'other':
      return textRequest(input);
    case 'http':
      return 'An HttpRequest is required. Call the function at its own URL.';
    case 'orchestrator':
      return 'Durable orchestrator functions do not support direct invocation. Start an orchestration from a client function by using a Durable client.';
    case 'entity':
      return 'Durable entity functions do not support direct invocation. Signal an entity from a client or orchestrator function by using a Durable client.';
  }
}

async function blobRequestOrReason({
  fn,
  input = '',
  blobRequest,
}: ManualRun): Promise<InvocationRequest | string> {
  if (blobRequest === undefined) return 'blobs cannot be read here.';
  try {
    return await blobRequest(fn, input);
  } catch (error) {
    if (error instanceof DurableError) return error.message;
    throw error;
  }
}

function manualTimerRequest(fn: LoadedFunction, firedAt: number): InvocationRequest | string {
  try {
    const schedule = scheduleOf(fn);
    return timerRequest({
      schedule,
      status: null,
      isPastDue: false,
      firedAt,
    });
  } catch (error) {
    if (error instanceof InvalidInputError) return error.message;
    throw error;
  }
}

/** The text as it is: the function libraries parse what is JSON. Mirrors ManualTriggerBinding. */
function textRequest(input: string | undefined): InvocationRequest {
  return { triggerData: input === undefined ? {} : { string: input } };
}

/** The engine would hand the function `[input]`: JSON in the text is taken as such, any other text as a string. */
function activityRequest(fn: LoadedFunction, input: string | undefined): InvocationRequest {
  const value: RpcTypedData =
    input === undefined || input === '' ? {} : { string: unquoted(input) };
  return {
    triggerData: value,
    triggerMetadata: {
      instanceId: { string: randomUUID().replaceAll('-', '') },
      data: value,
      [fn.trigger.name]: value,
    },
  };
}

/** A JSON string loses its quotes, everything else stays; the function libraries parse what is JSON. */
function unquoted(input: string): string {
  if (!/^\s*".*"\s*$/s.test(input)) return input;
  return optionalText(parseJson(input)) ?? input;
}
