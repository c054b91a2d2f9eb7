/**
 * Who may pass: the key that a request presents, and what a door asks for. A level is met by a key of that level, and every level by
 * the master key. Mirrors AuthenticationLevelHandler and AuthUtility.PrincipalHasAuthLevelClaim of the Functions host.
 */
import type { KeyMatch, KeyRing } from './keys/key-ring.ts';
import { readQuery } from './management/query.ts';
import { emptyResponse, type FetchHandler } from './responses.ts';

/** `admin` opens what nobody else may see, too. */
export type Access = 'admin' | 'granted' | 'denied';

const KEY_HEADER = 'x-functions-key';
const KEY_PARAMETER = 'code';

/** The header comes first; undefined when the request has none, or an empty one. */
export function presentedKey(request: Request): string | undefined {
  const key =
    request.headers.get(KEY_HEADER) ?? readQuery(new URL(request.url)).text(KEY_PARAMETER);
  return key === undefined || key === '' ? undefined : key;
}

/** For the HTTP functions of the app. */
export function functionAccess(
  keys: KeyRing,
): (
  request: Request,
  fn: { readonly functionName: string; readonly authLevel: string },
) => Promise<Access> {
  return async (request, { functionName, authLevel }) => {
    const key = presentedKey(request);
    const match = key === undefined ? undefined : await keys.match(key, functionName);
    return accessOf(match, authLevel);
  };
}

function accessOf(match: KeyMatch | undefined, level: string): Access {
  if (match?.level === 'admin') return 'admin';
  return level === 'anonymous' || match?.level === level ? 'granted' : 'denied';
}

/** For the admin API; `isOpen` says which requests need no key. */
export function requireMasterKey(
  app: FetchHandler,
  keys: KeyRing,
  isOpen: (pathname: string) => boolean,
): FetchHandler {
  return {
    fetch: async (request) => {
      if (isOpen(new URL(request.url).pathname)) return await app.fetch(request);
      const key = presentedKey(request);
      const match = key === undefined ? undefined : await keys.match(key);
      return match?.level === 'admin' ? await app.fetch(request) : emptyResponse(401);
    },
  };
}
