/**
 * How long a loop waits after a poll that found nothing: 50, 100, 150, 250, 450 ms … up to the maximum, each a little random
 * so that workers do not poll in step. Mirrors BackoffPollingHelper and RandomizedExponentialBackoffStrategy.
 */
const MIN_PAUSE_MS = 50;

export class PollBackoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #exponent = 0;

  /**
   * @param random uniform in [0, 1)
   * @param minMs the first pause
   */
  constructor(maxMs: number, random: () => number = Math.random, minMs = MIN_PAUSE_MS) {
    this.#minMs = minMs;
    this.#maxMs = Math.max(maxMs, minMs);
    this.#random = random;
  }

  /** The pause after one more empty poll. */
  nextMs(): number {
    const factor = 0.8 + this.#random() * 0.4;
    const growth = this.#exponent === 0 ? 0 : factor * 2 ** (this.#exponent - 1) * this.#minMs;
    const pauseMs = Math.min(this.#minMs + growth, this.#maxMs);
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
