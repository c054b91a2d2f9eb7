/**
 * One run of an activity: the array with one element that travels → the function's argument; its result, or its error → what
 * the orchestration is told. Mirrors ActivityTriggerAttributeBindingProvider and TaskActivityShim of the extension.
 */
import { parseJsonOrText } from '../base/json.ts';
import type { FailureDetails } from '../core/history-event.ts';
import type { ActivityInvocation, ActivityOutcome } from '../engine/function-invoker.ts';
import { causesOf, describeThrown, type FailureText, type ThrownCause } from './failure-text.ts';
import type { InvocationResult } from './function-app.ts';
import { type RpcTypedData, toJsonText } from './rpc-typed-data.ts';

/**
 * The argument of the function. Texts are parsed if they are JSON, because the SDKs encode texts twice; null becomes
 * undefined, as the Functions host delivers it. Unlike the .NET extension, booleans stay booleans.
 */
export function activityInput(input: string | null): unknown {
  if (input === null) return undefined;
  const parsed = parseJsonOrText(input);
  const value: unknown = Array.isArray(parsed) && parsed.length === 1 ? parsed[0] : parsed;
  if (value === null) return undefined;
  return typeof value === 'string' ? parseJsonOrText(value) : value;
}

/** What the trigger itself says in `context.triggerMetadata` (v4) or `context.bindingData` (v3). */
export function activityMetadata(
  { instanceId }: ActivityInvocation,
  bindingName: string,
  value: unknown,
): Record<string, RpcTypedData> {
  const data: RpcTypedData = value === undefined ? {} : { json: JSON.stringify(value) };
  return {
    // As JSON: plain text that looks like a number would arrive as one.
    instanceId: { json: JSON.stringify(instanceId) },
    data,
    [bindingName]: data,
  };
}

/** @param returned what the function gave back, before its conversion. */
export function activityOutcome(
  functionName: string,
  returned: unknown,
  converted: InvocationResult,
): ActivityOutcome {
  if (converted.kind === 'failed') return activityFailure(functionName, converted.error);
  const { returnValue } = converted;
  if (returnValue === undefined && isFalsyValue(returned)) {
    // The classic model drops 0, false and '' on the way.
    return { kind: 'completed', result: JSON.stringify(returned) };
  }
  return { kind: 'completed', result: toJsonText(returnValue) };
}

export function activityFailure(
  functionName: string,
  error: unknown,
): Extract<ActivityOutcome, { kind: 'failed' }> {
  const { message, stack } = describeThrown(error);
  const failureDetails = providedDetails(message, error);
  const text = failureDetails?.ErrorMessage ?? message;
  return {
    kind: 'failed',
    reason: `Activity function '${functionName}' failed: ${text}`,
    details: JSON.stringify(
      exceptionJson(text, [{ message: text.trimStart(), stack }, ...causesOf(error)]),
    ),
    failureDetails,
  };
}

/** An activity that the app does not have, or no longer, or does not run. */
export function missingActivity(
  functionName: string,
  problem: 'does not exist' | 'is disabled',
): ActivityOutcome {
  const message = `Activity function '${functionName}' ${problem}.`;
  return {
    kind: 'failed',
    reason: `Activity function '${functionName}' failed: ${message}`,
    details: JSON.stringify(exceptionJson(message)),
    failureDetails: null,
  };
}

/**
 * The form in which Newtonsoft writes a System.Exception: .NET apps and orchestrators that parse `Details` expect it.
 * @param thrown what the app threw, and its causes; empty when it was not the app.
 */
export function exceptionJson(message: string, thrown: readonly FailureText[] = []): object {
  return {
    $type: 'System.Exception, System.Private.CoreLib',
    ClassName: 'System.Exception',
    Message: message,
    Data: null,
    InnerException: remoteExceptionJson(thrown),
    HelpURL: null,
    StackTraceString: null,
    RemoteStackTraceString: null,
    RemoteStackIndex: 0,
    ExceptionMethod: null,
    HResult: -2146233088,
    Source: null,
    WatsonBuckets: null,
  };
}

/** What the host makes of an error of its worker; the causes, which the worker leaves out, follow in their order. */
function remoteExceptionJson([thrown, ...causes]: readonly FailureText[]): object | null {
  if (thrown === undefined) return null;
  const { message, stack } = thrown;
  return {
    $type:
      'Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException, Microsoft.Azure.WebJobs.Script',
    RemoteStackTrace: stack,
    RemoteMessage: message,
    Message: `Result: Failure\nException: ${message}\nStack: ${stack}`,
    Data: { $type: 'System.Collections.ListDictionaryInternal, System.Private.CoreLib' },
    InnerException: remoteExceptionJson(causes),
    HelpLink: null,
    Source: null,
    HResult: -2146233088,
    StackTrace: null,
  };
}

/** 3.5 with an exception properties provider makes the message the JSON of the details. */
function providedDetails(message: string, error: unknown): FailureDetails | null {
  if (!message.startsWith('{')) return null;
  const parsed = parseJsonOrText(message);
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { errorType, errorMessage, isNonRetriable, properties, stackTrace } = parsed as Readonly<
    Partial<Record<string, unknown>>
  >;
  if (typeof errorType !== 'string' || typeof errorMessage !== 'string') return null;
  return {
    ErrorType: errorType,
    ErrorMessage: errorMessage,
    StackTrace: typeof stackTrace === 'string' ? stackTrace : null,
    InnerFailure: innerFailure(causesOf(error)),
    IsNonRetriable: isNonRetriable === true,
    Properties:
      typeof properties === 'object' && properties !== null
        ? (properties as Readonly<Record<string, unknown>>)
        : null,
  };
}

function innerFailure([cause, ...further]: readonly ThrownCause[]): FailureDetails | null {
  if (cause === undefined) return null;
  return {
    ErrorType: cause.type,
    ErrorMessage: cause.message,
    StackTrace: cause.stack === '' ? null : cause.stack,
    InnerFailure: innerFailure(further),
    IsNonRetriable: false,
    Properties: null,
  };
}

function isFalsyValue(value: unknown): boolean {
  return value === 0 || value === false || value === '';
}
