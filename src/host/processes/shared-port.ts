/**
 * One public port for several processes: the supervisor accepts connections and hands each to a process, in turn.
 *
 * S1 A process has at most one connection on its way: one that is busy gets no more until it has taken that, and others go on.
 * S2 Connections wait while there is no process, as when all of them start anew; after 30 s they get 503. For a process that is there
 *    they wait as long as it takes, as they would at a port of its own.
 * S3 What has been handed over is that process's: when it dies, the connection does.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { openTcpPort, type ListenOptions } from '../../http/node-server.ts';

/** A process that serves connections. */
export interface ConnectionTaker {
  /** It answers with `taken` when it has it. */
  readonly give: (connection: Socket) => void;
}

const WAIT_MS = 30_000;
const UNAVAILABLE =
  'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

export class SharedPort {
  readonly port: number;
  readonly #server: Server;
  readonly #waitMs: number;
  /** Those that get connections; the one whose turn it is comes first. */
  readonly #free = new Set<ConnectionTaker>();
  readonly #busy = new Set<ConnectionTaker>();
  /** With the time that each has left, while there is no process. */
  readonly #waiting = new Map<Socket, NodeJS.Timeout | undefined>();

  private constructor(server: Server, port: number, waitMs: number) {
    this.#server = server;
    this.#waitMs = waitMs;
    this.port = port;
    server.on('connection', (connection) => {
      this.#accept(connection);
    });
  }

  /** @param waitMs how long connections wait while there is no process. @throws {PortUnavailableError} */
  static async open(
    options: Pick<ListenOptions, 'port' | 'hostname'>,
    waitMs = WAIT_MS,
  ): Promise<SharedPort> {
    // Nothing is read here: the first byte is for whoever gets the connection.
    const server = createServer({ pauseOnConnect: true, noDelay: true });
    return new SharedPort(server, await openTcpPort(server, options), waitMs);
  }

  /** How many connections wait for a process. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** The process serves from now on. Idempotent. */
  add(taker: ConnectionTaker): void {
    if (!this.#busy.has(taker)) this.#free.add(taker);
    for (const [connection, timer] of this.#waiting) {
      clearTimeout(timer);
      this.#waiting.set(connection, undefined);
    }
    this.#handOut();
  }

  /** The process gets no more: it is about to end, or has ended. */
  remove(taker: ConnectionTaker): void {
    const wasThere = this.#free.delete(taker) || this.#busy.delete(taker);
    if (!wasThere || this.#hasProcess) return;
    for (const connection of this.#waiting.keys())
      this.#waiting.set(connection, this.#deadline(connection));
  }

  /** The process has the connection that it was given last. */
  taken(taker: ConnectionTaker): void {
    if (!this.#busy.delete(taker)) return;
    this.#free.add(taker);
    this.#handOut();
  }

  close(): void {
    this.#server.close();
    for (const connection of [...this.#waiting.keys()]) this.#refuse(connection);
  }

  #accept(connection: Socket): void {
    this.#waiting.set(connection, this.#hasProcess ? undefined : this.#deadline(connection));
    connection.on('error', () => {
      this.#forget(connection);
    });
    this.#handOut();
  }

  get #hasProcess(): boolean {
    return this.#free.size + this.#busy.size > 0;
  }

  #deadline(connection: Socket): NodeJS.Timeout {
    return setTimeout(() => {
      this.#refuse(connection);
    }, this.#waitMs);
  }

  #handOut(): void {
    for (const connection of this.#waiting.keys()) {
      const [taker] = this.#free;
      if (taker === undefined) return;
      this.#free.delete(taker);
      this.#busy.add(taker);
      this.#forget(connection);
      taker.give(connection);
    }
  }

  #refuse(connection: Socket): void {
    this.#forget(connection);
    connection.end(UNAVAILABLE);
  }

  #forget(connection: Socket): void {
    clearTimeout(this.#waiting.get(connection));
    this.#waiting.delete(connection);
  }
}
