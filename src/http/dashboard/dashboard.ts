/**
 * The dashboard beside the management API: a page that is a client of it, with the key that the user gives it. The files hold nothing
 * of the hub, so whoever may see that there is a host may have them: a browser cannot send a key with an address that is typed.
 */
import { isBelow } from '../canonical-path.ts';
import type { ManagementAccess } from '../management/management-access.ts';
import { readQuery } from '../management/query.ts';
import { emptyResponse, jsonResponse, messageResponse, type FetchHandler } from '../responses.ts';
import { dashboardFiles, PAGE } from './dashboard-files.ts';

export interface DashboardOptions {
  /** Of the management API, as requests have it; the dashboard is at `<basePath>/dashboard/`. */
  readonly basePath: string;
  /** Of the management API. */
  readonly access: ManagementAccess;
  /** Whether what cannot be undone is offered: who has the key can do it by the API all the same. */
  readonly allowsDangerous: boolean;
  readonly taskHub: string;
  /** Of this package. */
  readonly version: string;
}

const SEGMENT = 'dashboard';

/** Where the dashboard of an API is. */
export function dashboardPath(basePath: string): string {
  return `${basePath}/${SEGMENT}/`;
}

/** Nothing of others, and nobody shows the page in a page of his own, where its buttons could be pressed unseen. */
const HEADERS = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
} as const;

export function withDashboard(api: FetchHandler, options: DashboardOptions): FetchHandler {
  const path = `${options.basePath}/${SEGMENT}`;
  return {
    fetch: async (request) => {
      const url = new URL(request.url);
      if (request.method !== 'GET' || !isBelow(url.pathname, path)) return await api.fetch(request);
      const name = url.pathname.slice(path.length);
      if (name === '/session') return await session(request, options);
      return (
        options.access.refusePage(request) ??
        // Relative, as its files and the API are to the page: a proxy may have the path of its own.
        (name === '' ? redirect(`${SEGMENT}/${url.search}`) : await file(name.slice(1), url))
      );
    },
  };
}

/** Tells who has the key what the page has to know before it asks for anything. */
async function session(
  request: Request,
  { access, allowsDangerous, taskHub, version }: DashboardOptions,
): Promise<Response> {
  const query = readQuery(new URL(request.url));
  const refusal = await access.refuse({ request, query, changes: false });
  if (refusal) return refusal;
  const { isReadOnly } = access;
  const body = JSON.stringify({ taskHub, isReadOnly, allowsDangerous, version });
  return jsonResponse(200, body, { 'cache-control': 'no-store' });
}

async function file(name: string, url: URL): Promise<Response> {
  const files = await dashboardFiles();
  if (files.size === 0) {
    return messageResponse(404, 'The dashboard is not built. Run `npm run build`.');
  }
  const found = files.get(name === '' ? PAGE : name);
  if (found === undefined) return emptyResponse(404);
  const isPage = found.contentType.startsWith('text/html');
  const isNamedByContent = /-[A-Z0-9]{8}\.\w+$/.test(name);
  return new Response(isPage ? found.text.replaceAll('{{query}}', codeQuery(url)) : found.text, {
    headers: {
      ...HEADERS,
      'content-type': found.contentType,
      'cache-control': isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache',
    },
  });
}

/** Where a host in front of us asks for a key, it asks for the one of the page with each of its files. */
function codeQuery(url: URL): string {
  const code = readQuery(url).text('code');
  return code === undefined ? '' : `?code=${encodeURIComponent(code)}`;
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { location, 'content-length': '0' } });
}
