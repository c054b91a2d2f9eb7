/**
 * An HTTP proxy between the engine and Azurite, for one test: it counts the requests of a scenario, and does something bad to
 * one of them. A request and its retries (they share `x-ms-client-request-id`) count as one. Polls of queues, and what is said
 * about partitions, are not counted: they come by the clock, not by the scenario.
 */
import { createServer, request as sendRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * `refuse`: every try is answered with HTTP 500. `reset`: every try meets a broken connection. `lose`: storage does it, the
 * answer is lost, and no retry gets through. `lose-once`: the answer of the first try is lost, the retry gets through.
 * `stop-before`, `stop-after`: the caller is told when the request arrived, or was done, and it is never answered.
 */
export type FaultKind = 'refuse' | 'reset' | 'lose' | 'lose-once' | 'stop-before' | 'stop-after';

export interface Fault {
  readonly kind: FaultKind;
  /** Which request since `arm`, from 1. */
  readonly at: number;
  /** Count only requests whose method and path look so. */
  readonly of?: RegExp;
  /** For `stop-before` and `stop-after`. */
  readonly onStop?: () => void;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** In the path of a request, or in that of the first operation of a transaction. */
const PARTITIONS_TABLE = /\/\w+Partitions\(/;
const SERVICES = ['Blob', 'Queue', 'Table'] as const;

export class FaultyProxy {
  readonly connectionString: string;
  /** The requests since `arm` that count, in order: method and path. */
  readonly seen: string[] = [];
  readonly #servers: readonly Server[];
  readonly #ids = new Set<string>();
  #fault: Fault | undefined;
  #faultyId: string | undefined;
  #isStopped = false;

  private constructor(connectionString: string, servers: readonly Server[]) {
    this.connectionString = connectionString;
    this.#servers = servers;
  }

  /** @param upstream connection string with an endpoint for each service. */
  static async start(upstream: string): Promise<FaultyProxy> {
    let connectionString = upstream;
    const servers: Server[] = [];
    const started: { proxy?: FaultyProxy } = {};
    for (const service of SERVICES) {
      const url = new RegExp(`${service}Endpoint=([^;]+)`).exec(upstream)?.[1];
      if (url === undefined) throw new Error(`The connection string names no ${service}Endpoint.`);
      const { hostname, port } = new URL(url);
      const server = createServer((incoming, response) => {
        started.proxy
          ?.handle(incoming, { hostname, port })
          .then((answer) => {
            if (answer === undefined) return incoming.socket.destroy();
            return response.writeHead(answer.status, { ...answer.headers }).end(answer.body);
          })
          .catch(() => incoming.socket.destroy());
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      servers.push(server);
      const own = (server.address() as AddressInfo).port;
      connectionString = connectionString.replace(`:${port}/`, `:${own}/`);
    }
    started.proxy = new FaultyProxy(connectionString, servers);
    return started.proxy;
  }

  /** From now on requests are counted; one of them suffers. */
  arm(fault?: Fault): void {
    this.#fault = fault;
    this.seen.length = 0;
  }

  /** Whether the fault has happened. */
  get hasStruck(): boolean {
    return this.#faultyId !== undefined;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(
      this.#servers.map((server) => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      }),
    );
  }

  /** @returns undefined when the connection is to break. */
  async handle(
    incoming: IncomingMessage,
    upstream: { readonly hostname: string; readonly port: string },
  ): Promise<Answer | undefined> {
    const body = await bytesOf(incoming);
    const id = String(incoming.headers['x-ms-client-request-id']);
    const isFirstTry = !this.#ids.has(id);
    if (isFirstTry) this.#count(id, incoming, body);
    const send = () => forward(incoming, body, upstream);
    const fault = id === this.#faultyId ? this.#fault : undefined;
    // Whoever was stopped is dead: nothing more gets through.
    if (this.#isStopped) return undefined;
    switch (fault?.kind) {
      case undefined:
        return await send();
      case 'refuse':
        return { status: 500, headers: { 'content-length': '0' }, body: Buffer.alloc(0) };
      case 'reset':
        return undefined;
      case 'lose':
        if (isFirstTry) await send();
        return undefined;
      case 'lose-once':
        if (!isFirstTry) return await send();
        await send();
        return undefined;
      case 'stop-before':
      case 'stop-after':
        if (fault.kind === 'stop-after') await send();
        this.#isStopped = true;
        fault.onStop?.();
        return undefined;
    }
  }

  #count(id: string, { method = '', url = '' }: IncomingMessage, body: Buffer): void {
    this.#ids.add(id);
    if (method === 'GET' && /\/messages(\?|$)/.test(url)) return;
    if (PARTITIONS_TABLE.test(url) || PARTITIONS_TABLE.test(body.toString('latin1'))) return;
    const what = `${method} ${url.split('?', 1)[0] ?? ''}`;
    if (this.#fault?.of?.test(what) === false) return;
    this.seen.push(what);
    if (this.seen.length === this.#fault?.at && this.#faultyId === undefined) this.#faultyId = id;
  }
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function forward(
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  upstream: { readonly hostname: string; readonly port: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = sendRequest(
      { ...upstream, method, path: url, headers, agent: false },
      (response) => {
        const { statusCode = 500, headers: answered } = response;
        bytesOf(response).then((bytes) => {
          // The body is here as a whole: its length replaces the chunks.
          const { 'transfer-encoding': _chunked, connection: _connection, ...rest } = answered;
          resolve({ status: statusCode, headers: { ...rest }, body: bytes });
        }, reject);
      },
    );
    request.once('error', reject);
    request.end(body);
  });
}
