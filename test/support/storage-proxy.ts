/** An HTTP proxy in front of Azurite: what goes through it is in the hands of a test. */
import { createServer, request as sendRequest, type Server } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StorageRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface StorageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** @returns undefined when the connection is to break. @param send asks storage. */
export type RequestHandler = (
  request: StorageRequest,
  send: () => Promise<StorageAnswer>,
) => Promise<StorageAnswer | undefined>;

export interface StorageProxy {
  readonly connectionString: string;
  stop(): Promise<void>;
}

const SERVICES = ['Blob', 'Queue', 'Table'] as const;

/** @param upstream connection string with an endpoint for each service. */
export async function startStorageProxy(
  upstream: string,
  handle: RequestHandler,
): Promise<StorageProxy> {
  let connectionString = upstream;
  const servers: Server[] = [];
  for (const service of SERVICES) {
    const url = new RegExp(`${service}Endpoint=([^;]+)`).exec(upstream)?.[1];
    if (url === undefined) throw new Error(`The connection string names no ${service}Endpoint.`);
    const { hostname, port } = new URL(url);
    const serve = async (incoming: IncomingMessage): Promise<StorageAnswer | undefined> => {
      const { method = '', url = '', headers } = incoming;
      const request = { method, url, headers, body: await bytesOf(incoming) };
      return await handle(request, () => forward(request, { hostname, port }));
    };
    const server = createServer((incoming, response) => {
      serve(incoming)
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
  return {
    connectionString,
    async stop() {
      await Promise.all(
        servers.map((server) => {
          server.closeAllConnections();
          return new Promise((resolve) => server.close(resolve));
        }),
      );
    },
  };
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function forward(
  { method, url, headers, body }: StorageRequest,
  upstream: { readonly hostname: string; readonly port: string },
): Promise<StorageAnswer> {
  return new Promise((resolve, reject) => {
    const to = { ...upstream, method, path: url, headers, agent: false };
    const request = sendRequest(to, (response) => {
      const { statusCode = 500, headers: answered } = response;
      bytesOf(response).then((bytes) => {
        // The body is here as a whole: its length replaces the chunks.
        const { 'transfer-encoding': _chunked, connection: _connection, ...rest } = answered;
        resolve({ status: statusCode, headers: { ...rest }, body: bytes });
      }, reject);
    });
    request.once('error', reject);
    request.end(body);
  });
}
