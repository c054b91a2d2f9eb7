/**
 * Long work that would keep the event loop for itself gives it back now and then, so that requests are answered and locks
 * renewed meanwhile.
 */
const LONGEST_TURN_MS = 20;

export class FairTurn {
  #beganMs = performance.now();

  /** Whether this work has had the event loop for long enough. */
  get isOver(): boolean {
    return performance.now() - this.#beganMs >= LONGEST_TURN_MS;
  }

  /** Lets whatever else is ready run first. */
  async pass(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#beganMs = performance.now();
  }
}
