/**
 * HTTP functions of an app with `enableHttpStream`: the library listens on a loopback port (capability `HttpUri`) and takes request
 * and response there as streams, while the invocation itself travels as usual and carries no HTTP data. Mirrors
 * DefaultHttpProxyService and GrpcWorkerChannel of the host, but for one trap: a handler that throws or returns nothing never answers
 * the forwarded request, and the official host then waits for minutes. Here the end of the invocation ends the wait: 500 or 204.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { FunctionApp } from '../function-app/function-app.ts';
import type { LoadedFunction } from '../function-app/function-declaration.ts';
import { type Forward, startForward } from './http-forward.ts';
import { httpTriggerMetadata, traceContextOf } from './request-data.ts';
import type { RouteValues } from './route-match.ts';
import { CALLED_BY_HOST_API, runFunction } from './run-function.ts';

export interface StreamingCall {
  readonly app: Pick<FunctionApp, 'invoke'>;
  readonly fn: LoadedFunction;
  readonly request: Request;
  readonly values: RouteValues;
  /** `http://localhost:<port>/` */
  readonly httpUri: string;
  readonly log: Logger;
}

/** A response written just before the invocation ended is still on its way through the loopback socket for this long at most. */
const HEAD_GRACE_MS = 100;
/** Turns of the event loop that read sockets, in case that timers ran late because user code held the loop. */
const HEAD_GRACE_TURNS = 3;

/** Resolves with the head of the response; its body still streams. */
export async function forwardStreaming(call: StreamingCall): Promise<Response> {
  const { app, fn, request, values, log } = call;
  const invocationId = randomUUID();
  const forward = startForward(request, call.httpUri, invocationId);
  const ended = runFunction(
    app,
    fn,
    {
      invocationId,
      triggerData: { http: {} },
      triggerMetadata: httpTriggerMetadata(request, values, new Uint8Array()),
      ...traceContextOf(request.headers),
    },
    CALLED_BY_HOST_API,
    log,
  );
  // Whoever reads the answer must not take its beginning for the whole: its connection is cut.
  const cutWhenFailed = (head: IncomingMessage): void => {
    void ended.then(({ kind }) => {
      if (kind === 'failed') head.destroy(new Error(`The function '${fn.name}' failed half-way.`));
    });
  };
  try {
    const first = await Promise.race([forward.head, ended.then(({ kind }) => kind)]);
    if (typeof first === 'object') {
      cutWhenFailed(first);
      return toResponse(first, request.method);
    }
    if (first === 'succeeded') {
      const late = await headAfterEnd(forward);
      if (late !== undefined) return toResponse(late, request.method);
    }
    forward.abort();
    return new Response(null, { status: first === 'succeeded' ? 204 : 500 });
  } catch (error) {
    text(
      log,
      'error',
      `Function.${fn.name}`,
      `Failed to proxy the request of function '${fn.name}' to ${call.httpUri}: ${String(error)}`,
      error,
    );
    return new Response(null, { status: 500 });
  }
}

async function headAfterEnd(forward: Forward): Promise<IncomingMessage | undefined> {
  const pause = async (): Promise<undefined> => {
    await setTimeout(HEAD_GRACE_MS);
    for (let turn = 0; turn < HEAD_GRACE_TURNS; turn++) await setImmediate();
  };
  return Promise.race([forward.head, pause()]);
}

const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

function toResponse(head: IncomingMessage, method: string): Response {
  const headers = new Headers();
  for (const [name, values] of Object.entries(head.headersDistinct)) {
    if (HOP_BY_HOP.has(name)) continue;
    for (const value of values ?? []) headers.append(name, value);
  }
  const status = head.statusCode ?? 200;
  const hasBody = ![204, 205, 304].includes(status) && method !== 'HEAD';
  if (!hasBody) head.resume();
  const body = hasBody ? (Readable.toWeb(head) as ReadableStream<Uint8Array>) : null;
  return new Response(body, { status, headers });
}
