/** A clock that stands still until a test moves it. */
import { StandingClock } from '../../src/testing/standing-clock.ts';

export class HandClock extends StandingClock {
  constructor(nowMs = Date.parse('2026-01-31T10:00:00Z')) {
    super(nowMs);
  }

  /** Runs what is due until then, each at its time. */
  skip(ms: number): void {
    this.moveTo(this.now() + ms);
  }
}
