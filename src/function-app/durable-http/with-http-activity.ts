/**
 * Durable HTTP: carries out `BuiltIn::HttpActivity` here and leaves everything else to the app's invoker, so that the engine
 * knows no HTTP. One activity is one request with its redirects; polling is the orchestration's (core/replay-actions/http-call.ts).
 * Statuses of all kinds are results; what gets no answer fails. Mirrors TaskHttpActivityShim of the extension.
 */
import { MAX_TIMER_MS } from '../../base/clock.ts';
import { formatTimeSpan } from '../../base/timespan.ts';
import type { W3cTrace } from '../../base/w3c-trace.ts';
import { HTTP_ACTIVITY } from '../../core/replay/http-call.ts';
import type {
  ActivityInvocation,
  ActivityOutcome,
  FunctionInvoker,
} from '../../engine/function-invoker.ts';
import { sendingHttpRequest } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { exceptionJson } from '../activity-trigger.ts';
import { describeThrown } from '../failure-text.ts';
import { createHttpClient, type HttpClient, type HttpMessage } from './http-client.ts';
import { type HttpHeader, isNamed } from './http-headers.ts';
import { sendFollowingRedirects, type FinalAnswer } from './http-redirects.ts';
import { type DurableHttpRequest, parseHttpRequest } from './http-request.ts';
import { httpResult } from './http-result.ts';
import { withRetries } from './http-retry.ts';
import type { TokenProvider } from './token-source.ts';
import { TransportError } from './transport-error.ts';

export interface HttpActivityOptions {
  readonly log: Logger;
  /** Gets the tokens that a `tokenSource` asks for. */
  readonly tokens: TokenProvider;
  /** Sends one request. @default over the network */
  readonly client?: HttpClient;
  /** Sent unless the request has its own. @default 'durable-functions-extension' */
  readonly userAgent?: string;
  /** For requests without `timeout`. @default 100 000, as of HttpClient */
  readonly defaultTimeoutMs?: number;
  /** Of an answer; a larger one is a failure. @default 100 MiB */
  readonly maxBodyBytes?: number;
  /** What the pauses between the attempts of one request may take together. @default 10 minutes */
  readonly maxRetryPausesMs?: number;
}

const DEFAULT_USER_AGENT = 'durable-functions-extension';
const DEFAULT_TIMEOUT_MS = 100_000;
const DEFAULT_MAX_BODY_BYTES = 100 * 1024 * 1024;

export function withHttpActivity(
  invoker: FunctionInvoker,
  options: HttpActivityOptions,
): FunctionInvoker {
  const activity = new HttpActivity(options);
  return {
    get functions() {
      return invoker.functions;
    },
    openOrchestration: (invocation) => invoker.openOrchestration(invocation),
    runActivity: (invocation) =>
      invocation.functionName.toLowerCase() === HTTP_ACTIVITY.toLowerCase()
        ? activity.run(invocation)
        : invoker.runActivity(invocation),
    runEntity: (invocation) => invoker.runEntity(invocation),
  };
}

class HttpActivity {
  readonly #options: HttpActivityOptions;
  readonly #maxBodyBytes: number;
  readonly #client: HttpClient;

  constructor(options: HttpActivityOptions) {
    this.#options = options;
    this.#maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
    this.#client = options.client ?? createHttpClient(this.#maxBodyBytes);
  }

  async run({ instanceId, input, trace }: ActivityInvocation): Promise<ActivityOutcome> {
    try {
      const request = parseHttpRequest(input);
      const answer = await withRetries(
        request.retry,
        () => this.#attempt(request, instanceId, trace),
        this.#options.maxRetryPausesMs,
      );
      return { kind: 'completed', result: await httpResult(answer, this.#maxBodyBytes) };
    } catch (error) {
      // Whatever it is, it is this request that failed, and the orchestrator that may catch it.
      const { message } = describeThrown(error);
      const details = JSON.stringify(exceptionJson(message));
      return { kind: 'failed', reason: message, details, failureDetails: null };
    }
  }

  #attempt(
    request: DurableHttpRequest,
    instanceId: string,
    trace: W3cTrace | undefined,
  ): Promise<FinalAnswer> {
    return this.#inTime(request, async (signal) => {
      const { token } = request;
      const bearer = token && (await this.#options.tokens(token, signal));
      signal.throwIfAborted();
      const message = this.#messageOf(request, bearer, trace);
      sendingHttpRequest(this.#options.log, {
        instanceId,
        httpMethod: message.method,
        requestUri: `${message.url.origin}${message.url.pathname}`,
        queryParameterNames: [...message.url.searchParams.keys()].join(', '),
      });
      return sendFollowingRedirects(this.#client, message, signal);
    });
  }

  #messageOf(
    request: DurableHttpRequest,
    bearer: string | undefined,
    trace: W3cTrace | undefined,
  ): HttpMessage {
    const { method, url, headers, content } = request;
    const has = (name: string): boolean => headers.some((header) => isNamed(header, name));
    const own: HttpHeader[] = [];
    if (!has('user-agent')) {
      own.push({ name: 'User-Agent', values: [this.#options.userAgent ?? DEFAULT_USER_AGENT] });
    }
    if (content !== undefined) own.push({ name: 'Content-Type', values: [content.type] });
    if (bearer !== undefined) own.push({ name: 'Authorization', values: [`Bearer ${bearer}`] });
    if (trace !== undefined && !has('traceparent')) own.push(...traceHeaders(trace, has));
    const isReplaced = (header: HttpHeader): boolean =>
      bearer !== undefined && isNamed(header, 'authorization');
    return {
      method,
      url,
      headers: [...headers.filter((header) => !isReplaced(header)), ...own],
      body: content && Buffer.from(content.text, 'utf8'),
    };
  }

  /** Runs `work` with a signal that fires when its time is over, and does not wait for it any longer. */
  async #inTime<Value>(
    { timeoutMs }: DurableHttpRequest,
    work: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> {
    const limitMs = timeoutMs ?? this.#options.defaultTimeoutMs ?? DEFAULT_TIMEOUT_MS;
    const over = new AbortController();
    const timer = setTimeout(
      () => {
        over.abort(timeoutError(timeoutMs, limitMs));
      },
      Math.min(limitMs, MAX_TIMER_MS),
    );
    const late = new Promise<never>((_, reject) => {
      over.signal.addEventListener('abort', () => {
        reject(over.signal.reason as Error);
      });
    });
    try {
      return await Promise.race([work(over.signal), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** In lower case, as an SDK that watches requests writes them: it puts its own in place of these. */
function traceHeaders(
  { traceParent, traceState }: W3cTrace,
  has: (name: string) => boolean,
): HttpHeader[] {
  const headers = [{ name: 'traceparent', values: [traceParent] }];
  if (traceState !== null && !has('tracestate')) {
    headers.push({ name: 'tracestate', values: [traceState] });
  }
  return headers;
}

/** In the words of .NET: of the extension for a time-out that the request gave, of HttpClient for the default. */
function timeoutError(givenMs: number | undefined, limitMs: number): TransportError {
  return new TransportError(
    givenMs === undefined
      ? `The request was canceled due to the configured HttpClient.Timeout of ${limitMs / 1000} seconds elapsing.`
      : `The operation was canceled. Reached user specified timeout: ${formatTimeSpan(givenMs)}.`,
  );
}
