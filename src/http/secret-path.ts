/** For a port that every process of the machine can reach, and only who knows the first segment of the path may use. */
import { isSameSecret } from './keys/key-value.ts';
import { requestTo } from './native-request.ts';
import { emptyResponse, type FetchHandler } from './responses.ts';

/** @param app gets requests without that segment. */
export function behindSecretPath(app: FetchHandler, secret: string): FetchHandler {
  return {
    fetch(request) {
      const url = new URL(request.url);
      const [, given = '', rest = ''] = /^\/([^/]*)(.*)$/.exec(url.pathname) ?? [];
      if (!isSameSecret(given, secret)) return emptyResponse(404);
      url.pathname = rest;
      return app.fetch(requestTo(url, request));
    },
  };
}
