/**
 * Everything behind the public port, in the order of the Functions host: what is built in comes before the functions, so that
 * no route of the app can hide it.
 */
import { errorText, text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { ADMIN_BASE_PATH } from './admin/admin-app.ts';
import { isBelow } from './canonical-path.ts';
import { nativeRequest } from './native-request.ts';
import { emptyResponse, type FetchHandler } from './responses.ts';

interface BuiltIn {
  /** Without trailing slash; compared ignoring case. */
  readonly basePath: string;
  readonly app: FetchHandler;
}

export interface HostAppOptions {
  /** The management API, at each of its addresses, and what else is called by programs. */
  readonly webhooks: readonly BuiltIn[];
  /** Under `/admin`. */
  readonly admin: FetchHandler;
  /** What is asked only when no function of the app has the route; undefined when it is for nothing of the host either. */
  readonly afterFunctions?: (
    request: Request,
  ) => Promise<Response | undefined> | Response | undefined;
  /** The routes of the app's functions; undefined when none matches. */
  readonly fallback: (request: Request) => Promise<Response | undefined>;
  /** Where `/dashboard` leads, unless the app has a function there. @default nowhere */
  readonly dashboard?: string | undefined;
  /** Whether `/` shows a page; it answers 204 otherwise. @default true */
  readonly hasHomePage?: boolean;
  readonly log: Logger;
}

/** Webhooks of extensions that are not there, and admin routes that we do not have, never reach functions. */
const RESERVED = '/runtime/webhooks';

export function createHostApp(options: HostAppOptions): FetchHandler {
  const builtIns: readonly BuiltIn[] = [
    ...options.webhooks,
    { basePath: ADMIN_BASE_PATH, app: options.admin },
    { basePath: RESERVED, app: { fetch: () => emptyResponse(404) } },
  ];
  const answer = async (request: Request, pathname: string): Promise<Response> => {
    const builtIn = builtIns.find(({ basePath }) => isBelow(pathname, basePath));
    if (builtIn) return await builtIn.app.fetch(request);
    if (pathname === '/') {
      return options.hasHomePage === false ? emptyResponse(204) : homePage(options.dashboard);
    }
    const answered = await options.fallback(nativeRequest(request));
    return answered ?? (await options.afterFunctions?.(request)) ?? notFound(pathname, options);
  };
  return {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      try {
        return await answer(request, pathname);
      } catch (error) {
        const message = `${request.method} ${pathname} failed: ${errorText(error)}`;
        text(options.log, 'error', 'Host.General', message, error);
        return emptyResponse(500);
      }
    },
  };
}

function notFound(pathname: string, { dashboard }: HostAppOptions): Response {
  if (dashboard === undefined || pathname.toLowerCase().replace(/\/$/, '') !== DASHBOARD_PATH)
    return emptyResponse(404);
  return new Response(null, {
    status: 302,
    headers: { location: dashboard, 'content-length': '0' },
  });
}

/** Where people find the dashboard, behind the address of the host. */
export const DASHBOARD_PATH = '/dashboard';

/** What a browser sees at `/`: that the host runs, as the Functions host shows it too. */
function homePage(dashboard: string | undefined): Response {
  const link =
    dashboard === undefined
      ? ''
      : `<p>Durable functions: <a href="${dashboard}">the dashboard</a>.</p>\n`;
  return new Response(HOME_PAGE.replace('{{dashboard}}', link), {
    headers: { 'content-type': 'text/html; charset=utf-8' },
  });
}

const HOME_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Function app</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:4rem auto;max-width:40rem;padding:0 1rem}</style>
</head>
<body>
<h1>Your function app is up and running</h1>
<p>Functions: <a href="/admin/functions">/admin/functions</a>. State of the host: <a href="/admin/host/status">/admin/host/status</a>.</p>
{{dashboard}}</body>
</html>
`;
