/**
 * The loopback endpoint that the SDK clients of the app talk to, without keys: on the port that the .NET extension prefers, or
 * on another when it is taken. Mirrors LocalHttpListener.StartAsync.
 */
import { randomInt } from 'node:crypto';
import { DurableError } from '../core/errors.ts';
import type { FetchHandler } from './responses.ts';
import { listen, PortUnavailableError, type HttpServer } from './node-server.ts';

/** What paths begin with on this port. */
export const RPC_BASE_PATH = '/durabletask';

export interface RpcListener extends HttpServer {
  /** `http://127.0.0.1:17071/durabletask/`: the SDKs need the slash at the end. */
  readonly baseUrl: string;
}

export interface RpcListenerOptions {
  /** @default 17071 */
  readonly preferredPort?: number;
  /** A port to try when the last one was taken. @default a random one of 30000 to 30999 */
  readonly nextPort?: () => number;
}

const PREFERRED_PORT = 17_071;
const ATTEMPTS = 10;

/** @param app the management API under `RPC_BASE_PATH`. @throws {DurableError} `CONFIG` when ten ports were taken. */
export async function listenForRpc(
  app: FetchHandler,
  options: RpcListenerOptions = {},
): Promise<RpcListener> {
  const nextPort = options.nextPort ?? (() => randomInt(30_000, 31_000));
  let port = options.preferredPort ?? PREFERRED_PORT;
  for (let attempt = 1; ; attempt++) {
    try {
      const server = await listen(app, { port, hostname: '127.0.0.1' });
      return { ...server, baseUrl: `http://127.0.0.1:${server.port}${RPC_BASE_PATH}/` };
    } catch (error) {
      if (!(error instanceof PortUnavailableError)) throw error;
      if (attempt === ATTEMPTS) {
        throw new DurableError(
          'CONFIG',
          `Unable to find a port to open an RPC endpoint on after ${ATTEMPTS} attempts (the last one was ${port}). Free port ${PREFERRED_PORT}, or set extensions.durableTask.localRpcEndpointEnabled to false in host.json.`,
          { cause: error },
        );
      }
      port = nextPort();
    }
  }
}
