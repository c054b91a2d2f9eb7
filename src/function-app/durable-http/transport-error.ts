/**
 * A request that got no answer: no connection, a broken one, or none in time. Worth another attempt. The texts for what
 * happens most are those of .NET, which people search for and compare with.
 */
import { ownMember } from '../../base/own-member.ts';

export class TransportError extends Error {}

const KNOWN_TEXTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  ENOTFOUND: 'Name or service not known',
  EAI_AGAIN: 'Temporary failure in name resolution',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ETIMEDOUT: 'Connection timed out',
};

/** The error of a socket → one that says what happened, and where. */
export function transportError(error: unknown, url: URL): TransportError {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  const known = typeof code === 'string' ? ownMember(KNOWN_TEXTS, code) : undefined;
  const text =
    known ?? `An error occurred while sending the request: ${String(message || code || error)}`;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return new TransportError(`${text} (${url.hostname}:${port})`, { cause: error });
}
