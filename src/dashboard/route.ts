/**
 * Where the user is, in the part of the address behind `#`: the page works below any path, and what it shows can be sent to others.
 * `#/instances?status=Failed`, `#/instances/order-7`.
 */
import { signal } from '@preact/signals';

export interface Route {
  /** Decoded: `['instances', 'order-7']`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

function parseRoute(hash: string): Route {
  const [path = '', query = ''] = splitOnce(hash.replace(/^#\/?/, ''), '?');
  const segments = path.split('/').filter((segment) => segment !== '');
  return { path: segments.map(decoded), query: new URLSearchParams(query) };
}

export function routeHref(path: readonly string[], query?: URLSearchParams): string {
  const search = query?.toString() ?? '';
  return `#/${path.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

export const route = signal<Route>(parseRoute(globalThis.location.hash));

/** The page before this one, for lists that somebody comes back to. Empty for the first. */
let pathBefore: readonly string[] = [];

export function cameFrom(): readonly string[] {
  return pathBefore;
}

/** Tells whoever reads `route`, from now on. */
export function followAddress(): void {
  addEventListener('hashchange', () => {
    pathBefore = route.peek().path;
    route.value = parseRoute(location.hash);
  });
}

/** @param how.replaces whether the way back leads past the page as it is now. @default false */
export function goTo(href: string, { replaces = false } = {}): void {
  if (href === location.hash) return;
  if (!replaces) {
    location.hash = href;
    return;
  }
  history.replaceState(null, '', href);
  route.value = parseRoute(href);
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** A hash that somebody has typed may have a percent sign of its own. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
