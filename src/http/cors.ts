/**
 * Cross-origin answers, as `Host.CORS` of local.settings.json asks for them: any header, any method, the listed origins. They are
 * for all that is behind the public port, the management API too: pages poll the status links that functions give them.
 * Mirrors the CORS middleware that Core Tools sets up before everything else. Hono's `cors` takes every OPTIONS request for a preflight, so
 * that no function would see one, and allows credentials to origins that are not listed.
 */
import type { FetchHandler } from './responses.ts';

export interface CorsSettings {
  /** Origins as browsers send them, or `*`. */
  readonly origins: readonly string[];
  /** Allow cookies and authorization headers. */
  readonly allowCredentials: boolean;
}

export function withCors(app: FetchHandler, cors: CorsSettings): FetchHandler {
  return {
    async fetch(request) {
      const preflight = answerPreflight(request, cors);
      if (preflight !== undefined) return preflight;
      const response = await app.fetch(request);
      allowOrigin(response.headers, request, cors);
      return response;
    },
  };
}

/** The answer to a preflight request; undefined for any other request. A foreign origin gets no permission, but the same status. */
function answerPreflight(request: Request, cors: CorsSettings): Response | undefined {
  const method = request.headers.get('access-control-request-method');
  if (request.method !== 'OPTIONS' || method === null || !request.headers.has('origin')) {
    return undefined;
  }
  const headers = new Headers();
  if (allowOrigin(headers, request, cors)) {
    headers.set('access-control-allow-methods', method);
    const wanted = request.headers.get('access-control-request-headers');
    if (wanted !== null) headers.set('access-control-allow-headers', wanted);
  }
  return new Response(null, { status: 204, headers });
}

/** Adds the permission to an answer. `headers` may be changed. */
function allowOrigin(headers: Headers, request: Request, cors: CorsSettings): boolean {
  const origin = request.headers.get('origin');
  if (origin === null) return false;
  const allowsAll = cors.origins.includes('*');
  if (!isListedOrigin(origin, cors.origins)) return false;
  // With credentials browsers refuse the wildcard, so the origin is named.
  const isNamed = !allowsAll || cors.allowCredentials;
  headers.set('access-control-allow-origin', isNamed ? origin : '*');
  if (isNamed) headers.append('vary', 'Origin');
  if (cors.allowCredentials) headers.set('access-control-allow-credentials', 'true');
  return true;
}

/** @param origin as a browser sends it. @param listed as `CorsSettings` has them. */
export function isListedOrigin(origin: string, listed: readonly string[]): boolean {
  return listed
    .map((each) => each.trim().replace(/\/$/, '').toLowerCase())
    .some((each) => each === '*' || each === origin.toLowerCase());
}
