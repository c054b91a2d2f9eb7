/** After the first Ctrl+C the host finishes what runs, which may take as long as the slowest function: says so when it does. */
import type { StopSignals } from '../../host/signals.ts';
import type { Output } from '../output.ts';

const PATIENCE_MS = 1_000;
const STILL_RUNNING =
  'The host ends when what it is doing has finished. Press Ctrl+C again to end at once.';

/** @returns stops saying it */
export function explainSlowStop({ drain }: StopSignals, output: Output): () => void {
  let timer: NodeJS.Timeout | undefined;
  const onDrain = (): void => {
    timer = setTimeout(() => {
      output.note(STILL_RUNNING);
    }, PATIENCE_MS);
  };
  drain.addEventListener('abort', onDrain);
  return () => {
    drain.removeEventListener('abort', onDrain);
    clearTimeout(timer);
  };
}
