/** A server of the test's own, and the HTTP activity to call it with. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { W3cTrace } from '../../../src/base/w3c-trace.ts';
import type { ActivityOutcome, FunctionInvoker } from '../../../src/engine/function-invoker.ts';
import {
  withHttpActivity,
  type HttpActivityOptions,
} from '../../../src/function-app/durable-http/with-http-activity.ts';
import { silentLogger } from '../../../src/telemetry/log.ts';
import { ScriptedInvoker } from '../../support/scripted-invoker.ts';

export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpPeer {
  /** `http://127.0.0.1:1234` */
  readonly origin: string;
  readonly requests: ReceivedRequest[];
  close(): Promise<void>;
}

export type Respond = (response: http.ServerResponse, request: ReceivedRequest) => void;

/**
 * @param respond path → answer.
 * @param otherwise answers any other path. @default 200 `ok`
 */
export async function startPeer(
  respond: Readonly<Record<string, Respond>> = {},
  otherwise: Respond = (response) => response.end('ok'),
): Promise<HttpPeer> {
  const requests: ReceivedRequest[] = [];
  const server = http.createServer((incoming, response) => {
    let body = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => (body += chunk));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const request = { method, url, headers, body };
      requests.push(request);
      const answer = respond[url.split('?')[0] ?? ''] ?? otherwise;
      answer(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

export const status =
  (code: number, headers: http.OutgoingHttpHeaders = {}, body = ''): Respond =>
  (response) => {
    response.writeHead(code, headers).end(body);
  };

const noTokens = (): Promise<string> => Promise.reject(new Error('This test has no tokens.'));

export function httpInvoker(options: Partial<HttpActivityOptions> = {}): FunctionInvoker {
  return withHttpActivity(new ScriptedInvoker({}), {
    log: silentLogger,
    tokens: noTokens,
    ...options,
  });
}

export function callHttp(
  request: unknown,
  options: Partial<HttpActivityOptions> = {},
  trace?: W3cTrace,
): Promise<ActivityOutcome> {
  return httpInvoker(options).runActivity({
    functionName: 'BuiltIn::HttpActivity',
    instanceId: 'inst',
    input: JSON.stringify([request]),
    trace,
  });
}

export interface StoredAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly content: string;
}

/** The answer of a call. @throws {Error} when it failed. */
export async function answerOf(call: Promise<ActivityOutcome>): Promise<StoredAnswer> {
  const outcome = await call;
  if (outcome.kind === 'failed') throw new Error(outcome.reason);
  return JSON.parse(outcome.result ?? '') as StoredAnswer;
}

/** Why a call failed. @throws {Error} when it did not. */
export async function reasonOf(call: Promise<ActivityOutcome>): Promise<string> {
  const outcome = await call;
  if (outcome.kind === 'completed') throw new Error(`The call gave ${String(outcome.result)}.`);
  return outcome.reason;
}
