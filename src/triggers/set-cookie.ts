/**
 * An RPC cookie → a `Set-Cookie` header as ASP.NET Core writes it (RFC 6265): value percent-encoded, path `/` unless given. Hono's `serialize`
 * writes the attributes in another order and case, drops ages below zero, and throws for cookies that live longer than 400 days.
 */
import { InvalidInputError } from '../core/errors.ts';
import type { RpcHttpCookie } from '../function-app/rpc-typed-data.ts';

/** @throws {InvalidInputError} for a name, domain or path that would break the header. */
export function formatSetCookie(cookie: RpcHttpCookie): string {
  const { name } = cookie;
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
    throw new InvalidInputError(
      `The cookie name '${name}' is invalid; use letters, digits and the characters !#$%&'*+-.^_\`|~ only.`,
    );
  }
  const attributes = [`${name}=${encodeValue(cookie.value)}`];
  const add = (attribute: string, value: string | undefined): void => {
    if (value !== undefined) attributes.push(`${attribute}=${checkedAttribute(name, value)}`);
  };
  add('expires', expiresText(cookie));
  add('max-age', maxAgeText(cookie));
  add('domain', cookie.domain?.value);
  add('path', cookie.path?.value ?? '/');
  if (cookie.secure?.value === true) attributes.push('secure');
  add('samesite', SAME_SITE[cookie.sameSite ?? 'none']);
  if (cookie.httpOnly?.value === true) attributes.push('httponly');
  return attributes.join('; ');
}

const SAME_SITE: Readonly<Record<NonNullable<RpcHttpCookie['sameSite']>, string | undefined>> = {
  none: undefined,
  lax: 'lax',
  strict: 'strict',
  explicitNone: 'none',
};

function encodeValue(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function expiresText({ expires }: RpcHttpCookie): string | undefined {
  return expires == null ? undefined : new Date(expires.value.seconds * 1000).toUTCString();
}

function maxAgeText({ maxAge }: RpcHttpCookie): string | undefined {
  return maxAge == null ? undefined : String(Math.trunc(maxAge.value));
}

function checkedAttribute(name: string, value: string): string {
  if (!/[;\p{Cc}]/u.test(value)) return value;
  throw new InvalidInputError(
    `An attribute of the cookie '${name}' contains ';' or a control character: '${value}'.`,
  );
}
