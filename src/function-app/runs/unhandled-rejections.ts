/**
 * A promise that user code rejects and nobody handles belongs to a run: while that run is active it fails it. The SDKs 1.x and
 * 2.x need this, their executor's own errors surface nowhere else and `context.done` is never called.
 *
 * What belongs to no run is left to the other listeners of the process; without any it ends the process, as Node does by default.
 */
import { text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { describeThrown } from '../failure-text.ts';
import { currentScope } from './function-run.ts';

const GUARD = Symbol.for('durable-functions-extension.unhandled-rejections');

/** @returns takes the guard away. */
export function guardUnhandledRejections(log: Logger): () => void {
  const listener = Object.assign(
    (reason: unknown): void => {
      const scope = currentScope();
      if (scope?.isActive === true) {
        scope.fail(reason);
        return;
      }
      if (!isAnswerable(listener)) return;
      if (scope === undefined) throw reason;
      const where =
        scope.functionName === '' ? 'the app was loaded' : `'${scope.functionName}' ran`;
      text(
        log,
        'error',
        scope.functionName === '' ? 'Host.Function.Console' : `Function.${scope.functionName}`,
        `A promise that was started while ${where} was rejected and nobody handled it: ${describeThrown(reason).message}`,
        reason,
      );
    },
    { [GUARD]: true },
  );
  process.on('unhandledRejection', listener);
  return () => {
    process.off('unhandledRejection', listener);
  };
}

/** One listener answers for all apps of the process, and none when somebody else listens. */
function isAnswerable(listener: object): boolean {
  const listeners: readonly object[] = process.listeners('unhandledRejection');
  return listeners[0] === listener && listeners.every((other) => GUARD in other);
}
