/** The public HTTP port of the Functions host: finds the function that a request is for, hands it over and sends the answer. */
import {
  createServer,
  type IncomingMessage,
  request as forward,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IndexedFunction } from './indexed-function.ts';

/** RpcHttp of the protocol. */
interface RpcHttp {
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: {
    readonly bytes?: Buffer;
    readonly string?: string;
    readonly json?: string;
  } | null;
}

export interface HttpCall {
  readonly fn: IndexedFunction;
  /** For `inputData` of the invocation. */
  readonly http: object;
  /** For a worker to which requests are forwarded. */
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpDoorOptions {
  readonly functions: () => readonly IndexedFunction[];
  /** Without slashes. */
  readonly routePrefix: string;
  /** What the function gave to its http output. @throws when it failed. */
  readonly invoke: (call: HttpCall, invocationId: string) => Promise<RpcHttp>;
  /** Where a worker that streams wants its requests; undefined for one that does not. */
  readonly forwardTo: () => string | undefined;
}

export interface HttpDoor {
  readonly port: number;
  close(): Promise<void>;
}

export async function openHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      response.writeHead(500, { 'x-test-error': encodeURIComponent(String(error)) }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpDoorOptions,
): Promise<void> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
  const body = await readAll(request);
  const found = findRoute(request, url, options);
  if (found === undefined) {
    response.writeHead(404).end();
    return;
  }
  const { fn, params } = found;
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const invocationId = crypto.randomUUID();
  const target = options.forwardTo();
  if (target !== undefined) {
    const call = { fn, params, headers, http: {} };
    const forwarded = forwardRequest({ target, request, body, invocationId, response });
    await Promise.all([options.invoke(call, invocationId), forwarded]);
    return;
  }
  const http = {
    method: request.method,
    url: url.href,
    nullableHeaders: nullable(headers),
    nullableQuery: nullable(Object.fromEntries(url.searchParams)),
    nullableParams: nullable(params),
    ...(body.length > 0 && { body: { bytes: body } }),
  };
  const result = await options.invoke({ fn, params, headers, http }, invocationId);
  const { bytes, string, json } = result.body ?? {};
  response
    .writeHead(Number(result.statusCode ?? 200), { ...result.headers })
    .end(bytes ?? string ?? json);
}

function forwardRequest(call: {
  target: string;
  request: IncomingMessage;
  body: Buffer;
  invocationId: string;
  response: ServerResponse;
}): Promise<void> {
  const { target, request, body, invocationId, response } = call;
  return new Promise((resolve, reject) => {
    const headers = {
      ...request.headers,
      'x-ms-invocation-id': invocationId,
      'x-forwarded-host': request.headers.host,
      'x-forwarded-proto': 'http',
    };
    const url = new URL(request.url ?? '/', target);
    const proxied = forward(url, { method: request.method ?? 'GET', headers }, (from) => {
      response.writeHead(from.statusCode ?? 502, from.headers);
      from.pipe(response).on('finish', resolve);
    });
    proxied.on('error', reject);
    proxied.end(body);
  });
}

function findRoute(
  request: IncomingMessage,
  url: URL,
  { functions, routePrefix }: HttpDoorOptions,
): { fn: IndexedFunction; params: Record<string, string> } | undefined {
  for (const fn of functions()) {
    const { type, route = fn.name, methods } = fn.trigger;
    if (type.toLowerCase() !== 'httptrigger') continue;
    if (methods && !methods.some((each) => each.toUpperCase() === request.method)) continue;
    const template = [routePrefix, route].filter((part) => part !== '').join('/');
    const params = matchRoute(template, url.pathname);
    if (params !== undefined) return { fn, params };
  }
  return undefined;
}

/** Literal segments, `{name}`, `{name?}` and `{*rest}`. */
function matchRoute(template: string, pathname: string): Record<string, string> | undefined {
  const names: string[] = [];
  const pattern = template
    .split('/')
    .map((segment) => {
      const [, star, name, optional] = /^\{(\*?)(\w+)(?::\w+)?(\??)\}$/.exec(segment) ?? [];
      if (name === undefined) return `/${segment}`;
      names.push(name);
      if (star === '*') return '(?:/(.*))?';
      return optional === '?' ? '(?:/([^/]+))?' : '/([^/]+)';
    })
    .join('');
  const match = new RegExp(`^${pattern}/?$`, 'i').exec(pathname);
  if (match === null) return undefined;
  const params: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const value = match[index + 1];
    if (value !== undefined && value !== '') params[name] = decodeURIComponent(value);
  }
  return params;
}

function nullable(values: Readonly<Record<string, string>>): object {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
