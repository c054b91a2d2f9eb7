/**
 * When messages of a queue become visible that this process left there: of each only the time is known, so that whoever polls
 * need not find it by chance. One bit per quarter of a second of the next week, 300 KB however many they are: storage hides
 * nothing for longer. It never wakes more often than once a second; a poll that was woken is followed by others soon.
 */
import type { Clock } from '../../base/clock.ts';

const TICK_MS = 250;
const TICKS = (7 * 24 * 3_600_000) / TICK_MS;
const BITS = 32;
const WORDS = TICKS / BITS;
const MIN_GAP_MS = 1_000;

export class WakeTimes {
  readonly #clock: Clock;
  readonly #wake: () => void;
  /** Bit of a tick: its number modulo TICKS. */
  #bits: Uint32Array | undefined;
  #next: { readonly tick: number; readonly cancel: () => void } | undefined;
  #lastWakeMs = -Infinity;

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Wakes at `timeMs` (since the epoch), or up to a second later. What is more than a week ahead, or past, is left out. */
  add(timeMs: number): void {
    const nowMs = this.#clock.now();
    const tick = Math.ceil(timeMs / TICK_MS);
    if (timeMs <= nowMs || tick - Math.floor(nowMs / TICK_MS) >= TICKS) return;
    this.#bits ??= new Uint32Array(WORDS);
    const { word, mask } = placeOf(tick);
    this.#bits[word] = (this.#bits[word] ?? 0) | mask;
    if (this.#next === undefined || tick < this.#next.tick) this.#setTimer(tick);
  }

  clear(): void {
    this.#next?.cancel();
    this.#next = undefined;
    this.#bits = undefined;
  }

  #setTimer(tick: number): void {
    this.#next?.cancel();
    const fromMs = Math.max(tick * TICK_MS, this.#lastWakeMs + MIN_GAP_MS);
    // At least 1 ms: timers of Node may fire a little early, and the clock decides.
    const delayMs = Math.max(fromMs - this.#clock.now(), 1);
    const cancel = this.#clock.schedule(delayMs, () => {
      this.#goOn(tick);
    });
    this.#next = { tick, cancel };
  }

  #goOn(tick: number): void {
    const nowMs = this.#clock.now();
    if (nowMs < tick * TICK_MS) {
      this.#setTimer(tick);
      return;
    }
    this.#next = undefined;
    const next = this.#takeUntil(tick, Math.floor(nowMs / TICK_MS));
    this.#lastWakeMs = nowMs;
    if (next === undefined) this.clear();
    else this.#setTimer(next);
    this.#wake();
  }

  /** Forgets the ticks that are over. Answers the first that is not. */
  #takeUntil(from: number, last: number): number | undefined {
    const end = from + TICKS;
    let tick: number | undefined = from;
    while (tick !== undefined && tick <= last) {
      const { word, mask } = placeOf(tick);
      if (this.#bits !== undefined) this.#bits[word] = (this.#bits[word] ?? 0) & ~mask;
      tick = this.#find(tick + 1, end);
    }
    return tick;
  }

  /** The first tick that is set, from `from` on and before `end`. */
  #find(from: number, end: number): number | undefined {
    for (let tick = from; tick < end; tick += BITS - (tick % BITS)) {
      const { word } = placeOf(tick);
      const left = (this.#bits?.[word] ?? 0) & (-1 << (tick % BITS));
      if (left === 0) continue;
      const found = tick - (tick % BITS) + lowestBit(left);
      return found < end ? found : undefined;
    }
    return undefined;
  }
}

/** TICKS is a multiple of BITS: a tick has the same bit in each week. */
function placeOf(tick: number): { readonly word: number; readonly mask: number } {
  return { word: Math.floor((tick % TICKS) / BITS), mask: 1 << (tick % BITS) };
}

function lowestBit(bits: number): number {
  return BITS - 1 - Math.clz32(bits & -bits);
}
