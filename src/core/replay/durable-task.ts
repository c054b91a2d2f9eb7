/**
 * One thing an orchestrator can wait for, as the walk sees it: pending until history settles it. The decider needs no
 * results (the SDK has those), only whether a task succeeded or failed, and in which order.
 */
export type TaskOutcome = 'pending' | 'succeeded' | 'failed';

export class DurableTask {
  outcome: TaskOutcome = 'pending';
  readonly #listeners: (() => void)[] = [];

  /** A task that is settled from the start: fire-and-forget actions. */
  static settled(): DurableTask {
    const task = new DurableTask();
    task.outcome = 'succeeded';
    return task;
  }

  /** The first settlement counts; later ones are duplicates. */
  settle(outcome: 'succeeded' | 'failed'): void {
    if (this.outcome !== 'pending') return;
    this.outcome = outcome;
    for (const listener of this.#listeners.splice(0)) listener();
  }

  /** Calls back once the task is settled; at once when it is already. */
  whenSettled(listener: () => void): void {
    if (this.outcome === 'pending') this.#listeners.push(listener);
    else listener();
  }
}
