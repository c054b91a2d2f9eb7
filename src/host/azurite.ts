/**
 * Storage for a machine that has none running: the Azurite of the app, as a child process with its data on disk (its in-memory
 * queues stall for half a minute once thousands of messages have passed).
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { ownProgram } from '../base/own-package.ts';
import { BackendUnavailableError } from '../core/errors.ts';

export interface AzuritePorts {
  readonly blob: number;
  readonly queue: number;
  readonly table: number;
}

/** Where `UseDevelopmentStorage=true` points to. */
const DEVELOPMENT_STORAGE_PORTS: AzuritePorts = { blob: 10000, queue: 10001, table: 10002 };

const LOOPBACK = '127.0.0.1';
const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 10_000;
const PROBE_TIMEOUT_MS = 1_000;
const PROBE_PAUSE_MS = 50;
/** Lines kept to explain a failed start. */
const OUTPUT_LINES = 20;

export interface Azurite {
  readonly ports: AzuritePorts;
  /** Resolves with the reason when Azurite ends although nobody stopped it. */
  readonly died: Promise<Error>;
  /** Lets Azurite save its data and end; resolves when the process is gone. Idempotent. */
  stop(): Promise<void>;
}

/**
 * What answers where `UseDevelopmentStorage=true` points to.
 * @throws {BackendUnavailableError} when only some of the three ports answer: that is no storage emulator.
 */
export async function developmentStorageAnswers(
  ports: AzuritePorts = DEVELOPMENT_STORAGE_PORTS,
): Promise<boolean> {
  const all = [ports.blob, ports.queue, ports.table];
  const answers = await Promise.all(all.map(isListening));
  if (answers.every(Boolean)) return true;
  if (!answers.some(Boolean)) return false;
  const taken = all.filter((_, index) => answers[index]).join(', ');
  const silent = all.filter((_, index) => answers[index] !== true).join(', ');
  throw new BackendUnavailableError(
    `UseDevelopmentStorage=true needs the ports ${all.join(', ')}: something answers on ${taken}, but nothing on ${silent}. Start the whole emulator, or free the ports so that it can be started here.`,
  );
}

/**
 * Starts Azurite and waits until its three services answer.
 * @param options.program its main file.
 * @param options.location folder for its data; created when missing.
 * @throws {BackendUnavailableError} with Azurite's own last words when it does not come up.
 */
export async function startAzurite(options: {
  readonly program: string;
  readonly location: string;
  readonly ports?: AzuritePorts;
}): Promise<Azurite> {
  const ports = options.ports ?? DEVELOPMENT_STORAGE_PORTS;
  await mkdir(options.location, { recursive: true });

  // A process group of its own: Ctrl+C in the terminal must not end storage before the host has drained.
  const child = fork(
    ownProgram('host/azurite-process'),
    [options.program, ...azuriteArguments(options.location, ports)],
    {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  const lastLines = keepLastLines(child);
  const exited = once(child, 'exit').then(([code, signal]) => String(signal ?? code));
  const up = new AbortController();
  const failed = exited.then((how) => {
    throw new BackendUnavailableError(
      `Azurite ended (${how}) before it answered. ${lastLines().join(' ')}`.trim(),
    );
  });
  try {
    await Promise.race([waitUntilListening(ports, up.signal), failed]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    up.abort();
  }

  let stopping: Promise<void> | undefined;
  return {
    ports,
    died: exited.then((how) => new BackendUnavailableError(`Azurite ended unexpectedly (${how}).`)),
    stop: () => (stopping ??= stopChild(child, exited)),
  };
}

function azuriteArguments(location: string, ports: AzuritePorts): string[] {
  return [
    '--location',
    location,
    '--silent',
    '--skipApiVersionCheck',
    '--disableTelemetry',
    ...['--blobHost', LOOPBACK, '--queueHost', LOOPBACK, '--tableHost', LOOPBACK],
    ...['--blobPort', String(ports.blob)],
    ...['--queuePort', String(ports.queue)],
    ...['--tablePort', String(ports.table)],
  ];
}

async function stopChild(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  if (child.connected) child.disconnect();
  await exited;
  clearTimeout(deadline);
}

function keepLastLines(child: ChildProcess): () => readonly string[] {
  let lines: string[] = [];
  const keep = (chunk: unknown): void => {
    lines = [...lines, ...String(chunk).split('\n').filter(Boolean)].slice(-OUTPUT_LINES);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => lines;
}

async function waitUntilListening(ports: AzuritePorts, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  for (const port of [ports.blob, ports.queue, ports.table]) {
    while (!signal.aborted && !(await isListening(port))) {
      if (Date.now() > deadline) {
        throw new BackendUnavailableError(
          `Azurite does not answer on port ${port} after ${START_DEADLINE_MS / 1000} seconds.`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, PROBE_PAUSE_MS));
    }
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: LOOPBACK });
    const settle = (listening: boolean): void => {
      socket.destroy();
      resolve(listening);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => {
      settle(false);
    });
    socket.once('connect', () => {
      settle(true);
    });
    socket.once('error', () => {
      settle(false);
    });
  });
}
