/**
 * How patient the tests are: one factor for every deadline of theirs, so that a slow or busy machine gets more time, and a quick
 * one does not wait longer than it must. vitest.config.ts measures it once, and hands it to all processes of the run by the
 * environment; whoever sets it there decides.
 */
import { availableParallelism, loadavg } from 'node:os';

const VARIABLE = 'DURABLE_TEST_PATIENCE';
/** What `someWork` takes on the machine on which the deadlines were chosen, left alone. */
const REFERENCE_MS = 40;
const MOST = 6;

/** The factor of this run: at least 1. */
export function patience(): number {
  return Math.max(1, Number(process.env[VARIABLE]) || 1);
}

/** A deadline of a test on this machine. @param timeoutMs what does on a quick machine that has nothing else to do. */
export function patient(timeoutMs: number): number {
  return timeoutMs * patience();
}

/** Of a test that takes long on a quick machine, too: processes, many instances, large payloads. */
export const LONG_MS = patient(120_000);
export const LONG = { timeout: LONG_MS } as const;

/**
 * Measures this machine, unless the environment says what it is to be.
 * @param workers how many test files run at a time.
 * @returns what the processes of the run are to be told.
 */
export function measuredPatience(workers: number): Readonly<Record<string, string>> {
  const chosen = process.env[VARIABLE];
  if (chosen !== undefined) return { [VARIABLE]: chosen };
  const begun = performance.now();
  someWork();
  const slowness = (performance.now() - begun) / REFERENCE_MS;
  // What others do now they will be doing for a while.
  const crowding = (workers + (loadavg()[0] ?? 0)) / availableParallelism();
  const factor = Math.min(MOST, Math.max(1, slowness, crowding));
  return { [VARIABLE]: factor.toFixed(1) };
}

function someWork(): number {
  let hash = 0;
  for (let round = 0; round < 20_000_000; round++) hash = Math.imul(hash ^ round, 0x01000193);
  return hash;
}
