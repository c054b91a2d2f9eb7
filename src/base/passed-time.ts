/**
 * How much time may have passed, for whoever holds something only for a while: a clock that never shows too little. The monotonic
 * clock stands still while the machine sleeps; then the one on the wall has jumped. It may have been set as well: that counts, too.
 */

/** Clocks are read one after the other, and the wall's is slewed now and then: what is less is no jump. */
const LEAST_JUMP_MS = 1_000;

export function passedTime(
  wallMs: () => number = Date.now,
  monotonicMs: () => number = () => performance.now(),
): () => number {
  let leadMs = wallMs() - monotonicMs();
  let jumpedMs = 0;
  return () => {
    const nowMs = monotonicMs();
    const jumpMs = wallMs() - nowMs - leadMs;
    if (Math.abs(jumpMs) >= LEAST_JUMP_MS) {
      leadMs += jumpMs;
      jumpedMs += Math.max(0, jumpMs);
    }
    return nowMs + jumpedMs;
  };
}
