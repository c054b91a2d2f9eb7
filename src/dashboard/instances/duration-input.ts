/** A length of time as people type it: `90`, `1.5 min`, `2h`. */

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['ms', 0.001],
  ['s', 1],
  ['m', 60],
  ['min', 60],
  ['h', 3_600],
  ['d', 86_400],
]);

/** @returns seconds; undefined for what is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(text.trim().toLowerCase());
  const seconds = UNITS.get(match?.[2] ?? 'none');
  return seconds === undefined ? undefined : Number(match?.[1]) * seconds;
}
