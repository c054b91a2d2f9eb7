/** @param sorted in ascending order. @param part 0.5 for the median. @returns undefined where there is nothing. */
export function percentile(sorted: readonly number[], part: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}
