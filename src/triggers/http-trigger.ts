/**
 * The door of the app's own HTTP functions: finds the function of a request, runs it and turns its answer into a Response.
 * No sockets here; the host serves it beside its own endpoints, which come first.
 */
import { TooManyBytesError } from '../base/bounded-bytes.ts';
import { errorText, text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { type AuthLevel, type HttpRoute, buildHttpRoutes, findRoute } from './http-routes.ts';
import type { FunctionApp, FunctionProblem } from '../function-app/function-app.ts';
import { httpTriggerMetadata, readBody, toRpcHttp, traceContextOf } from './request-data.ts';
import { toResponse } from './http-response.ts';
import { forwardStreaming } from './http-streaming.ts';
import type { RouteValues } from './route-match.ts';
import { SlowPatternError } from './timed-pattern.ts';
import { CALLED_BY_HOST_API, runFunction } from './run-function.ts';

export interface HttpTriggerOptions {
  readonly app: Pick<FunctionApp, 'functions' | 'capabilities' | 'invoke'>;
  /** `extensions.http.routePrefix`; empty for none. */
  readonly routePrefix: string;
  /** `extensions.http.customHeaders`, added to every answer that lacks them. */
  readonly customHeaders: Readonly<Record<string, string>>;
  /** Whether a request may call a function; `admin` may call disabled ones too. @default everybody may call every one that is enabled */
  readonly authorize?: (
    request: Request,
    fn: { readonly functionName: string; readonly authLevel: AuthLevel },
  ) => Promise<'admin' | 'granted' | 'denied'>;
  readonly log: Logger;
  /** `FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`. @default 104857600 */
  readonly maxRequestBodyBytes?: number;
}

/** For the list that `func start` prints: `Hello: [GET,POST] http://localhost:7071/api/hello/{name}`. */
export interface HttpEndpoint {
  readonly functionName: string;
  /** Upper case; empty: all, and nothing is printed in brackets. */
  readonly methods: readonly string[];
  /** The route with its prefix: `/api/hello/{name}`. */
  readonly path: string;
}

export interface HttpTriggerHandler {
  readonly problems: readonly FunctionProblem[];
  /** Functions that are enabled, in the order in which routes are tried. */
  readonly endpoints: readonly HttpEndpoint[];
  /** Undefined: no function has this route. Never rejects for what a function or a client does wrong. */
  handle(request: Request): Promise<Response | undefined>;
}

export function createHttpTriggerHandler(options: HttpTriggerOptions): HttpTriggerHandler {
  const { routes, problems } = buildHttpRoutes(options.app.functions, options.routePrefix);
  return {
    problems,
    endpoints: routes
      .filter(({ fn }) => !fn.isDisabled)
      .map(({ fn, methods, template }) => ({
        functionName: fn.name,
        methods,
        path: `/${template.text.replace(/^\/+/, '')}`,
      })),
    async handle(request) {
      let found: ReturnType<typeof findRoute>;
      try {
        found = findRoute(routes, request.method, new URL(request.url).pathname);
      } catch (error) {
        if (!(error instanceof SlowPatternError)) throw error;
        text(options.log, 'error', 'Host.General', `No route was found: ${error.message}`);
        return new Response(null, { status: 500 });
      }
      if (found === undefined) return undefined;
      const status = await refusalOf(options, request, found.route);
      const response =
        status === undefined
          ? await answer(options, request, found.route, found.values)
          : new Response(null, { status });
      return finish(options, request, response);
    },
  };
}

/** The status of the answer to who may not call; undefined for who may. Mirrors FunctionInvocationMiddleware. */
async function refusalOf(
  { authorize, log }: HttpTriggerOptions,
  request: Request,
  { fn, authLevel }: HttpRoute,
): Promise<401 | 404 | 500 | undefined> {
  try {
    const access = (await authorize?.(request, { functionName: fn.name, authLevel })) ?? 'granted';
    if (access === 'denied') return 401;
    return fn.isDisabled && access !== 'admin' ? 404 : undefined;
  } catch (error) {
    const message = `The keys for function '${fn.name}' could not be looked up: ${errorText(error)}`;
    text(log, 'error', `Function.${fn.name}`, message, error);
    return 500;
  }
}

async function answer(
  options: HttpTriggerOptions,
  request: Request,
  route: HttpRoute,
  values: RouteValues,
): Promise<Response> {
  const { app, log } = options;
  const httpUri = app.capabilities['HttpUri'];
  try {
    if (httpUri !== undefined) {
      return await forwardStreaming({ app, fn: route.fn, request, values, httpUri, log });
    }
    const body = await readBody(request, options.maxRequestBodyBytes ?? 104_857_600);
    const outcome = await runFunction(
      app,
      route.fn,
      {
        triggerData: toRpcHttp(request, values, body),
        triggerMetadata: httpTriggerMetadata(request, values, body),
        ...traceContextOf(request.headers),
      },
      CALLED_BY_HOST_API,
      log,
    );
    return toResponse(route.fn, outcome, request.headers.get('accept'));
  } catch (error) {
    if (error instanceof TooManyBytesError) return new Response(null, { status: 413 });
    text(
      log,
      'error',
      `Function.${route.fn.name}`,
      `The request to function '${route.fn.name}' could not be answered: ${String(error)}`,
      error,
    );
    return new Response(null, { status: 500 });
  }
}

/** What the host adds to every answer; headers that the function set stay. A HEAD request gets no body. */
function finish(options: HttpTriggerOptions, request: Request, answered: Response): Response {
  const { status, headers } = answered;
  // Only HEAD is copied: a copied body would be a stream, and the server would not know its length.
  const response = request.method === 'HEAD' ? new Response(null, { status, headers }) : answered;
  for (const [name, value] of Object.entries(options.customHeaders)) {
    if (!response.headers.has(name)) response.headers.set(name, value);
  }
  return response;
}
