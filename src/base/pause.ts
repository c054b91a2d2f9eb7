import { onAbort } from './abort.ts';
import { MAX_TIMER_MS } from './clock.ts';

/** Waits `ms`, however long, or until `signal` aborts, whichever comes first. Leaves no timer and no listener behind. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  for (let leftMs = ms; !signal?.aborted; leftMs -= MAX_TIMER_MS) {
    await pauseOnce(Math.min(leftMs, MAX_TIMER_MS), signal);
    if (leftMs <= MAX_TIMER_MS) return;
  }
}

async function pauseOnce(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      takeOff?.();
      resolve();
    };
    const timer = setTimeout(done, ms);
    const takeOff = signal && onAbort(signal, done);
  });
}
