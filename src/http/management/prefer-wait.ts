/** The preference `wait` of a request: how many seconds the client would rather wait than be told to come again. RFC 7240. */
import { InvalidInputError } from '../../core/errors.ts';

/** Load balancers in front of function apps give up on a silent connection soon after. */
const LONGEST_WAIT_SECONDS = 230;

/**
 * @param header the value of `Prefer`, in which other preferences may stand, too.
 * @returns seconds, at most 230; undefined when the client does not ask for a wait. Of several the first counts.
 * @throws {InvalidInputError} when it is no whole number.
 */
export function readPreferredWait(header: string | undefined): number | undefined {
  for (const preference of splitPreferences(header ?? '')) {
    const [name = '', ...value] = (preference.split(';', 1)[0] ?? '').split('=');
    if (name.trim().toLowerCase() !== 'wait') continue;
    const text = value
      .join('=')
      .trim()
      .replace(/^"(.*)"$/, '$1');
    if (!/^\d+$/.test(text)) {
      throw new InvalidInputError(
        `The header Prefer says wait=${text}: it is a whole number of seconds, such as wait=30.`,
      );
    }
    return Math.min(Number(text), LONGEST_WAIT_SECONDS);
  }
  return undefined;
}

/** At commas, but not at those in quotes. */
function splitPreferences(header: string): readonly string[] {
  return header.match(/(?:"[^"]*"|[^,"])+/g) ?? [];
}
