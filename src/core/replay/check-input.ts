/** What an orchestrator hands on has to be stored on its way. */
import type { BackendLimits } from '../backend-limits.ts';
import { payloadProblem } from '../payload-size.ts';
import { ReplayFailure } from './replay-failure.ts';
import { describeStep, factsOfScheduled, type Scheduled } from './scheduled.ts';

/** @param what begins the message. @throws {ReplayFailure} when the input is too long for the storage of the hub. */
export function checkInput(limits: BackendLimits, input: string | null, what: () => string): void {
  const problem = payloadProblem(limits, input, what);
  if (problem !== undefined) throw new ReplayFailure(problem);
}

/** The same for a request under an id; those to entities are checked where their input is still known for itself. */
export function checkScheduled(limits: BackendLimits, scheduled: Scheduled, id: number): void {
  if (scheduled.kind !== 'activity' && scheduled.kind !== 'subOrchestration') return;
  checkInput(
    limits,
    scheduled.input,
    () => `The input of ${describeStep(factsOfScheduled(scheduled), id)}`,
  );
}
