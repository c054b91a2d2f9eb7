/**
 * One run of an orchestrator: the history → the value that the SDKs find in their trigger binding; what they return, or throw,
 * → `OrchestratorAnswer`. Mirrors OrchestrationTriggerAttributeBindingProvider and OutOfProcOrchestrationShim of the extension.
 */
import { types } from 'node:util';
import { parseJsonOrText } from '../../base/json.ts';
import { formatTimeSpan } from '../../base/timespan.ts';
import type { FailureDetails } from '../../core/history-event.ts';
import type { OrchestratorAnswer, SdkActions } from '../../core/replay/action.ts';
import type { OrchestratorInvocation } from '../../engine/function-invoker.ts';
import { describeThrown } from '../failure-text.ts';
import { explainSdk1Error, explainStarted } from '../orchestrator-code/wrong-function.ts';
import { parseSdkActions, jsonTextOf, SdkAnswerError } from './sdk-actions.ts';
import type { SdkExecutor } from './sdk-executor.ts';

export interface OrchestrationTriggerSettings {
  readonly defaultHttpAsyncRequestSleepTimeMs: number;
}

/** What an SDK answers to one run over a history: what has become of the orchestrator, and all that it has asked for. */
export type SdkAnswer = Extract<OrchestratorAnswer, { kind: 'ran' | 'threw' }> & {
  readonly actions: SdkActions;
};

/** What has become of the orchestrator, for those who know what it asked for. */
export function withoutActions({ actions: _actions, ...answer }: SdkAnswer): OrchestratorAnswer {
  return answer;
}

/** SDKs put the JSON of their answer behind this mark in the message of the error that they throw. */
const ANSWER_MARK = '\n\n$OutOfProcData$:';

/** Names and spelling are the extension's. */
export interface OrchestrationTriggerValue {
  readonly history: readonly object[];
  readonly input: unknown;
  readonly instanceId: string;
  readonly isReplaying: boolean;
  readonly parentInstanceId: string | null;
  readonly [member: string]: unknown;
}

/**
 * The value of the trigger binding.
 * @param history as the SDK wants it: see `SdkHistory`.
 */
export function orchestrationTriggerValue(
  invocation: OrchestratorInvocation,
  settings: OrchestrationTriggerSettings,
  { history, isReplaying }: { readonly history: readonly object[]; readonly isReplaying: boolean },
): OrchestrationTriggerValue {
  return {
    history,
    input: parseInput(invocation.input),
    instanceId: invocation.instanceId,
    isReplaying,
    parentInstanceId: invocation.parentInstanceId,
    // 2.x and 3.x take the newest schema that they know up to the second number.
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    longRunningTimerIntervalDuration: formatTimeSpan(invocation.timers.timerSliceMs),
    maximumShortTimerDuration: formatTimeSpan(invocation.timers.maxTimerMs),
    // Spelled so by the extension.
    defaultHttpAsyncRequestSleepTimeMillseconds: settings.defaultHttpAsyncRequestSleepTimeMs,
  };
}

/** The answer of an orchestrator that returned, or called `context.done` without an error. */
export function answerOfResult(result: unknown): SdkAnswer {
  try {
    const state = parseState(result);
    const isDone = state['isDone'] === true;
    return {
      kind: 'ran',
      actions: parseSdkActions(state['schemaVersion'], state['actions']),
      isDone,
      output: jsonTextOf(state['output'], "The orchestrator's output"),
      customStatus: jsonTextOf(state['customStatus'], "The orchestrator's custom status"),
    };
  } catch (error) {
    return brokenAnswer(error);
  }
}

/** The answer of an orchestrator that threw, or called `context.done` with an error. */
export function answerOfError(error: unknown): SdkAnswer {
  const { message, stack } = describeThrown(error);
  const mark = message.indexOf(ANSWER_MARK);
  if (mark < 0) return failedWith(message);
  try {
    const state = parseState(message.slice(mark + ANSWER_MARK.length));
    return threw(state, thrownText(message.slice(0, mark)), stack);
  } catch (parseError) {
    return brokenAnswer(parseError);
  }
}

/** Inputs are JSON; text that another client left as it was stays text. */
function parseInput(input: string | null): unknown {
  return input === null ? null : parseJsonOrText(input);
}

type State = Readonly<Record<string, unknown>>;

function parseState(result: unknown): State {
  const state: unknown = typeof result === 'string' ? parseInput(result) : result;
  if (typeof state !== 'object' || state === null || !('actions' in state)) {
    throw new SdkAnswerError(
      'The function did not answer as an orchestrator does. Wrap it with df.app.orchestration (durable-functions 3.x) or df.orchestrator (1.x, 2.x).',
    );
  }
  return state;
}

/** @param thrown what the orchestrator threw, as far as it is known. */
function threw(state: State, thrown: unknown, stack: string): SdkAnswer {
  const { error } = state;
  const text = typeof error === 'string' && error !== '' ? error : describeThrown(thrown).message;
  return {
    kind: 'threw',
    actions: parseSdkActions(state['schemaVersion'], state['actions']),
    message: explainSdk1Error(text, stack),
    failureDetails: failureDetailsOf(state['failureDetails']),
    customStatus: jsonTextOf(state['customStatus'], "The orchestrator's custom status"),
  };
}

/**
 * The answer of an orchestrator that was fed.
 * @throws {SdkAnswerError} when JSON cannot hold its output or its custom status.
 */
export function answerOfExecutor(executor: SdkExecutor): OrchestratorAnswer {
  const { isDone, output, customStatus: status } = executor.state;
  const customStatus = jsonTextOf(status, "The orchestrator's custom status");
  const { thrown } = executor;
  if (thrown === undefined || isDone) {
    const outputText = jsonTextOf(output, "The orchestrator's output");
    return { kind: 'ran', isDone, output: outputText, customStatus, nextId: executor.nextId };
  }
  return {
    kind: 'threw',
    message: explainStarted(executor.started, describeThrown(thrown.value).message),
    failureDetails: detailsOfThrown(thrown.value),
    customStatus,
  };
}

/** As SDKs tell the Functions host that an orchestrator threw: hooks see it. */
export function errorOfExecutor({ thrown }: SdkExecutor): Error {
  const { message, stack } = describeThrown(thrown?.value);
  const state = { isDone: false, actions: [], error: message };
  const error = new Error(`false${ANSWER_MARK}${JSON.stringify(state)}`);
  error.stack = stack;
  return error;
}

/** 2.x and 3.x write `false` where 1.x writes the message. */
function thrownText(text: string): string | undefined {
  return text === 'false' || text === 'undefined' || text === 'null' ? undefined : text;
}

export function brokenAnswer(error: unknown): SdkAnswer {
  return failedWith(describeThrown(error).message);
}

function failedWith(message: string): SdkAnswer {
  return {
    kind: 'threw',
    actions: { schema: 'nested', actions: [] },
    message,
    failureDetails: null,
    customStatus: null,
  };
}

/** Of the error of a failed task that has details, an SDK 3.5 class: its members in .NET's case. */
function detailsOfThrown(error: unknown): FailureDetails | null {
  if (!types.isNativeError(error) || error.name !== 'TaskFailedError') return null;
  return 'failureDetails' in error ? failureDetailsOf(inNetCase(error.failureDetails)) : null;
}

function inNetCase(details: unknown): State | undefined {
  if (typeof details !== 'object' || details === null) return undefined;
  const { errorType, errorMessage, stackTrace, isNonRetriable, properties, innerFailure } =
    details as State;
  return {
    ErrorType: errorType,
    ErrorMessage: errorMessage,
    StackTrace: stackTrace,
    IsNonRetriable: isNonRetriable,
    Properties: properties,
    InnerFailure: inNetCase(innerFailure),
  };
}

/** 3.5 says so when the error is that of a failed task with details. */
function failureDetailsOf(raw: unknown): FailureDetails | null {
  if (typeof raw !== 'object' || raw === null) return null;
  const details = raw as State;
  const text = (name: 'ErrorType' | 'ErrorMessage' | 'StackTrace'): string | null => {
    const value = details[name];
    return typeof value === 'string' ? value : null;
  };
  const { Properties: properties } = details as { Properties?: unknown };
  return {
    ErrorType: text('ErrorType') ?? '(unknown)',
    ErrorMessage: text('ErrorMessage') ?? '',
    StackTrace: text('StackTrace'),
    InnerFailure: failureDetailsOf(details['InnerFailure']),
    IsNonRetriable: details['IsNonRetriable'] === true,
    Properties:
      typeof properties === 'object' && properties !== null
        ? (properties as Readonly<Record<string, unknown>>)
        : null,
  };
}
