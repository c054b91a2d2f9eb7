/**
 * An exception that a timer or a callback of user code throws belongs to a run: while that run is active it fails it, instead of
 * leaving it without an answer. Whether the process survives the exception is for others to say; this only watches.
 */
import { currentScope } from './function-run.ts';

/** @returns takes the guard away. */
export function guardUncaughtExceptions(): () => void {
  const watch = (error: Error, origin: NodeJS.UncaughtExceptionOrigin): void => {
    if (origin === 'uncaughtException') currentScope()?.fail(error);
  };
  process.on('uncaughtExceptionMonitor', watch);
  return () => {
    process.off('uncaughtExceptionMonitor', watch);
  };
}
