/**
 * Links that open one operation on one instance, until they expire, so that whoever is given one needs no key and gets no further.
 * The signature covers operation, hub, instance and end; the rest of the query (a reason, `showHistory`) is the client's.
 */
import { createHmac } from 'node:crypto';
import type { LinkTarget } from '../management/management-urls.ts';
import { isSameSecret } from './key-value.ts';

export interface SignedLinksOptions {
  /** The key to sign with, asked each time: it may have been rotated. */
  readonly key: () => string;
  readonly lifetimeMs: number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** How a link says when it ends (seconds since the epoch), and that we made it. */
const END_PARAMETER = 'exp';
const SIGNATURE_PARAMETER = 'sig';

export type LinkVerdict = 'valid' | 'expired' | 'forged' | 'unsigned';

export class SignedLinks {
  readonly #options: SignedLinksOptions;
  readonly #now: () => number;

  constructor(options: SignedLinksOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** What the query of a link carries in place of a key. */
  sign(target: LinkTarget): string {
    const end = Math.floor((this.#now() + this.#options.lifetimeMs) / 1000);
    const signature = this.#signature(target, String(end));
    return `${END_PARAMETER}=${end}&${SIGNATURE_PARAMETER}=${signature}`;
  }

  /** @param query reads a parameter of the request, whatever its case. */
  verify(query: { text(name: string): string | undefined }, target: LinkTarget): LinkVerdict {
    const signature = query.text(SIGNATURE_PARAMETER);
    const end = query.text(END_PARAMETER);
    if (signature === undefined || end === undefined) return 'unsigned';
    if (!isSameSecret(signature, this.#signature(target, end))) return 'forged';
    return Number(end) * 1000 > this.#now() ? 'valid' : 'expired';
  }

  #signature({ operation, taskHub, connection, instanceId }: LinkTarget, end: string): string {
    const hub = [taskHub.toLowerCase(), connection.toLowerCase()];
    const content = JSON.stringify([operation, ...hub, instanceId, end]);
    return createHmac('sha256', this.#options.key()).update(content).digest('base64url');
  }
}
