/**
 * What waits for an AbortSignal. Many live as long as the process: listeners must come off again, and `AbortSignal.any` leaves a
 * trace of every call in them (Node 20).
 */

/** Calls `run` once when `signal` aborts, at once when it has. @returns takes the listener off again */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  if (signal.aborted) {
    run();
    return () => undefined;
  }
  signal.addEventListener('abort', run, { once: true });
  return () => {
    signal.removeEventListener('abort', run);
  };
}

/** Resolves when `signal` aborts, at once when it has. */
export async function whenAborted(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => onAbort(signal, resolve));
}
