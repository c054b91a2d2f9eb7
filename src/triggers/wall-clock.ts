/**
 * Local time for timers: what a clock on the wall shows at an instant, and back. Wall times are written as milliseconds "as if
 * in UTC". Schedules are wall times, so that daylight saving time needs care: once a year a wall time does not exist, once it exists twice.
 */
export interface WallClock {
  /** Minutes and hours that this place is ahead of UTC at the instant, in ms. */
  offsetAt(instantMs: number): number;
}

/** @param timeZone an IANA name. @default the time zone of the process */
export function createWallClock(timeZone?: string): WallClock {
  if (timeZone === undefined) {
    return { offsetAt: (instantMs) => -new Date(instantMs).getTimezoneOffset() * 60_000 };
  }
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  return {
    offsetAt(instantMs) {
      const name = format.formatToParts(instantMs).find((part) => part.type === 'timeZoneName');
      const match = /GMT([+-])(\d{2}):(\d{2})/.exec(name?.value ?? '');
      if (match === null) return 0; // plain 'GMT'
      const minutes = Number(match[2]) * 60 + Number(match[3]);
      return (match[1] === '-' ? -minutes : minutes) * 60_000;
    },
  };
}

const DAY_MS = 86_400_000;

/**
 * The instants at which the wall shows the time, earliest first: one, or two in the hour that repeats. A wall time that is
 * skipped gives the instant one gap later (02:30 becomes 03:30), as .NET does.
 */
export function instantsOf(clock: WallClock, wallMs: number): readonly [number, ...number[]] {
  const before = clock.offsetAt(wallMs - DAY_MS);
  const after = clock.offsetAt(wallMs + DAY_MS);
  const [first, second] = [...new Set([before, after])]
    .map((offset) => wallMs - offset)
    .filter((instant) => instant + clock.offsetAt(instant) === wallMs)
    .sort((a, b) => a - b);
  if (first === undefined) return [wallMs - before];
  return second === undefined ? [first] : [first, second];
}

/** The instant in (from, to] at which the offset changes from that of `from` to that of `to`. */
export function transitionBetween(clock: WallClock, fromMs: number, toMs: number): number {
  const offset = clock.offsetAt(fromMs);
  let [low, high] = [fromMs, toMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (clock.offsetAt(middle) === offset) low = middle;
    else high = middle;
  }
  return high;
}

/** ISO 8601 local time with offset, fractions only where there are any: `2026-11-21T03:25:00.0012+00:00` (Newtonsoft's form of a local DateTime). */
export function formatLocal(clock: WallClock, instantMs: number): string {
  const { seconds, fraction, offset } = localParts(clock, instantMs);
  return `${seconds}${fraction === '000' ? '' : `.${fraction.replace(/0+$/, '')}`}${offset}`;
}

/** .NET's round-trip format `o`: always seven digits of fraction. */
export function formatRoundTrip(clock: WallClock, instantMs: number): string {
  const { seconds, fraction, offset } = localParts(clock, instantMs);
  return `${seconds}.${fraction}0000${offset}`;
}

function localParts(clock: WallClock, instantMs: number): LocalParts {
  const offset = clock.offsetAt(instantMs);
  const iso = new Date(instantMs + offset).toISOString();
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const minutes = Math.abs(offset) / 60_000;
  return {
    seconds: iso.slice(0, 19),
    fraction: iso.slice(20, 23),
    offset: `${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`,
  };
}

interface LocalParts {
  readonly seconds: string;
  readonly fraction: string;
  readonly offset: string;
}
