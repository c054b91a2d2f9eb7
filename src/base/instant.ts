/**
 * Points in time as ISO 8601 texts with up to seven fractional digits (100 ns), as .NET writes them and a Date cannot hold them.
 */
const TEXT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/;

/** Whether two texts name the same point in time, however they are written. A time without zone is UTC. */
export function isSameInstant(one: string, other: string): boolean {
  return one === other || ticksOf(one) === ticksOf(other);
}

/** @param subMs 0 to 9999: so many 100 ns after the millisecond. @returns ISO 8601, UTC, seven fractional digits. */
export function toInstant(ms: number, subMs: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}${String(subMs).padStart(4, '0')}Z`;
}

/** The text itself when it is no time. */
function ticksOf(text: string): string {
  const [, seconds, fraction = '', zone = 'Z'] = TEXT.exec(text) ?? [];
  if (seconds === undefined) return text;
  return `${Date.parse(seconds + zone)} ${fraction.slice(0, 7).padEnd(7, '0')}`;
}
