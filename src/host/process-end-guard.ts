/**
 * Calls of the app that would end this process: `process.exit`, `process.abort`, and `process.kill` of itself. The host and all
 * other functions live in it, so such a call ends the run that made it, with an error, and nothing else. A call that belongs to
 * no run is obeyed and told, as of code that watches over the app or listens to signals: the supervisor starts the host again.
 * The .NET host, whose workers are other processes, starts another worker.
 *
 * The calls of this package are the host's own, and let through.
 */
import { currentScope, type FunctionRunScope } from '../function-app/runs/function-run.ts';
import { text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { isOwnCall } from './own-defect.ts';

/** What the app called. Its stack leads to the place. */
export class ProcessEndError extends Error {
  override readonly name = 'ProcessEndError';
}

type EndableProcess = Pick<NodeJS.Process, 'exit' | 'abort' | 'kill' | 'pid'>;

export interface ProcessEndGuardOptions {
  readonly log: Logger;
  /** Whether the app is loaded: a module that ends the process before cannot be loaded. */
  readonly isLoaded: () => boolean;
  /** @default this process */
  readonly target?: EndableProcess;
  /** @default by the stack, see `own-defect.ts` */
  readonly isOwn?: (stack: string) => boolean;
}

/** @returns takes the guard away. */
export function guardProcessEnd(options: ProcessEndGuardOptions): () => void {
  const { target = process } = options;
  const { exit, abort, kill } = target;
  const guarded: Pick<EndableProcess, 'exit' | 'abort' | 'kill'> = {
    exit: (code) => {
      refuse(options, `process.exit(${code ?? ''})`, guarded.exit);
      return exit.call(target, code);
    },
    abort: () => {
      refuse(options, 'process.abort()', guarded.abort);
      return abort.call(target);
    },
    kill: (pid, signal) => {
      if (signal !== 0 && (pid === target.pid || pid === 0)) {
        const whom = pid === 0 ? '0' : 'process.pid';
        refuse(options, `process.kill(${whom}${signalText(signal)})`, guarded.kill);
      }
      return kill.call(target, pid, signal);
    },
  };
  Object.assign(target, guarded);
  return () => {
    if (target.exit === guarded.exit) target.exit = exit;
    if (target.abort === guarded.abort) target.abort = abort;
    if (target.kill === guarded.kill) target.kill = kill;
  };
}

function signalText(signal: string | number | undefined): string {
  return signal === undefined ? '' : `, ${typeof signal === 'number' ? signal : `'${signal}'`}`;
}

/** Returns when the call may take its course. @param called where stacks end. @throws {ProcessEndError} */
function refuse(
  { log, isLoaded, isOwn = isOwnCall }: ProcessEndGuardOptions,
  call: string,
  called: (...args: never[]) => unknown,
): void {
  const error = new ProcessEndError(call);
  Error.captureStackTrace(error, called);
  const stack = error.stack ?? '';
  if (isOwn(stack)) return;
  const scope = currentScope();
  const place = /^\s+at (.*)$/m.exec(stack)?.[1] ?? 'an unknown place';
  if (scope?.functionName) throw endedRun(scope, error, { call, log });
  if (!isLoaded()) {
    error.message = `The app called ${call} while it was loaded: throw an error instead, which is shown.`;
    throw error;
  }
  const message = `The app called ${call} outside of a function, which ends the host: ${place}`;
  text(log, 'error', 'Function', message);
}

function endedRun(
  scope: FunctionRunScope,
  error: ProcessEndError,
  { call, log }: { readonly call: string; readonly log: Logger },
): ProcessEndError {
  const { functionName, invocationId, isActive } = scope;
  const what = `Function '${functionName}' (Id: '${invocationId}') called ${call}`;
  if (isActive) {
    error.message = `${what}: that ends this run with an error, and not the host. Throw an error instead.`;
    // Also when the function catches what is thrown here.
    scope.fail(error);
  } else {
    error.message = `${what} when its run was over; the host goes on.`;
    text(log, 'error', `Function.${functionName}`, error.message, error);
  }
  return error;
}
