/**
 * A queue message that is ours: invisible to others, and kept so until it is removed or released. Locks may come from a poll,
 * or from a put that was invisible from the start ("self-leased": then the message was never polled for).
 *
 * L1 The changes of one lock happen one after the other, each with the newest receipt.
 * L2 After `remove`, `release` or `abandon` a lock is never renewed again.
 * L3 A lock that storage says is lost stays usable: its message may arrive again by a poll, and brings a new receipt.
 */
import { MAX_INVISIBLE_MS, type MessageQueue, type Receipt } from './message-queue.ts';

/**
 * How long before its end a lock is renewed: a third of the lease, but never later than a keeper's round can miss, and at most what
 * storage may need that answers in ten seconds, with others before this one.
 */
const MAX_MARGIN_MS = 30_000;
const MIN_MARGIN_MS = 1_500;

export class MessageLock {
  readonly queue: MessageQueue;
  /** How long each renewal lasts, in ms. */
  readonly leaseMs: number;
  /** The message is not wanted before this time, and need not be renewed for use before. */
  neededFromMs: number;

  #receipt: Receipt;
  #phase: 'held' | 'lost' | 'removing' | 'released' | 'ended' = 'held';
  #tail: Promise<unknown> = Promise.resolve();

  constructor(queue: MessageQueue, receipt: Receipt, lease: { leaseMs: number; fromMs: number }) {
    this.queue = queue;
    this.leaseMs = lease.leaseMs;
    this.neededFromMs = lease.fromMs;
    this.#receipt = receipt;
  }

  get messageId(): string {
    return this.#receipt.messageId;
  }

  /** Whether nothing is left to do for this lock. */
  get isEnded(): boolean {
    return this.#phase === 'ended';
  }

  /**
   * The message arrived again by a poll. Answers true when it is still in our hands (or about to be removed): then only the
   * newest receipt counts. False means that it is a new delivery.
   */
  takeOver(receipt: Receipt): boolean {
    if (this.#phase === 'released' || this.#phase === 'ended') return false;
    this.#receipt = receipt;
    if (this.#phase === 'lost') this.#phase = 'held';
    return true;
  }

  /** Whether the message becomes visible so soon that it must be renewed now. */
  isDueForRenewal(nowMs: number): boolean {
    const marginMs = Math.min(MAX_MARGIN_MS, Math.max(this.leaseMs / 3, MIN_MARGIN_MS));
    return this.#phase === 'held' && this.#receipt.visibleAtMs - nowMs <= marginMs;
  }

  /** Whether others could have received the message meanwhile. */
  hasRunOut(nowMs: number): boolean {
    return this.#phase === 'held' && this.#receipt.visibleAtMs <= nowMs;
  }

  /** The clock by which the end of the lock was counted is set back: the lock ends as soon as before. */
  clockWasSetBack(byMs: number): void {
    const { visibleAtMs } = this.#receipt;
    this.#receipt = { ...this.#receipt, visibleAtMs: visibleAtMs - byMs };
  }

  renew(nowMs: number): Promise<void> {
    const untilMs = Math.max(nowMs, this.neededFromMs) + this.leaseMs;
    return this.#inTurn(async () => {
      if (this.#phase !== 'held') return;
      const before = this.#receipt;
      const renewed = await this.queue.changeVisibility(
        before,
        Math.min(untilMs - nowMs, MAX_INVISIBLE_MS),
      );
      // A poll may have brought a newer receipt meanwhile.
      if (this.#receipt !== before) return;
      if (renewed !== undefined) this.#receipt = renewed;
      else if (this.#isHeld()) this.#phase = 'lost';
    });
  }

  /** Deletes the message. One that is gone, or somebody else's by now, is left alone. */
  remove(): Promise<void> {
    this.#phase = 'removing';
    return this.#finally(async () => {
      const tried = this.#receipt;
      if (await this.queue.remove(tried)) return;
      if (this.#receipt !== tried) await this.queue.remove(this.#receipt);
    });
  }

  /**
   * Gives the message back: visible to everybody after `afterMs`. It can still be removed until somebody has received it.
   * @returns when it becomes visible, in ms since the epoch; undefined when it was not ours any more.
   */
  release(afterMs: number): Promise<number | undefined> {
    this.#phase = 'released';
    return this.#finally(async () => {
      const released = await this.queue.changeVisibility(this.#receipt, afterMs);
      if (released !== undefined) this.#receipt = released;
      return released?.visibleAtMs;
    });
  }

  /** Does nothing more for the message: it becomes visible to everybody when the lock ends. */
  abandon(): void {
    this.#phase = 'ended';
  }

  #isHeld(): boolean {
    return this.#phase === 'held';
  }

  #finally<Result>(change: () => Promise<Result>): Promise<Result> {
    return this.#inTurn(change).finally(() => {
      this.#phase = 'ended';
    });
  }

  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const turn = this.#tail.then(change);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}
