/** A host as a child process, seen from the supervisor: what it says, what it is told, how it ends. */
import { fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { ToHost, ToSupervisor } from './messages.ts';

/** What runs as a host, and how Node runs it. */
export interface HostProgram {
  readonly file: string;
  /** Arguments of Node. */
  readonly nodeArguments: readonly string[];
  /** Those that open a port for a debugger, which only one process can have: the first one. */
  readonly debugArguments: readonly string[];
  /** `NODE_OPTIONS`. @default that of this process */
  readonly nodeOptions?: string;
}

export interface HostExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface HostProcess {
  readonly exited: Promise<HostExit>;
  tell(message: ToHost): void;
  /** Hands over a connection of the port that all processes share. */
  give(connection: Socket): void;
  kill(): void;
}

/** How long what runs may take to end by itself before it is left to the next host. */
const DRAIN_MS = 5_000;
const HAND_OVER_MS = 5_000;
const ABORT_MS = 2_000;

/** @param onMessage is called for everything that the host says. */
export function launchHost(
  { file, nodeArguments, nodeOptions }: Omit<HostProgram, 'debugArguments'>,
  args: readonly string[],
  onMessage: (message: ToSupervisor) => void,
): HostProcess {
  const child = fork(file, args, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    execArgv: [...process.execArgv, ...nodeArguments],
    ...(nodeOptions !== undefined && { env: { ...process.env, NODE_OPTIONS: nodeOptions } }),
  });
  // Our copies of connections that are on their way: Node leaves them open for ever when the host dies before it has taken them.
  const given = new Set<Socket>();
  const closeGiven = (): void => {
    for (const connection of given) connection.destroy();
    given.clear();
  };
  child.on('message', (message) => {
    if ((message as ToSupervisor).kind === 'connectionTaken') closeGiven();
    onMessage(message as ToSupervisor);
  });
  const exited = new Promise<HostExit>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      closeGiven();
      resolve({ code, signal });
    });
  });
  const send = (message: ToHost, connection?: Socket): void => {
    if (connection !== undefined) given.add(connection);
    // One that is about to end hears nothing any more, and need not.
    if (child.connected) child.send(message, connection, { keepOpen: true }, () => undefined);
    else closeGiven();
  };
  return {
    exited,
    tell: (message) => {
      send(message);
    },
    give: (connection) => {
      send({ kind: 'connection' }, connection);
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}

/** Ends a host that another one follows: what runs may end first, or is left to that one. */
export async function replaceHost(host: HostProcess): Promise<void> {
  host.tell({ kind: 'drain' });
  if (await endsWithin(host, DRAIN_MS)) return;
  host.tell({ kind: 'handOver' });
  if (await endsWithin(host, HAND_OVER_MS)) return;
  host.kill();
  await host.exited;
}

/** Ends a host now. One whose code never pauses cannot even hear that it shall. */
export async function abortHost(host: HostProcess): Promise<void> {
  host.tell({ kind: 'abort' });
  if (!(await endsWithin(host, ABORT_MS))) host.kill();
}

async function endsWithin(host: HostProcess, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = pause(ms, false, { signal: timer.signal }).catch(() => false);
  const ended = await Promise.race([host.exited.then(() => true), late]);
  timer.abort();
  return ended;
}
