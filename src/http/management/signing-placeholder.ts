/**
 * The SDKs make the links to an instance themselves: they replace a placeholder in each link, by `link.replace(placeholder, id)`. A
 * signature needs the id, so the placeholder signs the link when it is replaced: `String.replace` leaves the work to a pattern that
 * has `Symbol.replace`. A string object, because the SDKs also treat the placeholder as one of the links, and check that it is text.
 */

/** What a link to an instance is for: the names of operations in `OPERATIONS`. */
export type LinkOperation =
  'getStatus' | 'raiseEvent' | 'terminate' | 'rewind' | 'purge' | 'restart' | 'suspend' | 'resume';

/** What a link has where its signature will be, with the operation that it is for. */
export function unsigned(operation: LinkOperation): string {
  return `sig={${operation}}`;
}

const UNSIGNED = /\bsig=\{(\w+)\}/;

/** A string object with the behaviour above. */
export interface SigningPlaceholder {
  toString(): string;
  [Symbol.replace](link: { toString(): string }, instanceId: string): string;
}

export function signingPlaceholder(
  text: string,
  sign: (operation: LinkOperation, instanceId: string) => string,
): SigningPlaceholder {
  return Object.assign(Object(text) as object, {
    // Functions as replacements insert text as it is: an id may hold `$&`.
    [Symbol.replace]: (link: { toString(): string }, instanceId: string) =>
      link
        .toString()
        .replace(text, () => instanceId)
        .replace(UNSIGNED, (_, operation: LinkOperation) => sign(operation, instanceId)),
  });
}
