/**
 * SIGINT and SIGTERM in two stages: the first drains (stop receiving, finish what runs, release), the second aborts. Mirrors
 * the Ctrl+C handling of Core Tools: once is graceful, twice ends.
 */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface StopSignals {
  /** Aborts with the first signal. */
  readonly drain: AbortSignal;
  /** Aborts with the second signal. */
  readonly abort: AbortSignal;
  /** Takes the listeners away; later signals end the process as usual. */
  dispose(): void;
}

export function listenForStopSignals(): StopSignals {
  const drain = new AbortController();
  const abort = new AbortController();

  const onSignal = (signal: NodeJS.Signals): void => {
    if (drain.signal.aborted) abort.abort(new Error(`${signal} came a second time.`));
    else drain.abort(new Error(`${signal} came.`));
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);

  return {
    drain: drain.signal,
    abort: abort.signal,
    dispose: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
