/** Why an instance fails that is not its orchestrator's exception. */

/** The instance cannot go on with what the orchestrator asked for: it fails with this message. */
export class ReplayFailure extends Error {}

/** Something else stands in the history than what the orchestrator asks for. */
export class ChangedStepFailure extends ReplayFailure {}

/**
 * @param expected as history has it: `an activity task with sequence ID 7 and name 'F'`.
 * @param actual undefined when nothing was scheduled in its place.
 */
export function changedStep(expected: string, actual: string | undefined): ChangedStepFailure {
  const instead =
    actual === undefined ? "hasn't (yet?) scheduled this task" : `scheduled ${actual} instead`;
  return new ChangedStepFailure(
    `Non-Deterministic workflow detected: A previous execution of this orchestration scheduled ${expected}, but the current replay execution ${instead}. Was a change made to the orchestrator code after this instance had already started running?`,
  );
}
