/** .NET's `TimeSpan` text as timer schedules use it: `[d.]hh:mm[:ss[.fffffff]]`, a lone number of days, or `d:hh:mm:ss`. */
const DAY_MS = 86_400_000;
const DAYS = /^\s*(?<days>\d+)\s*$/;
const CLOCK =
  /^\s*(?:(?<days>\d+)[.:](?=\d+:\d+:))?(?:(?<days2>\d+)\.)?(?<hours>\d+):(?<minutes>\d+)(?::(?<seconds>\d+)(?<fraction>\.\d{1,7})?)?\s*$/;
const DAYS_HOURS_MINUTES = /^\s*(?<days>\d+):(?<hours>\d+):(?<minutes>\d+)\s*$/;

/**
 * Milliseconds, or undefined if the text is no (positive) time span. As in .NET, a first number that is no hour of a day
 * counts days: `24:00:00` is 24 days, where `23:00:00` is 23 hours.
 */
export function parseTimeSpan(text: string): number | undefined {
  for (const form of [DAYS, CLOCK, DAYS_HOURS_MINUTES]) {
    const groups = form.exec(text)?.groups;
    const ms = groups === undefined ? undefined : toMilliseconds(groups);
    if (ms !== undefined) return ms;
  }
  return undefined;
}

function toMilliseconds(groups: Readonly<Record<string, string | undefined>>): number | undefined {
  const number = (name: string): number => Number(groups[name] ?? 0);
  const [hours, minutes, seconds] = [number('hours'), number('minutes'), number('seconds')];
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  if (groups['days'] !== undefined && groups['days2'] !== undefined) return undefined;
  const days = number('days') + number('days2');
  const whole = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
  return whole * 1000 + number('fraction') * 1000;
}

/** `00:00:30`, `1.02:03:04.5000000`: .NET's constant format. */
export function formatTimeSpan(ms: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const days = Math.floor(ms / DAY_MS);
  const fraction = Math.round((ms % 1000) * 10_000);
  return [
    days > 0 ? `${days}.` : '',
    `${two((ms / 3_600_000) % 24)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}`,
    fraction > 0 ? `.${String(fraction).padStart(7, '0')}` : '',
  ].join('');
}
