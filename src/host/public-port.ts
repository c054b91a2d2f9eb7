/**
 * The public port is opened first, so that a taken port stops the start before anything runs, and links can be made. Requests
 * that come before the host runs wait for it, as the Functions host lets them; when the start fails they get 503.
 */
import type { FetchHandler } from '../http/fetch-handler.ts';
import { listen, type ListenOptions } from '../http/node-server.ts';

const WAIT_MS = 30_000;

export interface PublicPort {
  /** `http://localhost:7071` */
  readonly url: string;
  readonly port: number;
  /** Lets waiting and later requests through to the app. */
  serve(app: FetchHandler): void;
  /** Lets requests under way finish; those that still wait for the host get 503. Idempotent. */
  close(): Promise<void>;
}

/** @throws {PortUnavailableError} */
export async function openPublicPort(options: ListenOptions): Promise<PublicPort> {
  let settle: (app: FetchHandler) => void = () => undefined;
  let app: FetchHandler | undefined;
  const served = new Promise<FetchHandler>((resolve) => (settle = resolve));
  const server = await listen(
    {
      fetch: async (request) => {
        const ready = app ?? (await Promise.race([served, unavailableAfter(WAIT_MS)]));
        return ready.fetch(request);
      },
    },
    options,
  );
  return {
    url: `http://localhost:${server.port}`,
    port: server.port,
    serve: (ready) => {
      app = ready;
      settle(ready);
    },
    close: () => {
      settle(unavailable);
      return server.close();
    },
  };
}

const unavailable: FetchHandler = { fetch: () => new Response(null, { status: 503 }) };

function unavailableAfter(ms: number): Promise<FetchHandler> {
  return new Promise((resolve) => {
    setTimeout(() => {
      resolve(unavailable);
    }, ms).unref();
  });
}
