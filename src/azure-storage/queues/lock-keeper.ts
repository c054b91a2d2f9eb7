/** Renews the locks of all messages in the hands of this process, each shortly before it ends. */
import type { Logger } from '../../telemetry/log.ts';
import { locksRanOut, loopFailed } from '../../telemetry/log-events.ts';
import { PollBackoff } from '../../base/back-off.ts';
import { atMost } from '../../base/at-most.ts';
import type { MessageLock } from './message-lock.ts';
import type { Receipt } from './message-queue.ts';

const ROUND_MS = 1_000;
/** What was received together is due together, and is to be renewed in time also where each answer takes ten seconds. */
const MAX_PARALLEL_RENEWALS = 64;
/** While renewals fail, rounds become rarer, up to this. */
const LONGEST_PAUSE_MS = 8_000;
/** A round that is so late did not come because the process stood still: its thread was kept, or the machine slept. */
const STILL_MS = 5_000;
/** A clock that shows so much less than has passed was set back. What is less is slewing, and the two clocks being read one by one. */
const LEAST_STEP_MS = 1_000;

export interface LockKeeperOptions {
  readonly taskHub: string;
  readonly now: () => number;
  readonly log: Logger;
}

export class LockKeeper {
  readonly #options: LockKeeperOptions;
  readonly #locks = new Map<string, MessageLock>();
  #timer: NodeJS.Timeout | undefined;
  /** When the last round came: by `now`, and by the monotonic clock. */
  #roundMs = 0;
  #roundTickMs = 0;
  #isRenewing = false;
  /** Grows while renewals fail. */
  readonly #backoff = new PollBackoff(LONGEST_PAUSE_MS, Math.random, ROUND_MS);
  #nextRenewalMs = 0;

  constructor(options: LockKeeperOptions) {
    this.#options = options;
  }

  /** Keeps the lock until it ends. */
  keep(lock: MessageLock): void {
    this.#locks.set(lock.messageId, lock);
    if (this.#timer !== undefined) return;
    this.#roundMs = this.#options.now();
    this.#roundTickMs = performance.now();
    this.#timer = setInterval(() => void this.#round(), ROUND_MS).unref();
  }

  /** Hands the receipt of a message that arrived to the lock that is kept for it; false when there is none. */
  takeOver(receipt: Receipt): boolean {
    return this.#locks.get(receipt.messageId)?.takeOver(receipt) ?? false;
  }

  /**
   * Gives back every message that is still held: what runs for them is left to others. What could not be given back within
   * `patienceMs` comes to light when its lock ends.
   */
  async releaseAll(patienceMs: number): Promise<void> {
    const untilMs = performance.now() + patienceMs;
    const held = [...this.#locks.values()].filter((lock) => !lock.isEnded);
    await atMost(MAX_PARALLEL_RENEWALS, held, async (lock) => {
      if (performance.now() >= untilMs) {
        lock.abandon();
        return;
      }
      try {
        await lock.release(Math.max(0, lock.neededFromMs - this.#options.now()));
      } catch (error) {
        this.#logFailure(error);
      }
    });
  }

  async #round(): Promise<void> {
    for (const [id, lock] of this.#locks) if (lock.isEnded) this.#locks.delete(id);
    if (this.#locks.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    const nowMs = this.#options.now();
    this.#followClock(nowMs);
    this.#reportStandstill(nowMs);
    if (this.#isRenewing || performance.now() < this.#nextRenewalMs) return;
    this.#isRenewing = true;
    const due = [...this.#locks.values()].filter((lock) => lock.isDueForRenewal(nowMs));
    const isRenewed = await atMost(MAX_PARALLEL_RENEWALS, due, (lock) => this.#renew(lock));
    this.#isRenewing = false;
    if (isRenewed.includes(false)) {
      this.#nextRenewalMs = performance.now() + this.#backoff.nextMs();
    } else {
      this.#backoff.reset();
    }
  }

  /** Locks that were counted by a clock that is set back now would be renewed late by as much, when others have their messages. */
  #followClock(nowMs: number): void {
    const tickMs = performance.now();
    const backMs = tickMs - this.#roundTickMs - (nowMs - this.#roundMs);
    this.#roundTickMs = tickMs;
    if (backMs < LEAST_STEP_MS) return;
    for (const lock of this.#locks.values()) lock.clockWasSetBack(backMs);
  }

  #reportStandstill(nowMs: number): void {
    const { log, taskHub } = this.#options;
    const stillMs = nowMs - this.#roundMs - ROUND_MS;
    this.#roundMs = nowMs;
    if (stillMs < STILL_MS) return;
    const count = [...this.#locks.values()].filter((lock) => lock.hasRunOut(nowMs)).length;
    if (count > 0) locksRanOut(log, { taskHub, count, seconds: Math.round(stillMs / 1000) });
  }

  async #renew(lock: MessageLock): Promise<boolean> {
    try {
      await lock.renew(this.#options.now());
      return true;
    } catch (error) {
      this.#logFailure(error);
      return false;
    }
  }

  #logFailure(error: unknown): void {
    const { log, taskHub } = this.#options;
    loopFailed(log, { taskHub, loop: 'message lock renewal', pauseMs: ROUND_MS }, error);
  }
}
