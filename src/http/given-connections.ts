/**
 * A server on connections that another process has accepted and hands over: several processes so answer on one port, and each
 * connection has one of them from its first byte to its last.
 */
import type { Socket } from 'node:net';
import { createHttpServer, type HttpServer } from './node-server.ts';
import { trackConnections } from './open-connections.ts';
import type { FetchHandler } from './responses.ts';

export interface GivenConnections {
  /** The port at which they come in. */
  readonly port: number;
  /** @param take gets each connection that is handed over from now on. @returns takes no more */
  onConnection(take: (socket: Socket) => void): () => void;
}

const DEFAULT_DRAIN_TIMEOUT_MS = 10_000;

/** @param drainTimeoutMs how long `close` lets requests under way finish before it cuts them off. @default 10000 */
export function serveConnections(
  app: FetchHandler,
  given: GivenConnections,
  drainTimeoutMs = DEFAULT_DRAIN_TIMEOUT_MS,
): HttpServer {
  const server = createHttpServer(app);
  const connections = trackConnections(server);
  // Node watches over the time limits of connections from the moment a server listens, which this one never does.
  server.emit('listening');
  const stop = given.onConnection((socket) => {
    // As a listening server has them.
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
    server.emit('connection', socket);
  });
  let closing: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    stop();
    const cutOff = setTimeout(() => {
      connections.cutOff();
    }, drainTimeoutMs);
    connections.endIdle();
    await connections.allClosed();
    clearTimeout(cutOff);
    server.close();
  };
  return {
    port: given.port,
    close: (abort) => {
      abort?.addEventListener('abort', () => {
        connections.cutOff();
      });
      closing ??= drain();
      if (abort?.aborted === true) connections.cutOff();
      return closing;
    },
  };
}
