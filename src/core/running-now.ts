/** What the workers of a hub execute at a moment. An orchestrator runs while it takes a step, not while it waits. */

/** Of the functions that a process executes, so many are told of at most. */
export const MOST_RUNNING = 500;

export interface RunningFunction {
  readonly kind: 'activity' | 'orchestrator' | 'entity';
  readonly name: string;
  readonly instanceId: string;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
}

/** What a process executes at a moment. */
export interface RunningNow {
  readonly total: number;
  /** Those that have run longest come first. */
  readonly running: readonly RunningFunction[];
}

/** What another worker of the hub executes. */
export interface RunningElsewhere {
  readonly worker: string;
  /** undefined for one that cannot be reached from here, or does not tell, as those of the .NET extension. */
  readonly now: RunningNow | undefined;
}
