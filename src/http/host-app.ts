/**
 * Everything behind the public port, in the order of the Functions host: what is built in comes before the functions, so that
 * no route of the app can hide it.
 */
import { errorText, text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { ADMIN_BASE_PATH } from './admin/admin-app.ts';
import { isBelow } from './canonical-path.ts';
import { emptyResponse, type FetchHandler } from './responses.ts';

interface BuiltIn {
  /** Without trailing slash; compared ignoring case. */
  readonly basePath: string;
  readonly app: FetchHandler;
}

export interface HostAppOptions {
  /** The management API, at each of its addresses. */
  readonly management: readonly BuiltIn[];
  /** Under `/admin`. */
  readonly admin: FetchHandler;
  /** The routes of the app's functions; undefined when none matches. */
  readonly fallback: (request: Request) => Promise<Response | undefined>;
  /** Whether `/` shows a page; it answers 204 otherwise. @default true */
  readonly hasHomePage?: boolean;
  readonly log: Logger;
}

/** Webhooks of extensions that are not there, and admin routes that we do not have, never reach functions. */
const RESERVED = '/runtime/webhooks';

export function createHostApp(options: HostAppOptions): FetchHandler {
  const builtIns: readonly BuiltIn[] = [
    ...options.management,
    { basePath: ADMIN_BASE_PATH, app: options.admin },
    { basePath: RESERVED, app: { fetch: () => emptyResponse(404) } },
  ];
  const answer = async (request: Request, pathname: string): Promise<Response> => {
    const builtIn = builtIns.find(({ basePath }) => isBelow(pathname, basePath));
    if (builtIn) return await builtIn.app.fetch(request);
    if (pathname === '/') return options.hasHomePage === false ? emptyResponse(204) : homePage();
    return (await options.fallback(request)) ?? emptyResponse(404);
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

/** What a browser sees at `/`: that the host runs, as the Functions host shows it too. */
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
</body>
</html>
`;

function homePage(): Response {
  return new Response(HOME_PAGE, { headers: { 'content-type': 'text/html; charset=utf-8' } });
}
