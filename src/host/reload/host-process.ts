/** The host as a child process, seen from the supervisor: what it says, what it is told, how it ends. */
import { fork } from 'node:child_process';
import type { ToHost, ToSupervisor } from './messages.ts';

export interface HostExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface HostProcess {
  readonly exited: Promise<HostExit>;
  tell(message: ToHost): void;
  kill(): void;
}

/** @param onMessage is called for everything that the host says. */
export function launchHost(
  program: string,
  args: readonly string[],
  onMessage: (message: ToSupervisor) => void,
): HostProcess {
  const child = fork(program, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  child.on('message', (message) => {
    onMessage(message as ToSupervisor);
  });
  const exited = new Promise<HostExit>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
  return {
    exited,
    tell: (message) => {
      // One that is about to end hears nothing any more, and need not.
      if (child.connected) child.send(message, () => undefined);
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}
