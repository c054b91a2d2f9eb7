/**
 * Behind a proxy: requests get the address that the client used, from `X-Forwarded-Host` and `X-Forwarded-Proto`, so that links in
 * answers, and those that the SDK makes of the request's URL, lead back through the proxy. Only where host.json says so: whoever can
 * send these headers himself chooses where links, and the keys in them, lead. Mirrors HttpOptions.UseForwardedHost of the extension.
 */
import { requestTo } from './native-request.ts';
import type { FetchHandler } from './responses.ts';

export function withForwardedHost(app: FetchHandler): FetchHandler {
  return {
    fetch: (request) => {
      const url = forwardedUrl(request);
      return app.fetch(url === undefined ? request : requestTo(url, request));
    },
  };
}

/** Undefined unless both headers are there and make an address; with several proxies the first value is the client's. */
function forwardedUrl(request: Request): URL | undefined {
  const host = firstOf(request.headers.get('x-forwarded-host'));
  const scheme = firstOf(request.headers.get('x-forwarded-proto'))?.toLowerCase();
  if (host === undefined || (scheme !== 'http' && scheme !== 'https')) return undefined;
  if (!/^[A-Za-z0-9._-]+(:\d+)?$|^\[[0-9A-Fa-f:.]+\](:\d+)?$/.test(host)) return undefined;
  const { pathname, search } = new URL(request.url);
  const origin = `${scheme}://${host}`;
  return URL.canParse(origin) ? new URL(`${origin}${pathname}${search}`) : undefined;
}

function firstOf(header: string | null): string | undefined {
  const [first = ''] = header?.split(',') ?? [];
  return first.trim() === '' ? undefined : first.trim();
}
