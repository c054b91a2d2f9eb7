/**
 * Keeps to what a busy service asks for: it says how long it wants to be left alone (`Retry-After`), to one request of many, and the
 * retries of the official clients do not listen to it everywhere. All requests to the service wait so long, and a little random
 * time more, so that they do not come back all at once.
 */
import { pause } from '../../base/pause.ts';

/** Longer than this no request waits for another's answer. */
const LONGEST_MS = 30_000;
const JITTER = 0.25;
const STATUSES = [429, 503];

interface Answer {
  readonly status: number;
  readonly headers: { get(name: string): string | undefined };
}

export class Throttle {
  readonly #random: () => number;
  /** On the clock of `performance`. */
  #untilMs = 0;

  /** @param random uniform in [0, 1) */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  get isClosed(): boolean {
    return this.#untilMs > 0 && performance.now() < this.#untilMs;
  }

  /** Resolves when requests may be sent, or when `signal` aborts. */
  async open(signal?: Parameters<typeof pause>[1] | { readonly aborted: boolean }): Promise<void> {
    const ms = this.#untilMs - performance.now();
    const jitterMs = this.#random() * JITTER * ms;
    if (ms > 0) await pause(ms + jitterMs, signal instanceof AbortSignal ? signal : undefined);
  }

  told({ status, headers }: Answer): void {
    if (!STATUSES.includes(status)) return;
    const ms = retryAfterMs(headers.get('retry-after'), Date.now());
    if (ms === undefined) return;
    this.#untilMs = Math.max(this.#untilMs, performance.now() + Math.min(ms, LONGEST_MS));
  }
}

/** Seconds, or a date. */
function retryAfterMs(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return ms > 0 ? ms : undefined;
}
