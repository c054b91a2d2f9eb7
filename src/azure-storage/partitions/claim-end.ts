/** Until when a row of the partitions table holds: by the clock of storage, since clocks of machines differ by minutes. */
import { isOurWorker } from './worker-name.ts';

/** What a row tells, in ms since the epoch. */
export interface ClaimTimes {
  /** By the clock of whoever wrote them. */
  readonly lastRenewalMs?: number | undefined;
  readonly expiresAtMs?: number | undefined;
  /** By the clock of storage. */
  readonly writtenMs?: number | undefined;
}

/**
 * Counted from when the row was written, by how long its writer wanted it to last.
 * @param who has it, or is to have it.
 * @returns in ms since the epoch; undefined: as long as the name stands there.
 */
export function claimEndMs(who: string, times: ClaimTimes): number | undefined {
  const { writtenMs, lastRenewalMs, expiresAtMs } = times;
  if (expiresAtMs === undefined) return undefined;
  if (writtenMs === undefined || lastRenewalMs === undefined) return expiresAtMs;
  const endMs = writtenMs + Math.max(0, expiresAtMs - lastRenewalMs);
  // Who asks for a row writes it, too. Times that our own workers wrote are storage's, and not changed by that.
  return isOurWorker(who) ? Math.min(endMs, expiresAtMs) : endMs;
}
