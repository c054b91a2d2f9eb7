/**
 * An agent whose kept connections are never older than they may be. A timer ends those that were idle for too long; but while code
 * keeps the thread no timer fires, and afterwards the first requests would be written to connections that servers have closed
 * meanwhile (EPIPE, ECONNRESET). Therefore the clock is asked before each request, too.
 */
import { Agent } from 'node:http';
import type { Socket } from 'node:net';

/** Looking at every connection before every request would be too much; timers do the rest. */
const LOOK_EVERY_MS = 500;

export class KeptConnections extends Agent {
  readonly #idleTimeoutMs: number;
  readonly #idleSinceMs = new WeakMap<object, number>();
  #lookedMs = 0;

  constructor(idleTimeoutMs: number) {
    super({ keepAlive: true, timeout: idleTimeoutMs });
    this.#idleTimeoutMs = idleTimeoutMs;
    this.on('free', (socket: Socket) => {
      this.#idleSinceMs.set(socket, performance.now());
    });
  }

  /** Ends the connections that were idle for too long. */
  dropStale(): void {
    const nowMs = performance.now();
    if (nowMs - this.#lookedMs < Math.min(LOOK_EVERY_MS, this.#idleTimeoutMs)) return;
    this.#lookedMs = nowMs;
    for (const socket of freeSockets(this)) {
      const idleMs = nowMs - (this.#idleSinceMs.get(socket) ?? nowMs);
      if (idleMs >= this.#idleTimeoutMs) socket.destroy();
    }
  }
}

/** Those that nobody uses at the moment. */
export function freeSockets({ freeSockets: byHost }: Pick<Agent, 'freeSockets'>): Socket[] {
  return Object.values(byHost).flatMap((sockets) => sockets ?? []);
}
