import { describe, expect, it } from 'vitest';
import { passedTime } from '../../src/base/passed-time.ts';

function clocks() {
  const at = { wallMs: 1_000_000, monotonicMs: 500 };
  return {
    at,
    passed: passedTime(
      () => at.wallMs,
      () => at.monotonicMs,
    ),
  };
}

describe('the time that may have passed', () => {
  it('is that of the monotonic clock while the machine is awake', () => {
    const { at, passed } = clocks();
    const startMs = passed();
    for (let step = 0; step < 1_000; step += 1) {
      at.monotonicMs += 0.3;
      at.wallMs = 1_000_000 + Math.round(at.monotonicMs - 500);
      passed();
    }
    expect(passed() - startMs).toBeCloseTo(300, 5);
  });

  it('counts a sleep of the machine, in which the monotonic clock stood still', () => {
    const { at, passed } = clocks();
    const startMs = passed();
    at.monotonicMs += 10;
    at.wallMs += 3_600_010;
    expect(passed() - startMs).toBe(3_600_010);
    at.monotonicMs += 5;
    at.wallMs += 5;
    expect(passed() - startMs).toBe(3_600_015);
  });

  it('never goes back when the clock on the wall is set back', () => {
    const { at, passed } = clocks();
    const startMs = passed();
    at.wallMs -= 120_000;
    at.monotonicMs += 10;
    expect(passed() - startMs).toBe(10);
  });
});
