/**
 * User code runs in the host's process. What it throws outside of a run (in a timer callback, in a promise nobody awaits) must
 * not take the host along: it is logged as an error, and the host goes on. Nor may its calls that end the process
 * (process-end-guard.ts).
 *
 * What our own code throws where nobody catches it is another matter. It is logged as what it is, a defect of the host, and
 * the host stops: whatever threw does not run any more, be it a loop that feeds the hub, and a host that only looks alive is
 * worse than one that is started again; what it was at is in the hub. It goes on only where nothing of its own has broken off:
 * storage failed and an answer of it was left unhandled, or a run of the app was the one that called.
 */
import { DurableError } from '../core/errors.ts';
import { describeThrown } from '../function-app/failure-text.ts';
import type { FunctionApp } from '../function-app/function-app.ts';
import { text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { isOwnDefect } from './own-defect.ts';
import { guardProcessEnd, ProcessEndError } from './process-end-guard.ts';

export interface UserCodeGuard {
  /** Resolves when the host has a defect that it cannot go on with. */
  readonly failed: Promise<Error>;
  /** From now on the functions of this app are named. */
  watch(app: Pick<FunctionApp, 'currentRun'>): void;
  dispose(): void;
}

export function guardAgainstUserCode(log: Logger): UserCodeGuard {
  let app: Pick<FunctionApp, 'currentRun'> | undefined;
  let fail: (reason: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => (fail = resolve));

  const blameApp = (what: string, error: unknown): void => {
    const run = app?.currentRun();
    // Said by process-end-guard.ts.
    if (error instanceof ProcessEndError && run !== undefined) return;
    // While its run goes on, the error fails the run (function-app/runs/unhandled-rejections.ts, uncaught-exceptions.ts).
    if (run?.isActive === true) return;
    const where = run === undefined ? 'in the function app' : `in function '${run.functionName}'`;
    const category = run === undefined ? 'Function' : `Function.${run.functionName}`;
    const { message } = describeThrown(error);
    text(log, 'error', category, `${what} ${where}; the host goes on: ${message}`, error);
  };
  const blameHost = (what: string, error: unknown): void => {
    const run = app?.currentRun();
    const goesOn = run !== undefined || error instanceof DurableError;
    const { message, stack } = describeThrown(error);
    const where = run === undefined ? '' : ` while function '${run.functionName}' ran`;
    const then = goesOn ? 'the host goes on' : 'the host stops';
    const report = `${what} in the host's own code${where}, which is a defect of the host; ${then}: ${message}\n${stack}`;
    text(log, 'error', 'Host.General', report, error);
    if (!goesOn) fail(new Error(`The host stops because of a defect of its own: ${message}`));
  };
  const listenerFor =
    (what: string) =>
    (error: unknown): void => {
      if (isOwnDefect(error)) blameHost(what, error);
      else blameApp(what, error);
    };
  const onException = listenerFor('An exception was thrown outside of a run');
  const onRejection = listenerFor('A promise was rejected and nobody handled it');
  process.on('uncaughtException', onException);
  process.on('unhandledRejection', onRejection);
  const releaseProcessEnd = guardProcessEnd({ log, isLoaded: () => app !== undefined });
  return {
    failed,
    watch: (loaded) => {
      app = loaded;
    },
    dispose: () => {
      process.off('uncaughtException', onException);
      process.off('unhandledRejection', onRejection);
      releaseProcessEnd();
    },
  };
}
