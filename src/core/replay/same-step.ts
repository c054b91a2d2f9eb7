/**
 * Whether an orchestrator that runs again asks for the same as before. A history that is read anew is compared event by event
 * (replay.ts); a session that is kept has walked it already, and compares the new list with what it has started.
 */
import type { SdkAction } from './action.ts';
import { HTTP_ACTIVITY } from './http-call.ts';
import { describeRecord, type Scheduled } from './scheduled.ts';
import { ReplayFailure } from './scope.ts';

/** What an action leaves in history first: what DurableTask.Core compares. */
export interface Step {
  readonly kind: Scheduled['kind'];
  readonly name: string | undefined;
}

/**
 * @param id the first event id of `before`.
 * @param after what stands in its place now; undefined for nothing.
 * @throws {ReplayFailure} when it is another step.
 */
export function checkSameStep(before: SdkAction, id: number, after: SdkAction | undefined): void {
  const expected = stepOf(before);
  if (expected === undefined) return;
  const actual = after && stepOf(after);
  if (actual?.kind === expected.kind && isSameName(actual.name, expected.name)) return;
  throw changedStep(
    describeRecord(expected.kind, id, expected.name),
    actual && describeRecord(actual.kind, id, actual.name),
  );
}

/** Something else stands in the history than what the orchestrator asks for. */
export class ChangedStepFailure extends ReplayFailure {}

/** @param actual undefined when nothing was scheduled in its place. */
export function changedStep(expected: string, actual: string | undefined): ChangedStepFailure {
  const instead =
    actual === undefined ? "hasn't (yet?) scheduled this task" : `scheduled ${actual} instead`;
  return new ChangedStepFailure(
    `Non-Deterministic workflow detected: A previous execution of this orchestration scheduled ${expected}, but the current replay execution ${instead}. Was a change made to the orchestrator code after this instance had already started running?`,
  );
}

/** undefined for what leaves nothing of its own. */
export function stepOf(action: SdkAction): Step | undefined {
  switch (action.kind) {
    case 'callActivity':
    case 'callActivityWithRetry':
      return { kind: 'activity', name: action.functionName };
    case 'callHttp':
      return { kind: 'activity', name: HTTP_ACTIVITY };
    case 'callSubOrchestrator':
    case 'callSubOrchestratorWithRetry':
      return { kind: 'subOrchestration', name: action.functionName };
    case 'createTimer':
      return { kind: 'timer', name: undefined };
    case 'callEntity':
    case 'signalEntity':
    case 'lockEntities':
      return { kind: 'sendEvent', name: 'op' };
    case 'waitForExternalEvent':
    case 'releaseEntities':
    case 'continueAsNew':
    case 'whenAll':
    case 'whenAny':
      return undefined;
  }
}

function isSameName(a: string | undefined, b: string | undefined): boolean {
  return a === b || a?.toLowerCase() === b?.toLowerCase();
}
