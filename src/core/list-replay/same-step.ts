/**
 * Whether an orchestrator that runs again asks for the same as before: each run of a kept session answers a new list, which is
 * compared with what was started by the ones before. (A history that is read anew is compared event by event, in `core/replay`.)
 */
import type { SdkAction } from '../replay/action.ts';
import { HTTP_ACTIVITY } from '../replay/http-call.ts';
import { ChangedStepFailure } from '../replay/replay-failure.ts';
import type { StepFacts } from '../replay/scheduled.ts';

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
  throw new ChangedStepFailure({ id, recorded: expected, asked: actual });
}

/** What an action leaves in history first: what DurableTask.Core compares. undefined for what leaves nothing of its own. */
function stepOf(action: SdkAction): StepFacts | undefined {
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
      return { kind: 'timer' };
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
