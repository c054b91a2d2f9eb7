/**
 * Which connections of a server carry no request at the moment. Node's own `closeIdleConnections` leaves those alone that
 * never carried one, such as a browser opens in advance: a server that closes would wait for them.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export interface OpenConnections {
  /** Ends idle connections now, and from now on each connection whose last answer has left. */
  endIdle(): void;
}

export function trackConnections(server: Server): OpenConnections {
  const requestsOn = new Map<Socket, number>();
  let isEnding = false;

  const endIfIdle = (socket: Socket): void => {
    if (isEnding && requestsOn.get(socket) === 0) socket.destroySoon();
  };
  const count = (socket: Socket, change: number): void => {
    const before = requestsOn.get(socket);
    if (before !== undefined) requestsOn.set(socket, before + change);
    endIfIdle(socket);
  };

  server.on('connection', (socket) => {
    requestsOn.set(socket, 0);
    socket.once('close', () => requestsOn.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    count(socket, 1);
    response.once('close', () => {
      count(socket, -1);
    });
  });
  return {
    endIdle() {
      isEnding = true;
      for (const socket of requestsOn.keys()) endIfIdle(socket);
    },
  };
}
