/**
 * The supervisor, seen from the process of the host. The host lives as long as the supervisor: when that is gone without a word,
 * killed, the host is gone too, as if both were one process.
 */
import { Socket } from 'node:net';
import { BackendUnavailableError, DurableError } from '../../core/errors.ts';
import { serveConnections } from '../../http/given-connections.ts';
import type { StartEmulator } from '../emulator.ts';
import type { OpenPort } from '../public-port.ts';
import type { ToHost, ToSupervisor } from './messages.ts';

type OpenedPort = Extract<ToHost, { readonly kind: 'portOpen' | 'portRefused' }>;

export interface SupervisorLink {
  /** Aborts when the host shall finish what runs and end. */
  readonly drain: AbortSignal;
  /** Aborts when what still runs shall be left to the next host. */
  readonly handOver: AbortSignal;
  /** Aborts when the host shall end at once. */
  readonly abort: AbortSignal;
  tell(message: ToSupervisor): void;
  /** Tells that this process ends now. Resolves when the supervisor can know. */
  sayEnding(): Promise<void>;
  /** A port whose connections are handed to this process and others in turn. @throws {DurableError} when it cannot be opened. */
  readonly openSharedPort: OpenPort;
  /** @throws {BackendUnavailableError} when it does not come up. */
  readonly startEmulator: StartEmulator;
}

/** For a process that `launchHost` started; once. */
export function linkToSupervisor(): SupervisorLink {
  const send = process.send?.bind(process);
  if (send === undefined) throw new Error('This process has no supervisor.');
  // Libraries that find it take themselves for a child of the app's own.
  delete process.send;
  const drain = new AbortController();
  const handOver = new AbortController();
  const abort = new AbortController();
  let settleEmulator: (failure: string | undefined) => void = () => undefined;
  let settlePort: (opened: OpenedPort) => void = () => undefined;
  let takeConnection: ((connection: Socket) => void) | undefined;
  const onMessage = (message: ToHost, connection: Socket | undefined): void => {
    switch (message.kind) {
      case 'connection':
        tell({ kind: 'connectionTaken' });
        if (takeConnection === undefined) connection?.destroy();
        else if (connection !== undefined) takeConnection(connection);
        return;
      case 'portOpen':
      case 'portRefused':
        settlePort(message);
        return;
      case 'drain':
        drain.abort();
        return;
      case 'handOver':
        handOver.abort();
        return;
      case 'abort':
        abort.abort();
        return;
      case 'emulatorStarted':
        settleEmulator(undefined);
        return;
      case 'emulatorFailed':
        settleEmulator(message.message);
        return;
    }
  };
  process.on('message', (message, handle) => {
    // What was closed by the other side on its way here comes as nothing.
    onMessage(message as ToHost, handle instanceof Socket ? handle : undefined);
  });
  process.once('disconnect', () => {
    process.kill(process.pid, 'SIGKILL');
  });
  // Ctrl+C comes to both; only the supervisor counts how often.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      drain.abort();
    });
  }
  const tell = (message: ToSupervisor): void => {
    send(message);
  };
  return {
    drain: drain.signal,
    handOver: handOver.signal,
    abort: abort.signal,
    tell,
    sayEnding: () =>
      new Promise((resolve) => {
        const said: ToSupervisor = { kind: 'ending' };
        // Who is gone need not be told.
        send(said, undefined, undefined, () => {
          resolve();
        });
      }),
    openSharedPort: async (app, { port, hostname }) => {
      const opened = await new Promise<OpenedPort>((resolve) => {
        settlePort = resolve;
        tell({ kind: 'portWanted', port, ...(hostname !== undefined && { hostname }) });
      });
      if (opened.kind === 'portRefused') throw new DurableError('CONFIG', opened.message);
      return serveConnections(app, {
        port: opened.port,
        onConnection(take) {
          takeConnection = take;
          return () => {
            takeConnection = undefined;
          };
        },
      });
    },
    startEmulator: async (launch) => {
      const failure = await new Promise<string | undefined>((resolve) => {
        settleEmulator = resolve;
        tell({ kind: 'emulatorWanted', launch });
      });
      if (failure !== undefined) throw new BackendUnavailableError(failure);
      return { died: new Promise(() => undefined), stop: () => Promise.resolve() };
    },
  };
}
