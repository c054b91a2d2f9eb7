/**
 * Which connections of a server carry no request at the moment. Node's own `closeIdleConnections` leaves those alone that
 * never carried one, such as a browser opens in advance: a server that closes would wait for them.
 * A connection that was opened just now is not idle: its first request is on its way, and its client would take the end of it
 * for an answer that was lost.
 */
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** For how long after it was opened a connection is waited for that has carried no request yet. */
const FIRST_REQUEST_MS = 1_000;

export interface OpenConnections {
  /**
   * Ends idle connections now, and from now on each connection whose last answer has left. Answers say so from now on, so that
   * their clients send nothing after them.
   */
  endIdle(): void;
  /** Cuts all of them off. */
  cutOff(): void;
  /** Resolves when none is open. */
  allClosed(): Promise<void>;
}

export function trackConnections(server: Server): OpenConnections {
  const connections = new Map<Socket, Connection>();
  let isEnding = false;
  let onAllClosed: () => void = () => undefined;

  const endIfIdle = (socket: Socket, { answers, firstRequest }: Connection): void => {
    if (isEnding && answers.size === 0 && firstRequest === undefined) socket.destroySoon();
  };

  server.on('connection', (socket) => {
    const connection: Connection = { answers: new Set(), firstRequest: undefined };
    connection.firstRequest = setTimeout(() => {
      stopWaiting(connection);
      endIfIdle(socket, connection);
    }, FIRST_REQUEST_MS).unref();
    connections.set(socket, connection);
    socket.once('close', () => {
      stopWaiting(connection);
      connections.delete(socket);
      if (connections.size === 0) onAllClosed();
    });
  });
  server.on('request', ({ socket }, response) => {
    const connection = connections.get(socket);
    if (connection === undefined) return;
    stopWaiting(connection);
    connection.answers.add(response);
    if (isEnding) response.shouldKeepAlive = false;
    response.once('close', () => {
      connection.answers.delete(response);
      endIfIdle(socket, connection);
    });
  });
  return {
    endIdle() {
      isEnding = true;
      for (const [socket, connection] of connections) {
        for (const answer of connection.answers) answer.shouldKeepAlive = false;
        endIfIdle(socket, connection);
      }
    },
    cutOff() {
      for (const socket of connections.keys()) socket.destroy();
    },
    async allClosed() {
      if (connections.size > 0) await new Promise<void>((resolve) => (onAllClosed = resolve));
    },
  };
}

interface Connection {
  /** Of requests under way. */
  readonly answers: Set<ServerResponse>;
  /** Runs while the first request is waited for. */
  firstRequest: NodeJS.Timeout | undefined;
}

function stopWaiting(connection: Connection): void {
  clearTimeout(connection.firstRequest);
  connection.firstRequest = undefined;
}
