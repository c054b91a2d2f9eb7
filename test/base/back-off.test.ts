import { describe, expect, it } from 'vitest';
import { PollBackoff, redeliveryPauseMs } from '../../src/base/back-off.ts';

const unhurried = (): number => 0.5;

describe('PollBackoff', () => {
  it('waits longer after each empty poll, up to the maximum', () => {
    const backoff = new PollBackoff(1_000, unhurried);

    const pauses = Array.from({ length: 7 }, () => backoff.nextMs());

    expect(pauses).toEqual([50, 100, 150, 250, 450, 850, 1_000]);
  });

  it('starts again after something was found', () => {
    const backoff = new PollBackoff(30_000, unhurried);
    for (let polls = 0; polls < 5; polls += 1) backoff.nextMs();

    backoff.reset();

    expect([backoff.nextMs(), backoff.nextMs()]).toEqual([50, 100]);
  });

  it('varies each pause by a fifth, so that workers do not poll in step', () => {
    const early = new PollBackoff(30_000, () => 0);
    const late = new PollBackoff(30_000, () => 1);
    early.nextMs();
    late.nextMs();

    expect([early.nextMs(), late.nextMs()]).toEqual([90, 110]);
  });

  it('never waits less than 50 ms', () => {
    expect(new PollBackoff(1, unhurried).nextMs()).toBe(50);
  });
});

describe('redeliveryPauseMs', () => {
  it('doubles from 2 s to 10 minutes', () => {
    expect([1, 2, 3, 9, 10, 1_000].map(redeliveryPauseMs)).toEqual([
      2_000, 4_000, 8_000, 512_000, 600_000, 600_000,
    ]);
  });
});
