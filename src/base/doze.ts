import { MAX_TIMER_MS } from './clock.ts';

/** A pause that can be cut short. A wake-up while nobody sleeps is kept for the next sleeper. */
export class Doze {
  #isWoken = false;
  #wakeSleeper: (() => void) | undefined;

  /** Resolves after `ms` (24 days at most), or when woken; `Infinity` waits for the wake-up alone. */
  async sleep(ms: number): Promise<void> {
    if (!this.#isWoken && ms > 0) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wakeSleeper = resolve;
        if (ms !== Infinity) timer = setTimeout(resolve, Math.min(ms, MAX_TIMER_MS));
      });
      clearTimeout(timer);
    }
    this.#isWoken = false;
    this.#wakeSleeper = undefined;
  }

  wake(): void {
    this.#isWoken = true;
    this.#wakeSleeper?.();
  }
}
