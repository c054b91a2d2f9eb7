/**
 * `func start` that restarts the app when its files change, and has it in several processes where it is told to: this process
 * supervises, `supervised-host.ts` runs the host.
 */
import inspector from 'node:inspector';
import { ownProgram } from '../../base/own-package.ts';
import { superviseHost } from '../../host/reload/supervisor.ts';
import { listenForStopSignals } from '../../host/signals.ts';
import type { Output } from '../output.ts';
import { explainSlowStop } from './slow-stop.ts';
import type { NodeArguments } from './node-arguments.ts';
import type { StartOptions } from './start-options.ts';

/** What the process of a host is given as its only argument, as JSON. */
export interface SupervisedStart {
  readonly options: StartOptions;
  /** What could not be loaded before; absent for the first host. */
  readonly knownBroken?: readonly string[];
  /** See HostOptions. */
  readonly runRecord: string;
  /** Of the processes of the app: 1 for the first one, which may be the only one. */
  readonly processNumber: number;
}

/** Whether a debugger listens in this process: it would lose the app with each reload, and must not lose it to a child. */
export function isDebugged(): boolean {
  return inspector.url() !== undefined;
}

/** Runs until a signal comes or the host ends by itself. @returns the exit code. */
export async function runStartWithReload(
  options: StartOptions,
  nodeArguments: NodeArguments,
  output: Output,
): Promise<number> {
  const signals = listenForStopSignals();
  const stopExplaining = explainSlowStop(signals, output);
  try {
    return await superviseHost({
      program: { file: ownProgram('cli/supervised-host'), ...nodeArguments },
      argumentsFor: ({ before, ...launch }) => {
        const start: SupervisedStart =
          before === undefined
            ? { options, ...launch }
            : { options: { ...options, port: before.port }, knownBroken: before.broken, ...launch };
        return [JSON.stringify(start)];
      },
      restartNote: options.storage === 'memory' ? 'The task hub in memory begins anew.' : undefined,
      drain: signals.drain,
      abort: signals.abort,
      say: (line) => {
        output.line(line);
      },
      complain: (line) => {
        output.error(line);
      },
    });
  } finally {
    stopExplaining();
    signals.dispose();
  }
}
