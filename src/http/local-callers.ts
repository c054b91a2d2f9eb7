/**
 * A door without keys is for whoever is on this machine. Web pages are not, though the browser that shows one is: what a page asks
 * for comes from here, too. A browser says on whose behalf it asks, in headers that no page can change:
 *
 * - `Origin` and `Sec-Fetch-Site` name the page. Pages of this host, and those that CORS allows, may come.
 * - `Host` is the name that was looked up. A page of `evil.example`, whose address its owner turns into 127.0.0.1, is of the same
 *   origin as this host by then; but it cannot call it by a name of this machine.
 *
 * Other clients send none of these headers but `Host`, or may send what they like: they need no browser to do harm.
 */
import { isIP } from 'node:net';
import { isListedOrigin, type CorsSettings } from './cors.ts';
import { messageResponse, type FetchHandler } from './responses.ts';

export interface LocalCallersOptions {
  /** By what names clients call this host besides those of this machine; with or without port. */
  readonly hostNames?: readonly string[];
  readonly cors?: Pick<CorsSettings, 'origins'> | undefined;
}

export class LocalCallers {
  readonly #names: ReadonlySet<string>;
  readonly #origins: readonly string[];

  constructor({ hostNames = [], cors }: LocalCallersOptions = {}) {
    this.#names = new Set([...NAMES_OF_THIS_MACHINE, ...hostNames.map(nameOf)]);
    this.#origins = cors?.origins ?? [];
  }

  /**
   * The answer to a request that no client of this machine sent; undefined for one that may go on.
   * @param changes false for what only reads.
   */
  refuse(request: Request, changes: boolean): Response | undefined {
    const host = request.headers.get('host') ?? new URL(request.url).host;
    if (!this.#isOwnName(nameOf(host))) {
      return messageResponse(
        403,
        `This host asks for no keys, so it answers this machine only, which has no name '${host.slice(0, 100)}'. Set WEBSITE_HOSTNAME to the name by which clients call it, or have it ask for keys (--enable-auth).`,
      );
    }
    const { headers } = request;
    const origin = headers.get('origin');
    const isOfPage = origin === null ? isForeign(headers, changes) : !this.#mayAsk(origin, host);
    if (!isOfPage) return undefined;
    return messageResponse(
      403,
      `Web pages of ${origin ?? 'other origins'} may not call this host, which asks for no keys. Allow them by Host.CORS in local.settings.json or by --cors.`,
    );
  }

  #isOwnName(name: string): boolean {
    // An address is no name: whoever calls by it did not look it up.
    return isIP(name) !== 0 || name.endsWith('.localhost') || this.#names.has(name);
  }

  #mayAsk(origin: string, host: string): boolean {
    if (isListedOrigin(origin, this.#origins)) return true;
    if (!URL.canParse(origin)) return false;
    const page = new URL(origin);
    const isOfProxy = !NAMES_OF_THIS_MACHINE.includes(page.hostname) && isIP(page.hostname) === 0;
    return page.host === host.toLowerCase() || (isOfProxy && this.#names.has(nameOf(page.host)));
  }
}

export function refuseOthers(
  app: FetchHandler,
  callers: LocalCallers,
  isOpen: (pathname: string) => boolean,
): FetchHandler {
  return {
    fetch: (request) => {
      if (isOpen(new URL(request.url).pathname)) return app.fetch(request);
      const reads = request.method === 'GET' || request.method === 'HEAD';
      return callers.refuse(request, !reads) ?? app.fetch(request);
    },
  };
}

/** The last one is what containers on this machine call it. */
const NAMES_OF_THIS_MACHINE: readonly string[] = ['localhost', 'host.docker.internal'];

/** Without an origin, a page may still have asked: by an image, or by a link, which is all right where it only shows something. */
function isForeign(headers: Headers, changes: boolean): boolean {
  const site = headers.get('sec-fetch-site');
  if (site === null || site === 'none' || site === 'same-origin') return false;
  return changes || headers.get('sec-fetch-mode') !== 'navigate';
}

/** `Localhost.:7071` → `localhost`, `[::1]:7071` → `::1`. */
function nameOf(host: string): string {
  const [, address, name] = /^\s*(?:\[([^\]]*)\]|([^:]*))(?::\d*)?\s*$/.exec(host) ?? [];
  return (address ?? name ?? host).toLowerCase().replace(/\.$/, '');
}
