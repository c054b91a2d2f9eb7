/**
 * Promises that a test file leaves rejected. Vitest reports none of them while somebody else listens, as the guard of every loaded app
 * does, and the guard leaves to others what belongs to no run: so they vanished.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { currentScope } from '../../src/function-app/runs/function-run.ts';

/** @returns stops watching; fails when there were any but those of functions of an app, which are the app's. */
export function watchRejections(): () => Promise<void> {
  const left: unknown[] = [];
  const listener = (reason: unknown): void => {
    if (currentScope() === undefined) left.push(reason);
  };
  process.on('unhandledRejection', listener);
  return async () => {
    // A rejection counts as unhandled only after the turn in which it came.
    await turn();
    process.off('unhandledRejection', listener);
    if (left.length > 0)
      throw new AggregateError(left, 'Promises were rejected, and nobody handled them.');
  };
}
