/** The only file that opens a socket: carries requests from a TCP port to an app and its answers back. */
import { createAdaptorServer, type Http2Bindings, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Server } from 'node:http';
import type { Server as TcpServer } from 'node:net';
import { DurableError } from '../core/errors.ts';
import { trackConnections, type OpenConnections } from './open-connections.ts';
import { emptyResponse, textOf, type FetchHandler } from './responses.ts';

export interface ListenOptions {
  /** 0 lets the system choose one. */
  readonly port: number;
  /** @default '127.0.0.1' */
  readonly hostname?: string;
  /** How long `close` lets requests under way finish before it cuts them off. @default 10000 */
  readonly drainTimeoutMs?: number;
}

export interface HttpServer {
  /** The port that is open. */
  readonly port: number;
  /**
   * Takes no more connections, lets requests under way finish, ends idle connections. Idempotent.
   * @param abort cuts off what is under way.
   */
  close(abort?: AbortSignal): Promise<void>;
}

/** The port cannot be opened; the message is one line and says how to choose another. */
export class PortUnavailableError extends DurableError {
  readonly port: number;

  constructor(port: number, message: string, options: { cause: unknown }) {
    super('CONFIG', message, options);
    this.port = port;
  }
}

const DEFAULT_HOSTNAME = '127.0.0.1';
const DEFAULT_DRAIN_TIMEOUT_MS = 10_000;

/**
 * Limits of Kestrel, the server of the .NET host; Node's are 5 s and 16 KiB. With 5 s, a function that keeps the thread for
 * longer would break the connections of clients whose next request waits meanwhile.
 */
const SERVER_OPTIONS = { keepAliveTimeout: 130_000, maxHeaderSize: 32 * 1024 };

/** @throws {PortUnavailableError} */
export async function listen(app: FetchHandler, options: ListenOptions): Promise<HttpServer> {
  const server = createHttpServer(app);
  const connections = trackConnections(server);
  const openPort = await openTcpPort(server, options);
  const drainTimeoutMs = options.drainTimeoutMs ?? DEFAULT_DRAIN_TIMEOUT_MS;
  let closing: Promise<void> | undefined;
  return {
    port: openPort,
    close: (abort) => {
      abort?.addEventListener('abort', () => {
        server.closeAllConnections();
      });
      closing ??= drain(server, connections, drainTimeoutMs);
      if (abort?.aborted === true) server.closeAllConnections();
      return closing;
    },
  };
}

/** @returns the port that is open. @throws {PortUnavailableError} */
export async function openTcpPort(
  server: TcpServer,
  { port, hostname = DEFAULT_HOSTNAME }: Pick<ListenOptions, 'port' | 'hostname'>,
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException) => {
      reject(new PortUnavailableError(port, refusal(error, port, hostname), { cause: error }));
    };
    server.once('error', refused);
    server.listen(port, hostname, () => {
      server.removeListener('error', refused);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** Listens nowhere yet. */
export function createHttpServer(app: FetchHandler): Server {
  const server = createAdaptorServer({
    // Looks like a Request only: `nativeRequest` makes one of it.
    fetch: async (request, { outgoing }) => {
      if (REFUSED_METHODS.has(request.method)) return emptyResponse(404);
      const response = await app.fetch(request);
      return sendText(response, outgoing) ? RESPONSE_ALREADY_SENT : response;
    },
    // Functions of the app run in this process: its global Request and Response stay Node's own.
    overrideGlobalObjects: false,
    serverOptions: SERVER_OPTIONS,
  });
  if (!(server instanceof Server)) throw new TypeError('An HTTP/1.1 server was expected.');
  return server;
}

/** Sends an answer that is a text; the adapter would read it from a stream, piece by piece. */
function sendText(
  response: Response,
  outgoing: (HttpBindings | Http2Bindings)['outgoing'],
): boolean {
  const text = textOf(response);
  if (text === undefined) return false;
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value);
  outgoing.setHeader('content-length', Buffer.byteLength(text));
  outgoing.end(text);
  return true;
}

/** Methods that no Request can have. */
const REFUSED_METHODS: ReadonlySet<string> = new Set(['TRACE', 'TRACK', 'CONNECT']);

async function drain(
  server: Server,
  connections: OpenConnections,
  timeoutMs: number,
): Promise<void> {
  const cutOff = setTimeout(() => {
    server.closeAllConnections();
  }, timeoutMs);
  try {
    await new Promise<void>((resolve, reject) => {
      server.close((error) => {
        if (error) reject(error);
        else resolve();
      });
      connections.endIdle();
    });
  } finally {
    clearTimeout(cutOff);
  }
}

function refusal(error: NodeJS.ErrnoException, port: number, hostname: string): string {
  const remedy =
    'specify another port using --port [-p], or Host.LocalHttpPort in local.settings.json';
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} is unavailable. Close the process using that port, or ${remedy}.`;
    case 'EACCES':
      return `Port ${port} may not be opened by this user. Please ${remedy}.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `The address '${hostname}' is not one of this machine, so port ${port} cannot be opened on it. Use 127.0.0.1, or 0.0.0.0 for all addresses.`;
    default:
      return `Port ${port} on ${hostname} cannot be opened (${error.message}). Please ${remedy}.`;
  }
}
