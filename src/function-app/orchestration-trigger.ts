/**
 * One run of an orchestrator: the history → the value that the SDKs find in their trigger binding; what they return, or throw,
 * → `OrchestratorAnswer`. Mirrors OrchestrationTriggerAttributeBindingProvider and OutOfProcOrchestrationShim of the extension.
 */
import type { FailureDetails } from '../core/history-event.ts';
import type { OrchestratorAnswer } from '../core/replay/action.ts';
import type { OrchestratorInvocation } from '../engine/function-invoker.ts';
import { describeThrown } from './failure-text.ts';
import type { HistoryViews } from './history-views.ts';
import { explainSdk1Error, explainStarted } from './orchestrator-code/wrong-function.ts';
import { parseSdkActions, jsonTextOf, SdkAnswerError } from './sdk-actions.ts';
import { startedByOrchestrator, thrownByOrchestrator } from './sdk-executor.ts';

export interface OrchestrationTriggerSettings {
  /** .NET TimeSpan text. */
  readonly longRunningTimerIntervalDuration: string;
  /** .NET TimeSpan text. */
  readonly maximumShortTimerDuration: string;
  readonly defaultHttpAsyncRequestSleepTimeMs: number;
}

/** SDKs put the JSON of their answer behind this mark in the message of the error that they throw. */
const ANSWER_MARK = '\n\n$OutOfProcData$:';

/** The value of the trigger binding for one run. */
export function orchestrationTriggerValue(
  invocation: OrchestratorInvocation,
  settings: OrchestrationTriggerSettings,
  views: HistoryViews,
): object {
  const { history, playedCount } = invocation;
  return {
    history: history.map((event, index) => views.of(event, index < playedCount)),
    input: parseInput(invocation.input),
    instanceId: invocation.instanceId,
    isReplaying: playedCount > 0,
    parentInstanceId: invocation.parentInstanceId,
    // 2.x and 3.x take the newest schema that they know up to the second number.
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    longRunningTimerIntervalDuration: settings.longRunningTimerIntervalDuration,
    maximumShortTimerDuration: settings.maximumShortTimerDuration,
    // Spelled so by the extension.
    defaultHttpAsyncRequestSleepTimeMillseconds: settings.defaultHttpAsyncRequestSleepTimeMs,
  };
}

/** The answer of an orchestrator that returned, or called `context.done` without an error. */
export function answerOfResult(result: unknown, context: unknown): OrchestratorAnswer {
  try {
    const state = parseState(result);
    const thrown = thrownByOrchestrator(context);
    if (thrown !== undefined && state['isDone'] !== true)
      return threw(state, thrown.value, context);
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
export function answerOfError(error: unknown, context: unknown): OrchestratorAnswer {
  const { message, stack } = describeThrown(error);
  const mark = message.indexOf(ANSWER_MARK);
  if (mark < 0) return failedWith(message);
  try {
    const state = parseState(message.slice(mark + ANSWER_MARK.length));
    const thrown = thrownByOrchestrator(context)?.value ?? thrownText(message.slice(0, mark));
    return threw(state, thrown, context, stack);
  } catch (parseError) {
    return brokenAnswer(parseError);
  }
}

/** Inputs are JSON; text that another client left as it was stays text. */
function parseInput(input: string | null): unknown {
  if (input === null) return null;
  try {
    return JSON.parse(input) as unknown;
  } catch {
    return input;
  }
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
function threw(state: State, thrown: unknown, context: unknown, stack = ''): OrchestratorAnswer {
  const { error } = state;
  const text = typeof error === 'string' && error !== '' ? error : describeThrown(thrown).message;
  const started = startedByOrchestrator(context);
  return {
    kind: 'threw',
    actions: parseSdkActions(state['schemaVersion'], state['actions']),
    message: started ? explainStarted(started.value, text) : explainSdk1Error(text, stack),
    failureDetails: failureDetailsOf(state['failureDetails']),
    customStatus: jsonTextOf(state['customStatus'], "The orchestrator's custom status"),
  };
}

/** 2.x and 3.x write `false` where 1.x writes the message. */
function thrownText(text: string): string | undefined {
  return text === 'false' || text === 'undefined' || text === 'null' ? undefined : text;
}

function brokenAnswer(error: unknown): OrchestratorAnswer {
  return failedWith(describeThrown(error).message);
}

function failedWith(message: string): OrchestratorAnswer {
  return {
    kind: 'threw',
    actions: { schema: 'nested', actions: [] },
    message,
    failureDetails: null,
    customStatus: null,
  };
}

/** 3.5 says so when the error is that of a failed task with details. */
function failureDetailsOf(raw: unknown): FailureDetails | null {
  if (typeof raw !== 'object' || raw === null) return null;
  const details = raw as State;
  const text = (name: string): string | null => {
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
