/** An orchestration that does nothing but call an entity: so a test gets the answer of an operation, which signals have none of. */
import { optionalText, parseJsonOrText, parseRecord } from '../base/json.ts';
import type { HistoryEvent } from '../core/history-event.ts';
import type { OrchestrationRun, OrchestratorInvocation } from '../engine/function-invoker.ts';
import { ListRun } from '../function-app/orchestrations/list-run.ts';
import type { SdkAnswer } from '../function-app/orchestrations/orchestration-trigger.ts';

/** The name of its orchestrator; no app can have it. */
export const CALL_ENTITY = 'BuiltIn::CallEntity';

export interface EntityCall {
  /** `@name@key` */
  readonly entityId: string;
  readonly operation: string;
  readonly input: unknown;
}

/** What the orchestration returns. */
export interface EntityAnswer {
  readonly hasThrown: boolean;
  /** Its result, or what the SDK tells of the error: it loses the message of an `Error`. */
  readonly value: unknown;
}

type Ran = Extract<SdkAnswer, { kind: 'ran' }>;

/** @param invocation with the JSON of an `EntityCall` as its input. */
export function openEntityCall(invocation: OrchestratorInvocation): OrchestrationRun {
  const { entityId, operation, input } = JSON.parse(invocation.input ?? '') as EntityCall;
  // The same object in each run: it is the same call.
  const actions = {
    schema: 'nested',
    actions: [{ kind: 'callEntity', entityId, operation, input }],
  } as const;
  return new ListRun(invocation, (history) =>
    Promise.resolve({ ...outcomeOf(history), customStatus: null, actions }),
  );
}

function outcomeOf(history: readonly HistoryEvent[]): Omit<Ran, 'actions' | 'customStatus'> {
  const answer = history.find((event) => event.EventType === 'EventRaised');
  if (answer === undefined) return { kind: 'ran', isDone: false, output: null };
  const response = parseRecord(answer.Input ?? '') ?? {};
  const text = optionalText(response['result']);
  const value = text === undefined ? null : parseJsonOrText(text);
  const output: EntityAnswer = { hasThrown: 'exceptionType' in response, value };
  return { kind: 'ran', isDone: true, output: JSON.stringify(output) };
}
