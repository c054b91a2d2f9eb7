/** Time that a test moves: due callbacks run when it does. */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/base/clock.ts';

export interface MovedTime extends Clock {
  /** The delays asked for, in order. */
  readonly delays: number[];
  /** Moves on to the next due callback, runs it and lets what it began go on. False if nothing waits. */
  fireNext(): Promise<boolean>;
  /** Moves on without firing. */
  pass(ms: number): void;
}

export function movedTime(start: string): MovedTime {
  let now = Date.parse(start);
  const waiting = new Set<{ readonly at: number; readonly callback: () => void }>();
  const delays: number[] = [];
  return {
    delays,
    now: () => now,
    schedule(delayMs, callback) {
      delays.push(delayMs);
      const entry = { at: now + delayMs, callback };
      waiting.add(entry);
      return () => waiting.delete(entry);
    },
    async fireNext() {
      const [first] = [...waiting].sort((a, b) => a.at - b.at);
      if (first === undefined) return false;
      waiting.delete(first);
      now = Math.max(now, first.at);
      first.callback();
      await settled();
      return true;
    },
    pass(ms) {
      now += ms;
    },
  };
}

/** Lets everything run that waits for no timer. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
}
