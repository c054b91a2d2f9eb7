/**
 * Routes of the Functions host ignore case in their literal segments and tolerate a trailing slash; Hono's do neither.
 * This turns the path of a request into the spelling of the route it means, so that Hono can match it. Segments that are
 * values (ids, names) keep their case and their percent-encoding: Hono decodes them, once.
 */

/** A path that no route has. */
const NO_ROUTE = '/';

/**
 * @param pathname of the request, still percent-encoded.
 * @param basePath what all routes begin with, without trailing slash; compared ignoring case.
 * @param routes in Hono's spelling, relative to `basePath`: `/instances/:instanceId/terminate`.
 * @returns the path relative to `basePath`; one that no route matches when none means this path.
 */
export function canonicalPath(
  pathname: string,
  basePath: string,
  routes: readonly string[],
): string {
  const relative = withoutBase(pathname, basePath);
  // The .NET handler decodes before it splits, so that an encoded slash begins a segment that no route has.
  if (relative === undefined || /%2f/i.test(relative)) return NO_ROUTE;
  const segments = relative.replace(/\/+$/, '').split('/').slice(1);
  for (const route of routes) {
    const pattern = route.split('/').slice(1);
    if (
      pattern.length === segments.length &&
      pattern.every((part, i) => means(part, segments[i]))
    ) {
      return pattern
        .map((part, i) => `/${part.startsWith(':') ? (segments[i] ?? '') : part}`)
        .join('');
    }
  }
  return NO_ROUTE;
}

/** Whether the path is `basePath` itself or below it, ignoring case. */
export function isBelow(pathname: string, basePath: string): boolean {
  return withoutBase(pathname, basePath) !== undefined;
}

function withoutBase(pathname: string, basePath: string): string | undefined {
  if (pathname.slice(0, basePath.length).toLowerCase() !== basePath.toLowerCase()) return undefined;
  const relative = pathname.slice(basePath.length);
  return relative === '' || relative.startsWith('/') ? relative : undefined;
}

function means(part: string, segment: string | undefined): boolean {
  if (segment === undefined || segment === '') return false;
  return part.startsWith(':') || part.toLowerCase() === segment.toLowerCase();
}
