/**
 * User code runs in the host's process. What it throws outside of a run (in a timer callback, in a promise nobody awaits) must
 * not take the host along: it is logged as an error, and the host goes on.
 */
import { describeThrown } from '../function-app/failure-text.ts';
import type { FunctionApp } from '../function-app/function-app.ts';
import { text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';

export interface UserCodeGuard {
  /** From now on the functions of this app are named. */
  watch(app: Pick<FunctionApp, 'currentRun'>): void;
  dispose(): void;
}

export function guardAgainstUserCode(log: Logger): UserCodeGuard {
  let app: Pick<FunctionApp, 'currentRun'> | undefined;
  const report = (what: string, error: unknown): void => {
    const name = app?.currentRun()?.functionName;
    const where = name === undefined ? 'in the function app' : `in function '${name}'`;
    const category = name === undefined ? 'Function' : `Function.${name}`;
    const { message } = describeThrown(error);
    text(log, 'error', category, `${what} ${where}; the host goes on: ${message}`, error);
  };
  const onException = (error: unknown): void => {
    // While its run goes on, the exception fails the run (function-app/unhandled-rejections.ts).
    if (app?.currentRun()?.isActive === true) return;
    report('An exception was thrown outside of a run', error);
  };
  const onRejection = (error: unknown): void => {
    // While its run goes on, the rejection fails the run (function-app/unhandled-rejections.ts).
    if (app?.currentRun()?.isActive === true) return;
    report('A promise was rejected and nobody handled it', error);
  };
  process.on('uncaughtException', onException);
  process.on('unhandledRejection', onRejection);
  return {
    watch: (loaded) => {
      app = loaded;
    },
    dispose: () => {
      process.off('uncaughtException', onException);
      process.off('unhandledRejection', onRejection);
    },
  };
}
