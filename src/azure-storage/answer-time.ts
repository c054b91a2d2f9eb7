/** When storage answered, by its own clock, which is cut to whole seconds: clocks of machines may be minutes off. */

/** @param date the header of that name. @returns in ms since the epoch; undefined when an answer does not tell. */
export function answerTimeMs(date: string | undefined): number | undefined {
  const timeMs = Date.parse(date ?? '');
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
