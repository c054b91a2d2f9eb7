/**
 * The public port is opened first, so that a taken port stops the start before anything runs, and links can be made. Requests
 * that come before the host runs wait for it, as the Functions host lets them; when the start fails they get 503.
 */
import { isIP } from 'node:net';
import type { FetchHandler } from '../http/responses.ts';
import { listen, type HttpServer, type ListenOptions } from '../http/node-server.ts';

const WAIT_MS = 30_000;

export interface PublicPort {
  /** `http://localhost:7071` */
  readonly url: string;
  readonly port: number;
  /** Lets waiting and later requests through to the app. */
  serve(app: FetchHandler): void;
  /**
   * Lets requests under way finish; those that still wait for the host get 503. Idempotent.
   * @param abort cuts off what is under way.
   */
  close(abort?: AbortSignal): Promise<void>;
}

/** Opens a port, and has what comes there answered. @throws {PortUnavailableError} */
export type OpenPort = (app: FetchHandler, options: ListenOptions) => Promise<HttpServer>;

/** @param open @default a port of this process alone. @throws {PortUnavailableError} */
export async function openPublicPort(
  options: ListenOptions,
  open: OpenPort = listen,
): Promise<PublicPort> {
  let settle: (app: FetchHandler) => void = () => undefined;
  let app: FetchHandler | undefined;
  const served = new Promise<FetchHandler>((resolve) => (settle = resolve));
  const server = await open(
    {
      fetch: async (request) => {
        const ready = app ?? (await Promise.race([served, unavailableAfter(WAIT_MS)]));
        return ready.fetch(request);
      },
    },
    options,
  );
  return {
    url: `http://${reachableHost(options.hostname)}:${server.port}`,
    port: server.port,
    serve: (ready) => {
      app = ready;
      settle(ready);
    },
    close: (abort) => {
      settle(unavailable);
      return server.close(abort);
    },
  };
}

/** By what name this machine calls a port that is open on the address: `localhost` means 127.0.0.1. */
function reachableHost(address = '127.0.0.1'): string {
  if (['127.0.0.1', '0.0.0.0', '::', 'localhost'].includes(address)) return 'localhost';
  return isIP(address) === 6 ? `[${address}]` : address;
}

const unavailable: FetchHandler = { fetch: () => new Response(null, { status: 503 }) };

function unavailableAfter(ms: number): Promise<FetchHandler> {
  return new Promise((resolve) => {
    setTimeout(() => {
      resolve(unavailable);
    }, ms).unref();
  });
}
