/**
 * Follows redirects by hand, because what proves who the caller is must not follow to another origin. Which status changes the
 * method, and which redirects are answers (no Location, another scheme, from https down to http), is as in .NET's
 * RedirectHandler; more than 50 are an error here, where .NET gives the last redirect as the answer.
 */
import { isCredentialHeader } from '../../base/credential-headers.ts';
import { findHeader, type HttpHeader } from './http-headers.ts';
import type { HttpAnswer, HttpClient, HttpMessage } from './http-client.ts';

export interface FinalAnswer extends HttpAnswer {
  /** Where the answer came from. */
  readonly url: URL;
}

const MAX_REDIRECTS = 50;
const REDIRECTS = [300, 301, 302, 303, 307, 308];

/** Belong to the connection or the content, not to the request as such. */
const CONTENT_HEADERS = /^content-/i;

/**
 * @throws what `client` throws, and an Error when there is no end to the redirects.
 */
export async function sendFollowingRedirects(
  client: HttpClient,
  first: HttpMessage,
  signal: AbortSignal,
): Promise<FinalAnswer> {
  let message = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const answer = await client(message, signal);
    const target = targetOf(answer, message.url);
    if (target === undefined) return { ...answer, url: message.url };
    message = redirected(message, answer.statusCode, target);
  }
  throw new Error(
    `The request to ${first.url.origin}${first.url.pathname} was redirected more than ${MAX_REDIRECTS} times, last to ${message.url.origin}${message.url.pathname}.`,
  );
}

function targetOf(answer: HttpAnswer, from: URL): URL | undefined {
  if (!REDIRECTS.includes(answer.statusCode)) return undefined;
  const location = findHeader(answer.headers, 'location');
  if (location === undefined || location === '' || !URL.canParse(location, from.href))
    return undefined;
  const target = new URL(location, from);
  const isDowngrade = from.protocol === 'https:' && target.protocol === 'http:';
  const isHttp = target.protocol === 'http:' || target.protocol === 'https:';
  return isHttp && !isDowngrade ? target : undefined;
}

function redirected(message: HttpMessage, statusCode: number, url: URL): HttpMessage {
  const becomesGet = isRepeatedAsGet(message.method, statusCode);
  const isOtherOrigin = url.origin !== message.url.origin;
  const isKept = ({ name }: HttpHeader): boolean => {
    if (becomesGet && CONTENT_HEADERS.test(name)) return false;
    return !isOtherOrigin || !(isCredentialHeader(name) || name.toLowerCase() === 'host');
  };
  return {
    method: becomesGet ? 'GET' : message.method,
    url,
    headers: message.headers.filter(isKept),
    body: becomesGet ? undefined : message.body,
  };
}

function isRepeatedAsGet(method: string, statusCode: number): boolean {
  if (statusCode === 303) return method !== 'GET' && method !== 'HEAD';
  return statusCode <= 302 && method === 'POST';
}
