/**
 * How long a text may be that an app gives to be stored. What storage does not hold would be tried again for ever: it is refused where
 * it comes from, so that code can catch it.
 */
import type { BackendLimits } from './backend-limits.ts';
import { InvalidInputError } from './errors.ts';

type PayloadLimits = Pick<BackendLimits, 'maxPayloadBytes'>;

/** No character takes more in JSON. */
const MOST_BYTES = 6;
/** A failure is told several times in one message. */
const FAILURE_SHARE = 8;
/** In characters: of a text that is too long for a failure. */
const SHORTENED_LENGTH = 10_000;

/** @param what begins the message: `The result of activity function 'F'`. @returns undefined when the text can be stored. */
export function payloadProblem(
  { maxPayloadBytes }: PayloadLimits,
  text: string | null,
  what: () => string,
): string | undefined {
  if (fits(text, maxPayloadBytes)) return undefined;
  return `${what()} is too long to be stored: it takes more than ${maxPayloadBytes} bytes. Keep such data in a file or blob of the app's own, and hand on its name.`;
}

/** The same for what comes from outside. @throws {InvalidInputError} */
export function checkPayload(limits: PayloadLimits, text: string | null, what: () => string): void {
  const problem = payloadProblem(limits, text, what);
  if (problem !== undefined) throw new InvalidInputError(problem);
}

/** What a failure says, or the beginning of it. */
export function failureText({ maxPayloadBytes }: PayloadLimits, text: string): string {
  if (fits(text, maxPayloadBytes / FAILURE_SHARE)) return text;
  return `${text.slice(0, SHORTENED_LENGTH)}… (${text.length} characters in all)`;
}

/** Whether the text, as a string within JSON and in UTF-8, takes no more bytes. */
function fits(text: string | null, maxBytes: number): boolean {
  if (text === null || text.length * MOST_BYTES <= maxBytes) return true;
  if (text.length > maxBytes) return false;
  let bytes = 0;
  for (let index = 0; index < text.length && bytes <= maxBytes; index++) {
    bytes += bytesOf(text.charCodeAt(index));
  }
  return bytes <= maxBytes;
}

function bytesOf(unit: number): number {
  if (unit === 0x22 || unit === 0x5c) return 2;
  if (unit < 0x20) return MOST_BYTES;
  if (unit < 0x80) return 1;
  // A pair of surrogates takes four.
  return unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
}
