/**
 * How long a loop waits after a poll that found nothing: 50, 100, 150, 250, 450 ms … up to the maximum, each a little random
 * so that workers do not poll in step. Mirrors BackoffPollingHelper.
 */
const MIN_PAUSE_MS = 50;

export class PollBackoff {
  readonly #maxMs: number;
  readonly #random: () => number;
  #exponent = 0;

  /** @param random uniform in [0, 1) */
  constructor(maxMs: number, random: () => number = Math.random) {
    this.#maxMs = Math.max(maxMs, MIN_PAUSE_MS);
    this.#random = random;
  }

  /** The pause after one more empty poll. */
  nextMs(): number {
    const factor = 0.8 + this.#random() * 0.4;
    const growth = this.#exponent === 0 ? 0 : factor * 2 ** (this.#exponent - 1) * MIN_PAUSE_MS;
    const pauseMs = Math.min(MIN_PAUSE_MS + growth, this.#maxMs);
    if (pauseMs < this.#maxMs) this.#exponent += 1;
    return pauseMs;
  }

  /** Something was found: start with the shortest pause again. */
  reset(): void {
    this.#exponent = 0;
  }
}

/** The pause before a message that could not be handled comes again: 2, 4, 8 … seconds, at most 10 minutes. */
export function redeliveryPauseMs(dequeueCount: number): number {
  return Math.min(2 ** Math.min(dequeueCount, 30), 600) * 1000;
}
