/**
 * Where a time is on the time line. Long stretches in which nothing happens would press all that does into a few pixels: they are cut
 * to a short one each.
 */

export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface TimeScale {
  /** 0 at the beginning, 1 at the end; times outside are put to the nearer of them. */
  readonly at: (ms: number) => number;
  /** What was cut. */
  readonly gaps: readonly Interval[];
}

/** A gap is cut that is longer than this part of everything else. */
const LONGEST_GAP = 0.2;
/** What is left of a gap, of everything else. */
const CUT_TO = 0.04;

/** @param busy when something happens; any order, may overlap. */
export function timeScale(
  whole: Interval,
  busy: readonly Interval[],
  { cutsGaps }: { readonly cutsGaps: boolean },
): TimeScale {
  const gaps = cutsGaps ? longGaps(whole, busy) : [];
  const lengthOf = ({ fromMs, toMs }: Interval): number => toMs - fromMs;
  const gapsMs = gaps.reduce((sum, gap) => sum + lengthOf(gap), 0);
  const restMs = lengthOf(whole) - gapsMs;
  // Times are whole milliseconds: of what took less than one, nothing but gaps may be left.
  const cutMs = Math.max(restMs, Number(restMs === 0)) * CUT_TO;
  const allMs = restMs + gaps.length * cutMs;
  const at = (ms: number): number => {
    const time = Math.min(whole.toMs, Math.max(whole.fromMs, ms));
    let shown = time - whole.fromMs;
    for (const gap of gaps) {
      if (time <= gap.fromMs) break;
      const passed = Math.min(time, gap.toMs) - gap.fromMs;
      shown -= passed - (passed / lengthOf(gap)) * cutMs;
    }
    return Math.min(1, shown / allMs);
  };
  return { at, gaps };
}

function longGaps(whole: Interval, busy: readonly Interval[]): readonly Interval[] {
  const idle: Interval[] = [];
  let reachedMs = whole.fromMs;
  for (const { fromMs, toMs } of [...busy].sort((a, b) => a.fromMs - b.fromMs)) {
    if (fromMs > reachedMs) idle.push({ fromMs: reachedMs, toMs: fromMs });
    reachedMs = Math.max(reachedMs, toMs);
  }
  if (whole.toMs > reachedMs) idle.push({ fromMs: reachedMs, toMs: whole.toMs });
  // The longest first: each that is cut makes the rest shorter.
  const sorted = idle.sort((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs));
  const cut: Interval[] = [];
  let restMs = whole.toMs - whole.fromMs;
  for (const gap of sorted) {
    const gapMs = gap.toMs - gap.fromMs;
    if (gapMs < 1 || gapMs <= (restMs - gapMs) * LONGEST_GAP) break;
    cut.push(gap);
    restMs -= gapMs;
  }
  return cut.sort((a, b) => a.fromMs - b.fromMs);
}
