/** Times for people: how long ago, with the whole time behind it. */
import { signal } from '@preact/signals';

/** Goes on once a second while the page is seen. */
export const now = signal(Date.now());

setInterval(() => {
  if (document.visibilityState === 'visible') now.value = Date.now();
}, 1_000);

const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** `3 min ago`. @param time ISO 8601. */
export function Ago({ time }: { readonly time: string }) {
  const passedMs = now.value - Date.parse(time);
  return (
    <time dateTime={time} title={wholeTime(time)}>
      {passedMs < 1_000 ? 'now' : `${largestUnit(passedMs)} ago`}
    </time>
  );
}

/** `in 3 min`, or that it is due. @param time ISO 8601. */
export function DueIn({ time }: { readonly time: string }) {
  const leftMs = Date.parse(time) - now.value;
  return (
    <time dateTime={time} title={wholeTime(time)}>
      {leftMs <= 0 ? 'due' : `in ${durationText(leftMs - (leftMs % 1_000))}`}
    </time>
  );
}

/** In the zone of the browser, to the millisecond where it is known. */
export function wholeTime(time: string): string {
  const date = new Date(time);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const ms = /\.\d/.test(time) ? `.${String(date.getMilliseconds()).padStart(3, '0')}` : '';
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}${ms}`;
}

/** `1 h 4 min`, `12.3 s`, `340 ms`. */
export function durationText(ms: number): string {
  if (ms < 1) return '0 s';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(1))} s`;
  const first = UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = UNITS[first] ?? ['s', 1_000];
  const [smaller, smallerSize] = UNITS[first + 1] ?? ['s', 1_000];
  const rest = Math.floor((ms % size) / smallerSize);
  return `${Math.floor(ms / size)} ${unit}${rest === 0 ? '' : ` ${rest} ${smaller}`}`;
}

function largestUnit(ms: number): string {
  const [unit, size] = UNITS.find(([, each]) => ms >= each) ?? ['s', 1_000];
  return `${Math.floor(ms / size)} ${unit}`;
}
