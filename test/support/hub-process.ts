/** A worker of the build as a process of its own, to be killed. What it does is in hub-process.js. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { within } from './eventually.ts';

const PROGRAM = path.join(import.meta.dirname, 'hub-process.js');

export interface HubProcess {
  /** Starts the instance, and raises its events. */
  readonly begin: () => void;
  readonly kill: () => void;
  readonly exited: Promise<unknown>;
}

/** @param env added to the environment of this process. */
export async function startHubProcess(
  options: unknown,
  env: Readonly<Record<string, string>> = {},
): Promise<HubProcess> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
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
    exited,
  };
}
