/**
 * The supervisor, seen from the process of the host. The host lives as long as the supervisor: when that is gone without a word,
 * killed, the host is gone too, as if both were one process.
 */
import { BackendUnavailableError } from '../../core/errors.ts';
import type { Azurite } from '../azurite.ts';
import type { ToHost, ToSupervisor } from './messages.ts';

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
  /** @throws {BackendUnavailableError} when it does not come up. */
  startEmulator(options: { readonly location: string }): Promise<Pick<Azurite, 'died' | 'stop'>>;
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
  const onMessage = (message: ToHost): void => {
    switch (message.kind) {
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
  process.on('message', (message) => {
    onMessage(message as ToHost);
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
    startEmulator: async ({ location }) => {
      const failure = await new Promise<string | undefined>((resolve) => {
        settleEmulator = resolve;
        tell({ kind: 'emulatorWanted', location });
      });
      if (failure !== undefined) throw new BackendUnavailableError(failure);
      return { died: new Promise(() => undefined), stop: () => Promise.resolve() };
    },
  };
}
