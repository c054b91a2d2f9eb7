/** A worker of the build as a process of its own, to be killed. What it does is in hub-process.js. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { endWithTests } from './child-processes.ts';
import { within } from './eventually.ts';

const PROGRAM = path.join(import.meta.dirname, 'hub-process.js');

export interface HubProcess {
  /** Starts the instance, and raises its events. */
  readonly begin: () => void;
  readonly kill: () => void;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly pid: number | undefined;
  readonly exited: Promise<unknown>;
}

/** @param env added to the environment of this process. @param onSpawn told of the process before it does anything. */
export async function startHubProcess(
  options: unknown,
  env: Readonly<Record<string, string>> = {},
  onSpawn: (pid: number | undefined) => void = () => undefined,
): Promise<HubProcess> {
  const child = endWithTests(
    spawn(process.execPath, [PROGRAM, JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    }),
  );
  onSpawn(child.pid);
  const exited = once(child, 'exit');
  await within(
    Promise.race([
      once(child.stdout, 'data'),
      exited.then(() => Promise.reject(new Error('died'))),
    ]),
    'the start of the process',
    30_000,
  );
  return {
    begin: () => child.stdin.write('go\n'),
    kill: () => {
      child.kill('SIGKILL');
    },
    signal: (name) => {
      child.kill(name);
    },
    pid: child.pid,
    exited,
  };
}
