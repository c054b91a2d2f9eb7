/** The admin API of the host, as far as local tools use it, under `/admin`. */
import { Hono } from 'hono';
import type { Logger } from '../../telemetry/log.ts';
import { canonicalPath } from '../canonical-path.ts';
import { problemResponse } from '../problem.ts';
import { limitRequests } from '../request-limits.ts';
import { emptyResponse, messageResponse } from '../responses.ts';
import {
  functionStatus,
  getFunction,
  listFunctions,
  runFunction,
  type AdminFunctions,
} from './functions.ts';
import { hostStatus, ping, type AdminHost } from './host-status.ts';
import { hostScale, type AdminScale } from './scale.ts';
import { KEY_ROUTES, mountKeys, type AdminKeys } from './keys.ts';

export const ADMIN_BASE_PATH = '/admin';

export interface AdminAppOptions {
  readonly host: AdminHost;
  readonly functions: AdminFunctions;
  /** @default the host has no hub to tell of: 404 */
  readonly scale?: AdminScale;
  /** @default the host runs without keys */
  readonly keys?: AdminKeys;
  /** Larger bodies answer 413. @default 104857600 */
  readonly bodyLimitBytes?: number | undefined;
  readonly log: Logger;
}

const ROUTES = [
  '/host/status',
  '/host/ping',
  '/host/scale',
  '/functions',
  '/functions/:name',
  '/functions/:name/status',
  ...KEY_ROUTES,
];

const NEEDS_JSON = 'The body must be JSON, and the Content-Type of the request application/json.';

/** Probes have no key. */
export function isPing(pathname: string): boolean {
  return canonicalPath(pathname, ADMIN_BASE_PATH, ROUTES) === '/host/ping';
}

export function createAdminApp(options: AdminAppOptions): Hono {
  const { host, functions, keys, scale, bodyLimitBytes, log } = options;
  const app = new Hono({
    getPath: (request) => canonicalPath(new URL(request.url).pathname, ADMIN_BASE_PATH, ROUTES),
  });
  limitRequests(app, bodyLimitBytes);
  app.get('/host/status', () => hostStatus(host));
  app.on(['GET', 'POST'], '/host/ping', ping);
  if (scale !== undefined) app.get('/host/scale', () => hostScale(scale));
  app.get('/functions', (context) => listFunctions(functions, new URL(context.req.url).origin));
  app.get('/functions/:name', (context) =>
    getFunction(functions, context.req.param('name'), new URL(context.req.url).origin),
  );
  app.get('/functions/:name/status', (context) =>
    functionStatus(functions, context.req.param('name')),
  );
  app.post('/functions/:name', async ({ req }) => {
    // A page may send any other content to any host without asking.
    if (!isJson(req.header('content-type'))) return messageResponse(415, NEEDS_JSON);
    return runFunction(functions, req.param('name'), await req.text(), log);
  });
  mountKeys(app, keys ?? { ring: undefined, isFunction: () => false });
  app.notFound(() => emptyResponse(404));
  app.onError((error) => problemResponse(error));
  return app;
}

/** As formatters of .NET take it: `application/json`, `text/json`, `application/problem+json`. */
function isJson(contentType = ''): boolean {
  return /^\s*(?:application|text)\/(?:[^\s;/]+\+)?json\s*(?:;|$)/i.test(contentType);
}
