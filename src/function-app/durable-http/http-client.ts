/**
 * One HTTP exchange over node:http, which unlike `fetch` keeps the case of header names, repeated headers and redirects as they
 * came. Connections are kept for the next request; idle ones do not keep the process alive.
 */
import http from 'node:http';
import https from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { boundedBytes, TooManyBytesError } from '../../base/bounded-bytes.ts';
import { groupRawHeaders, type HttpHeader } from './http-headers.ts';
import { TransportError, transportError } from './transport-error.ts';

export interface HttpMessage {
  readonly method: string;
  readonly url: URL;
  /** Content-Type among them. */
  readonly headers: readonly HttpHeader[];
  readonly body: Buffer | undefined;
}

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: readonly HttpHeader[];
  readonly body: Buffer;
}

/**
 * Sends a message and reads the whole answer; redirects are answers.
 * @throws {TransportError}
 * @throws the reason of `signal` once it aborts.
 */
export type HttpClient = (message: HttpMessage, signal: AbortSignal) => Promise<HttpAnswer>;

/** Of an answer, together; the limit of HttpClient. Node's own is 16 KiB. */
const MAX_HEADER_BYTES = 64 * 1024;

/** How long an idle connection is kept. */
const IDLE_MS = 30_000;

/** @param maxBodyBytes of an answer; a larger one is an error. */
export function createHttpClient(maxBodyBytes: number): HttpClient {
  const options = { keepAlive: true, timeout: IDLE_MS };
  const agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
  return async (message, signal) => {
    const agent = message.url.protocol === 'https:' ? agents['https:'] : agents['http:'];
    const sending = { message, signal, maxBodyBytes };
    try {
      return await send({ ...sending, agent });
    } catch (error) {
      if (!(error instanceof StaleConnectionError)) throw error;
      return await send({ ...sending, agent: false });
    }
  };
}

/** The peer had closed a kept connection before the request reached it: it was not processed. */
class StaleConnectionError extends TransportError {}

interface Sending {
  readonly message: HttpMessage;
  readonly signal: AbortSignal;
  readonly maxBodyBytes: number;
  /** false for a connection of its own. */
  readonly agent: http.Agent | false;
}

function send({ message, signal, maxBodyBytes, agent }: Sending): Promise<HttpAnswer> {
  const { method, url, headers, body } = message;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const { request: open } = url.protocol === 'https:' ? https : http;
    const request = open({
      ...urlToHttpOptions(url),
      method,
      agent,
      signal,
      maxHeaderSize: MAX_HEADER_BYTES,
      headers: {
        ...Object.fromEntries(headers.map(({ name, values }) => [name, oneOrAll(values)])),
        ...(body === undefined ? {} : { 'Content-Length': body.byteLength }),
      },
    });
    let isAnswered = false;
    const fail = (error: unknown): void => {
      if (signal.aborted) reject(signal.reason as Error);
      else if (error instanceof TransportError) reject(error);
      else if (!isAnswered && request.reusedSocket && isReset(error)) {
        reject(new StaleConnectionError('Connection reset by peer', { cause: error }));
      } else reject(transportError(error, url));
    };
    request.on('error', fail);
    request.on('response', (response) => {
      isAnswered = true;
      readBody(response, maxBodyBytes).then((read) => {
        resolve({
          statusCode: response.statusCode ?? 0,
          headers: groupRawHeaders(response.rawHeaders),
          body: read,
        });
      }, fail);
    });
    // Comes last; without an error and an answer when the peer switches protocols, for one.
    request.on('close', () => {
      if (!isAnswered) fail(new Error('the connection was closed without an answer'));
    });
    request.end(body);
  });
}

async function readBody(response: http.IncomingMessage, maxBytes: number): Promise<Buffer> {
  try {
    return await boundedBytes(response as AsyncIterable<Buffer>, maxBytes);
  } catch (error) {
    if (!(error instanceof TooManyBytesError)) throw error;
    throw new TransportError(
      `The answer is larger than the ${maxBytes} bytes that callHttp reads.`,
      { cause: error },
    );
  }
}

function isReset(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function oneOrAll(values: readonly string[]): string | string[] {
  return values.length === 1 ? (values[0] ?? '') : [...values];
}
