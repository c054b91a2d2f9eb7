/**
 * The one step that we add to the pipelines of the official clients, inside their retries: every request goes through one
 * pool of kept connections, names a service version that emulators know, and is counted. One whose connection turns out to be
 * dead is sent once more at once, on a new one: nobody has got it.
 */
import type { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { TableServiceClientOptions } from '@azure/data-tables';
import type { AnswerListener, RequestListener } from './request-listener.ts';
import { Throttle } from './throttle.ts';
import { belongsTo, type StorageHealth, type StorageKind } from './storage-health.ts';
import { freeSockets, KeptConnections } from './kept-connections.ts';
import { ANSWER_TIMEOUT_MS, limitSilence } from './answer-limit.ts';
import { escapeUnit } from '../data-contract/contract-json.ts';

export type PipelinePolicy = NonNullable<
  TableServiceClientOptions['additionalPolicies']
>[number]['policy'];
type PipelineRequest = Parameters<PipelinePolicy['sendRequest']>[0];

/**
 * Sent instead of the clients' newest version: nothing newer is used here, and emulators reject versions that are younger
 * than they are unless told not to look.
 */
const SERVICE_VERSION = '2021-12-02';
/** Servers drop connections that were idle for 5 s (Node's default, and Azurite's); ours go first. */
const IDLE_TIMEOUT_MS = 4_000;

export class ConnectionPool {
  readonly #http: KeptConnections;
  readonly #https: HttpsAgent;

  /** @param answerTimeoutMs for so long nothing may come while an answer is due. @default 45 000 */
  constructor(idleTimeoutMs = IDLE_TIMEOUT_MS, answerTimeoutMs = ANSWER_TIMEOUT_MS) {
    this.#http = new KeptConnections(Math.min(idleTimeoutMs, answerTimeoutMs));
    this.#https = new HttpsAgent({ keepAlive: true, timeout: answerTimeoutMs });
    limitSilence(this.#http, answerTimeoutMs);
    limitSilence(this.#https, answerTimeoutMs);
  }

  agentFor(url: string): HttpAgent {
    if (url.startsWith('https:')) return this.#https;
    this.#http.dropStale();
    return this.#http;
  }

  /** Where one connection was dead, the others that were idle may be, too: what comes next begins with new ones. */
  renew(): void {
    for (const socket of [...freeSockets(this.#http), ...freeSockets(this.#https)])
      socket.destroy();
  }
}

export interface RequestWatch {
  readonly onRequest?: RequestListener | undefined;
  readonly health?: StorageHealth | undefined;
  readonly onAnswer?: AnswerListener | undefined;
}

/** Whether the service could not, or does not want to, do anything for us at the moment: it is broken, busy, or does not know us. */
export function isRefused(status: number): boolean {
  return status >= 500 || status === 429 || status === 401 || status === 403;
}

/** Of one service. */
export function requestPolicy(
  kind: StorageKind,
  pool: ConnectionPool,
  { onRequest, health, onAnswer }: RequestWatch,
): PipelinePolicy {
  const throttle = new Throttle();
  return {
    name: 'taskHubRequestPolicy',
    async sendRequest(request, next) {
      // A proxy's agent, when the environment names one, was set before.
      if (request.agent === undefined || !isProxied(request.url)) {
        request.agent = pool.agentFor(request.url);
      }
      if (kind !== 'table') request.headers.set('x-ms-version', SERVICE_VERSION);
      else escapeLetters(request);
      const operation = OPERATIONS[kind](request);
      onRequest?.(kind, operation);
      const asked = { kind, isStoring: STORING.has(operation) };
      if (health) belongsTo(request, { ...asked, health });
      if (throttle.isClosed) await throttle.open(request.abortSignal);
      const sentMs = health?.clock.now() ?? 0;
      try {
        const response = await sendOnLiveConnection(pool, () => next(request));
        health?.clock.answered(response.headers.get('date'), sentMs);
        throttle.told(response);
        onAnswer?.(kind, operation, response.status);
        if (isRefused(response.status)) health?.requestFailed(asked);
        else health?.answered(asked);
        return response;
      } catch (error) {
        if (request.abortSignal?.aborted !== true) {
          health?.requestFailed(asked);
          onAnswer?.(kind, operation, undefined);
        }
        throw error;
      }
    },
  };
}

/** The clients would also ask a proxy for what only this machine can reach, and for what was meant to need no `https:`. */
function isProxied(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' && !LOOPBACK.test(hostname);
}

const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/i;

/** The proxy that the request went to, without user and password; undefined when there was none. */
export function proxyOf({ agent }: Pick<PipelineRequest, 'agent'>): string | undefined {
  const { proxy } = (agent ?? {}) as { readonly proxy?: unknown };
  return proxy instanceof URL ? proxy.origin : undefined;
}

function sendOnLiveConnection<Response>(
  pool: ConnectionPool,
  send: () => Promise<Response>,
): Promise<Response> {
  return send().catch((error: unknown) => {
    if (!hasCode(error, ['EPIPE', 'ECONNRESET'])) throw error;
    pool.renew();
    // What was cut off later may have been done: the clients and the engine know how to try that again.
    if (!hasCode(error, ['EPIPE'])) throw error;
    return send();
  });
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code);
}

/** What JSON may write as an escape. Azurite breaks letters of several bytes that lie where two packets of a body meet. */
const NOT_ASCII = /[\u0080-\uffff]/g;
/** Azurite reads a batch whole, but line by line, and these end lines too. Everything else stays, to keep batches short. */
const LINE_SEPARATORS = /[\u2028\u2029]/g;

/** The .NET client escapes all letters in its requests to tables, and so never met these faults. */
function escapeLetters(request: PipelineRequest): void {
  const { body, headers } = request;
  if (typeof body !== 'string') return;
  const isBatch = headers.get('Content-Type')?.startsWith('multipart/') === true;
  const escaped = body.replace(isBatch ? LINE_SEPARATORS : NOT_ASCII, escapeUnit);
  request.body = escaped;
  headers.set('Content-Length', Buffer.byteLength(escaped));
}

/** From host to query. Asked for at every request: a URL takes longer to parse than all else here. */
function pathOf(url: string): string {
  const [beforeQuery = ''] = url.split('?', 1);
  return beforeQuery.slice(beforeQuery.indexOf('/', beforeQuery.indexOf('//') + 2));
}

/** See `AskedFor`. */
const STORING: ReadonlySet<string> = new Set([
  'put',
  'batch',
  'insert',
  'upsert',
  'replace',
  'merge',
]);

const OPERATIONS: Record<StorageKind, (request: PipelineRequest) => string> = {
  queue({ method, url }) {
    const path = pathOf(url);
    if (!path.includes('/messages')) return method === 'PUT' ? 'create-queue' : 'delete-queue';
    switch (method) {
      case 'POST':
        return 'put';
      case 'GET':
        return 'get';
      case 'PUT':
        return 'update';
      default:
        return 'delete';
    }
  },
  table({ method, url, headers }) {
    const path = pathOf(url);
    if (path.endsWith('/$batch')) return 'batch';
    if (path.endsWith('/Tables')) return 'create-table';
    if (/\/Tables\('/.test(path)) return 'delete-table';
    switch (method) {
      case 'GET':
        return 'query';
      case 'POST':
        return 'insert';
      case 'DELETE':
        return 'delete';
      case 'PUT':
        return headers.has('If-Match') ? 'replace' : 'upsert';
      default:
        return 'merge';
    }
  },
  blob({ method, url }) {
    const { searchParams } = new URL(url);
    if (searchParams.get('comp') === 'list') return 'list';
    if (searchParams.get('comp') === 'lease') return 'lease';
    const target = searchParams.get('restype') === 'container' ? '-container' : '';
    switch (method) {
      case 'PUT':
        return target === '' ? 'put' : 'create-container';
      case 'GET':
      case 'HEAD':
        return `get${target}`;
      default:
        return `delete${target}`;
    }
  },
};
