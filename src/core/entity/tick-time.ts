/** Times with .NET's 100 ns ticks, which a Date cannot hold, as numbers that can be compared. */

/** Ticks since the epoch; 0 stands for "not set" (.NET's 0001-01-01). */
export type Ticks = bigint;

const TICKS_PER_MS = 10_000n;

/** Reads ISO 8601 with up to 7 fractional digits; a time without zone is UTC. Text that is no time is "not set". */
export function parseTicks(text: string | undefined): Ticks {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?(Z|[+-]\d\d:\d\d)?$/.exec(
    text ?? '',
  );
  if (!match) return 0n;
  const seconds = Date.parse(`${match[1] ?? ''}${match[3] ?? 'Z'}`);
  if (Number.isNaN(seconds) || seconds <= 0) return 0n;
  return BigInt(seconds) * TICKS_PER_MS + BigInt((match[2] ?? '').padEnd(7, '0'));
}

export function formatTicks(ticks: Ticks): string {
  if (ticks <= 0n) return UNSET_TIME;
  const ms = ticks / TICKS_PER_MS;
  const text = new Date(Number(ms)).toISOString();
  return `${text.slice(0, -1)}${String(ticks % TICKS_PER_MS).padStart(4, '0')}Z`;
}

export function ticksOfMs(ms: number): Ticks {
  return BigInt(Math.trunc(ms)) * TICKS_PER_MS;
}

/** What .NET writes for a time that is not set. */
export const UNSET_TIME = '0001-01-01T00:00:00';
