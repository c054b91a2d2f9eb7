/**
 * Behind a gateway with an address, and maybe a path, of its own: requests get the URL that clients know them by, so that every link
 * and Location in the answers leads back through the gateway.
 */
import { requestTo } from './native-request.ts';
import type { FetchHandler } from './responses.ts';

export interface PublicAddress {
  /** `https://gateway.example` */
  readonly origin: string;
  /** What stands for the base path outside; without trailing slash: `/app/runtime/webhooks/durabletask`. */
  readonly path: string;
}

/** @param basePath what the paths of all requests begin with here. */
export function withPublicAddress(
  app: FetchHandler,
  basePath: string,
  { origin, path }: PublicAddress,
): FetchHandler {
  return {
    fetch: (request) => {
      const { pathname, search } = new URL(request.url);
      const url = `${origin}${path}${pathname.slice(basePath.length)}${search}`;
      return app.fetch(requestTo(url, request));
    },
  };
}
