/** Why an instance fails that is not its orchestrator's exception. */
import { describeStep, type StepFacts } from './scheduled.ts';

/** The instance cannot go on with what the orchestrator asked for: it fails with this message. */
export class ReplayFailure extends Error {}

/** Where history and orchestrator part. */
export interface ChangedStep {
  /** Event id. */
  readonly id: number;
  /** As history has it. */
  readonly recorded: StepFacts;
  /** undefined when nothing was scheduled in its place. */
  readonly asked: StepFacts | undefined;
}

/** Something else stands in the history than what the orchestrator asks for. */
export class ChangedStepFailure extends ReplayFailure {
  readonly step: ChangedStep;

  constructor(step: ChangedStep) {
    const { id, recorded, asked } = step;
    const instead =
      asked === undefined
        ? "hasn't (yet?) scheduled this task"
        : `scheduled ${describeStep(asked, id)} instead`;
    super(
      `Non-Deterministic workflow detected: A previous execution of this orchestration scheduled ${describeStep(recorded, id)}, but the current replay execution ${instead}. Was a change made to the orchestrator code after this instance had already started running?`,
    );
    this.step = step;
  }
}
