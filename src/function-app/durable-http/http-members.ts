/** Reading members of a request that JavaScript or .NET wrote: names in any case, durations as TimeSpan text or milliseconds. */
import { inspect } from 'node:util';
import { ownMember } from '../../base/own-member.ts';
import { parseTimeSpan } from '../../base/timespan.ts';
import { InvalidInputError } from '../../core/errors.ts';

type JsonRecord = Readonly<Record<string, unknown>>;

/** The member of this name; failing that, the first that differs in case only, as Newtonsoft.Json does. */
export function memberOf(raw: JsonRecord, name: string): unknown {
  if (Object.hasOwn(raw, name)) return ownMember(raw, name);
  const lower = name.toLowerCase();
  return Object.entries(raw).find(([key]) => key.toLowerCase() === lower)?.[1];
}

/**
 * Milliseconds, whatever their sign.
 * @throws {InvalidInputError} for what is neither a number nor TimeSpan text.
 */
export function durationMs(raw: unknown, what: string): number {
  const ms = typeof raw === 'string' ? parseTimeSpan(raw) : raw;
  if (typeof ms === 'number' && Number.isFinite(ms)) return ms;
  throw new InvalidInputError(
    `The ${what} ${inspect(raw)} of callHttp is no duration. Give milliseconds as a number, or text such as '00:00:30'.`,
  );
}
