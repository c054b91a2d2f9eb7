/**
 * Sends a web-standard Request on to a loopback port, body streamed. Uses node:http, as fetch refuses GET bodies and hides some headers.
 * Mirrors YARP's forwarder with its default transforms, and RetryProxyHandler: a port that does not listen yet is tried again.
 */
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Forward {
  /** Rejects when the port cannot be reached or the connection breaks before the head. */
  readonly head: Promise<IncomingMessage>;
  /** Gives up waiting; `head` stays unsettled. */
  abort(): void;
}

const CONNECT_ATTEMPTS = 10;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 250;
/** Set anew by node:http, or meant for the connection that the request came on. */
const DROPPED_HEADERS: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

export function startForward(request: Request, baseUrl: string, invocationId: string): Forward {
  const incoming = new URL(request.url);
  const target = new URL(`${incoming.pathname}${incoming.search}`, baseUrl);
  const headers = forwardedHeaders(request, incoming, invocationId);
  const state: State = { isAborted: false, current: undefined };
  const head = new Promise<IncomingMessage>((resolve, reject) => {
    const settle = { resolve, reject };
    attempt({ request, target, headers, state, settle }, 1);
  });
  return {
    head,
    abort() {
      state.isAborted = true;
      state.current?.destroy();
    },
  };
}

interface State {
  isAborted: boolean;
  current: ClientRequest | undefined;
}

interface Attempt {
  readonly request: Request;
  readonly target: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly state: State;
  readonly settle: {
    readonly resolve: (head: IncomingMessage) => void;
    readonly reject: (error: unknown) => void;
  };
}

function attempt(given: Attempt, count: number): void {
  const { request, target, headers, state, settle } = given;
  if (state.isAborted) return;
  const outgoing = httpRequest(target, { method: request.method, headers, agent: false });
  state.current = outgoing;
  let isConnected = false;
  outgoing.on('socket', (socket) => {
    socket.once('connect', () => {
      isConnected = true;
      sendBody(request, outgoing, state, settle.reject);
    });
  });
  outgoing.on('response', settle.resolve);
  outgoing.on('error', (error) => {
    if (state.isAborted) return;
    if (isConnected || count === CONNECT_ATTEMPTS) {
      settle.reject(error);
      return;
    }
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (count - 1), LONGEST_PAUSE_MS);
    setTimeout(() => {
      attempt(given, count + 1);
    }, pause);
  });
}

/** Only once connected: a body can be read one time, so that a refused connection must not have taken any of it. */
function sendBody(
  request: Request,
  outgoing: ClientRequest,
  state: State,
  reject: (error: unknown) => void,
): void {
  if (request.body === null) {
    outgoing.end();
    return;
  }
  const body = Readable.fromWeb(request.body);
  pipeline(body, outgoing).catch((error: unknown) => {
    if (!state.isAborted) reject(error);
  });
}

function forwardedHeaders(
  request: Request,
  incoming: URL,
  invocationId: string,
): Record<string, string> {
  const headers = [...request.headers].filter(([name]) => !DROPPED_HEADERS.has(name));
  const hasLength = request.body === null || request.headers.has('content-length');
  return {
    ...Object.fromEntries(headers),
    ...(hasLength ? {} : { 'transfer-encoding': 'chunked' }),
    'x-ms-invocation-id': invocationId,
    'x-forwarded-host': incoming.host,
    'x-forwarded-proto': incoming.protocol.slice(0, -1),
  };
}
